"""The report: what became of the leads, as numbers, as text for a terminal, as one HTML page that needs nothing else."""
