"""The standing system on one machine: child processes that end when we do, a Prefect server, and all of it together."""
