"""Telephone numbers: which zone of its country a number belongs to. The only module that knows phonenumbers, and it loads it when first asked."""

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ripeline.zones import clocks_of

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


class Line(StrEnum):
    """What a number says of where its owner is: a fixed line stands there; a mobile was once bought there and goes where its owner goes."""

    FIXED = "phone"
    MOBILE = "mobile"


class Dialled(NamedTuple):
    """The zone (IANA) that a number belongs to, and how much that tells."""

    zone: str
    line: Line


@lru_cache(maxsize=65_536)
def zone_of_number(number: str, country: str) -> Dialled | None:
    """Return the zone of `country` (ISO 3166-1 alpha-2) that a number belongs to, written as people there or abroad write it.

    None: it is no number, one of another country, one that is called from everywhere alike (toll-free), or its area has several zones.
    North American numbers do not tell mobiles from fixed lines, and move with their owners: they count as mobiles.
    """
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_geographical_number

    try:
        found = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    code = phonenumbers.country_code_for_region(country)
    line = _line(found, code) if found.country_code == code else None
    named = set(time_zones_for_geographical_number(found))
    clocks = [zones for zones in clocks_of(country) if named & set(zones)]
    if line is None or len(clocks) != 1 or not named <= set(clocks[0]):
        return None
    return Dialled(next(zone for zone in clocks[0] if zone in named), line)


def _line(number: "PhoneNumber", country_code: int) -> Line | None:
    """Return what line this is; None: none that has a place, or no number that was ever given out."""
    from phonenumbers import PhoneNumberType, is_number_type_geographical, number_type

    lines = {PhoneNumberType.FIXED_LINE: Line.FIXED, PhoneNumberType.MOBILE: Line.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE: Line.MOBILE}
    kind = number_type(number)
    return lines.get(kind) if is_number_type_geographical(kind, country_code) else None
