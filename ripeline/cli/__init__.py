"""The command line: a file a family of commands, nothing but typer imported until one runs."""
