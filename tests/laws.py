"""How often a law is tried: a profile says how thorough a run is, and each law how many of its examples a run can afford."""

from typing import Any

from hypothesis import settings

USUAL, THOROUGH = 30, 25
"""Examples of a law that asks for no other number, and how many times as many `make proof` tries."""

settings.register_profile("here", deadline=None, max_examples=USUAL, derandomize=True)
settings.register_profile("proof", deadline=None, max_examples=USUAL * THOROUGH, derandomize=False, print_blob=True)
settings.load_profile("here")


def tried(examples: int, **more: Any) -> settings:
    """Return the settings of a law that is tried on so many examples; in a thorough run on as many more as any other."""
    return settings(max_examples=examples * settings().max_examples // USUAL, **more)
