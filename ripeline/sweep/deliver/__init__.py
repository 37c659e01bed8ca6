"""The deliver sweep: the one door out. It claims due messages, looks at each again, writes it late, and hands it to a channel.

Unlike the other sweeps it commits at every step: between a message's final dot and the answer no transaction can help, so the
row itself says how far it came (RELIABILITY decisions 3 to 5). Who died before the dot is tried again, who died after it is
in doubt: seen by people, never sent twice by itself.
"""

from ripeline.sweep.deliver.due import due, planned_count
from ripeline.sweep.deliver.pending import suppress_pending
from ripeline.sweep.deliver.round import Stopped, deliver

__all__ = ["Stopped", "deliver", "due", "planned_count", "suppress_pending"]
