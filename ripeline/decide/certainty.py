"""How sure we may be of the zone that a lead is taken to live in, by where it came from."""

from enum import StrEnum


class Certainty(StrEnum):
    """From what the lead said itself to what is assumed of everybody."""

    STATED = "stated"
    PLACED = "placed"
    LIKELY = "likely"
    ASSUMED = "assumed"


_BY_SOURCE = {
    "lead": Certainty.STATED,
    "city": Certainty.PLACED,
    "region": Certainty.PLACED,
    "country": Certainty.PLACED,
    "phone": Certainty.PLACED,
    "activity": Certainty.LIKELY,
    "mobile": Certainty.LIKELY,
    "fallback": Certainty.ASSUMED,
    "default": Certainty.ASSUMED,
}


def certainty_of(source: str) -> Certainty:
    """Return how sure a zone with this source (`Zone.source`) is; what was passed over on the way stands in brackets there and does not count.

    stated: the lead's own zone. placed: its city, its region, a country that has one zone alone, or a fixed telephone line. likely: the hours at
    which it is active, or a mobile number, which people take along. assumed: the playbook's choice.
    """
    return _BY_SOURCE[_first(source)]


def is_known(source: str) -> bool:
    """Return whether a zone with this source follows from what a lead said of itself, so that nothing need be inferred."""
    return _first(source) in {"lead", "city", "region", "country"}


def _first(source: str) -> str:
    return source.split(" (", 1)[0]
