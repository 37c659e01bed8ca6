"""The sweeps: gather, decide, record. The only place where tables, judgement and the outside world meet."""
