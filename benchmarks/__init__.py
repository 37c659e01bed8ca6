"""What must be fast, measured as ratios against a named referee in the same run."""
