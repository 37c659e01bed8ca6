"""Two stored leads that are one person become one."""

from ripeline.sweep.merge.merging import merge_leads

__all__ = ["merge_leads"]
