"""The demonstration: two thousand made-up people, ten virtual days, every flow run for real, and nothing leaves the machine."""
