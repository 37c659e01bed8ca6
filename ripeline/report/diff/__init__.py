"""Two scorecards side by side over the real base: who would stand elsewhere."""
