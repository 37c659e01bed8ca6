"""From files to values: what a marketer wrote, read strictly, with every mistake named by file and line."""
