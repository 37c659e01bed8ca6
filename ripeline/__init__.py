"""The engine: lead scoring and nurture automation. Pure judgement in `decide`, the outside world in `connect`, rows in `sweep`."""
