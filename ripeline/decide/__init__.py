"""Pure judgement: frames and plain values in, the same out. Never a clock, a database, a file, the network, Prefect."""
