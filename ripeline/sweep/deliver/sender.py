"""Who writes: the sender identity of the settings, complete wherever mail is real."""

from ripeline.letter.data import Sender
from ripeline.letter.signature import Signer, read_signer
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
    if not is_sink and not settings.base_url.startswith("https://"):
        raise Refusal("RIPELINE_BASE_URL is no https address: the way out in real mail must be one (RFC 8058)")
    said = {name: getattr(settings, name) or STAND_INS[name] for name in NEEDED}
    return Sender(said["sender_name"], said["sender_address"], said["company"], said["postal_address"])


def signer_of(settings: Settings) -> Signer | None:
    """Return who signs mails here; None where no key is configured. A key that cannot be used raises Refusal: nothing goes out unsigned then."""
    if settings.dkim_key is None:
        return None
    file = settings.dkim_key if settings.dkim_key.is_absolute() else settings.home / settings.dkim_key
    return read_signer(file, (settings.dkim_domain or settings.sender_address.rpartition("@")[2]).lower(), settings.dkim_selector.lower())
