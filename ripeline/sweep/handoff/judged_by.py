"""What one pass of the sweep judges by."""

from dataclasses import dataclass
from datetime import datetime

from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings


@dataclass(frozen=True)
class JudgedBy:
    """The playbook that is live, the operator's settings, and the instant (aware, UTC) that counts as now."""

    playbook: Playbook
    settings: Settings
    now: datetime
