"""The two ways in which the outside world fails. A connector maps its library's errors to them once, at its border."""


class Temporary(Exception):
    """Trying again later may help: out of reach, busy, too slow. The sentence names the thing and the remedy, and no person."""


class Permanent(Exception):
    """Trying again will not help: a person must look. The sentence names the thing and the remedy, and no person."""
