"""How sure we may be of the zone that a lead is taken to live in, by where it came from."""

from enum import StrEnum


class Certainty(StrEnum):
    """From what the lead said itself to what is assumed of everybody."""

    STATED = "stated"
    PLACED = "placed"
    ASSUMED = "assumed"


_BY_SOURCE = {
    "lead": Certainty.STATED,
    "city": Certainty.PLACED,
    "region": Certainty.PLACED,
    "country": Certainty.PLACED,
    "fallback": Certainty.ASSUMED,
    "default": Certainty.ASSUMED,
}


def certainty_of(source: str) -> Certainty:
    """Return how sure a zone with this source (`Zone.source`) is; what was passed over on the way stands in brackets there and does not count.

    stated: the lead's own zone. placed: its city, its region, or a country that has one zone alone. assumed: the playbook's choice.
    """
    return _BY_SOURCE[source.split(" (", 1)[0]]
