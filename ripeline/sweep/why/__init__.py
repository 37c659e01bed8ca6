"""Why a lead gets its next touch when it does, or why not: told by the very judgement of `segment`, `schedule` and `deliver`.

Nothing here decides: the sweeps are asked what they would do with this one lead now, and nothing is kept.
"""

from ripeline.sweep.why.answer import Ahead, Kept, Slot, Why
from ripeline.sweep.why.asking import why

__all__ = ["Ahead", "Kept", "Slot", "Why", "why"]
