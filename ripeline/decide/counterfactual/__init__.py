"""Counterfactuals: what would have to happen for a score to be another, and what becomes of it if nothing does."""
