"""Places: which zone the cities and regions of countries with several zones lie in; playbook/places.toml as values."""

from collections.abc import Iterator
from functools import cached_property

from pydantic import Field, field_validator

from ripeline.decide.entry import Entry
from ripeline.zones import PlaceKey, known_zone, place_key

Names = dict[str, tuple[str, ...]]


class Country(Entry):
    """Regions and cities by the zone they lie in. A region goes by its code (ISO 3166-2 without the country) and its names."""

    region: Names = Field(default_factory=dict)
    city: Names = Field(default_factory=dict)

    @field_validator("region", "city")
    @classmethod
    def _zones_exist(cls, names: Names) -> Names:
        for zone in names:
            if known_zone(zone) is None:
                raise ValueError(f"zone {zone!r} does not exist: write an IANA name such as America/Denver")
        return names


class Places(Entry):
    """All of playbook/places.toml, by country (ISO 3166-1 alpha-2), without which no place counts: many a London is not in England.

    Cities that a zone is called after need no entry.
    """

    country: dict[str, Country] = Field(default_factory=dict)

    @cached_property
    def zones(self) -> dict[PlaceKey, str]:
        """Return the zone of every place, as `zones.zone_of` looks them up."""
        return {place_key(kind, country, name): zone for kind, country, name, zone in self._entries()}

    def _entries(self) -> Iterator[tuple[str, str, str, str]]:
        for country, places in self.country.items():
            for kind, by_zone in (("region", places.region), ("city", places.city)):
                yield from ((kind, country, name, zone) for zone, names in by_zone.items() for name in names)
