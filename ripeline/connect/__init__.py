"""The outside world: a module a service, grouped by family."""
