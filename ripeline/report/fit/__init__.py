"""How well a scorecard tells who converts: judged on the past, by the same engine."""
