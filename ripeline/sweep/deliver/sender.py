"""Who writes: the sender identity of the settings, complete wherever mail is real."""

from ripeline.letter.data import Sender
from ripeline.settings import Settings
from ripeline.values import Refusal

NEEDED = ("sender_address", "sender_name", "company", "postal_address")

STAND_INS = {
    "sender_address": "sender@ripeline.invalid",
    "sender_name": "Your name",
    "company": "Your company",
    "postal_address": "Your postal address",
}
"""What stands in a mail that stays with us while a setting is empty: a name nobody can own (RFC 2606)."""


def sender_of(settings: Settings, *, is_sink: bool) -> Sender:
    """Return who writes. Into a sink, stand-ins fill what is not set; real mail without a whole identity raises Refusal (CAN-SPAM, CASL)."""
    missing = [f"RIPELINE_{name.upper()}" for name in NEEDED if not getattr(settings, name)]
    if missing and not is_sink:
        raise Refusal(f"{', '.join(missing)} not set: real mail says who sends it and where they live")
    said = {name: getattr(settings, name) or STAND_INS[name] for name in NEEDED}
    return Sender(said["sender_name"], said["sender_address"], said["company"], said["postal_address"])
