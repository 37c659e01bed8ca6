"""Routing: which rep gets a lead. By country, then language, then who has most room; never anybody who is away or full."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ripeline.decide.handoff import Rep

RECENT = timedelta(days=28)
"""How far back hand-offs count when two reps are equally loaded."""

_SAME_SPEECH = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil"}


@dataclass(frozen=True)
class Load:
    """What a rep has got: hand-offs that wait for their answer, and all that they were offered in the RECENT past."""

    open: int = 0
    recent: int = 0


@dataclass(frozen=True)
class Routing:
    """Who gets a lead and why; `rep` None: nobody can take it now, and `because` says what stands in the way of whom."""

    rep: Rep | None
    because: str


@dataclass(frozen=True)
class Desk:
    """Sales as it stands. `today` gives the date on a rep's own clock; loads by name, absent: none."""

    reps: Sequence[Rep]
    today: Callable[[Rep], date]
    loads: Mapping[str, Load] = field(default_factory=dict)

    def load(self, rep: Rep) -> Load:
        return self.loads.get(rep.name, Load())


def choose_rep(lead_id: int, country: str | None, language: str | None, desk: Desk) -> Routing:
    """Return who takes the lead.

    Circles are asked in turn: who serves the country and speaks the language (None: any), who serves the country, fallback
    reps who speak the language, fallback reps who speak English. Within a circle the one with the smallest share of open
    hand-offs in capacity wins; equal shares: who was offered least for the days they were there, so that nobody has to catch
    up after a holiday; still equal: a hash of lead and rep, the same in every run.
    """
    absent: list[str] = []
    for circle, why in _circles(country, language, desk.reps):
        free = [rep for rep in circle if _stopped_because(rep, desk) is None]
        if free:
            chosen = min(free, key=lambda rep: _preference(lead_id, rep, desk))
            load = desk.load(chosen)
            told = [f"{chosen.name} {why}", f"{load.open} of {chosen.capacity} open", *([", ".join(absent)] if absent else [])]
            return Routing(chosen, "; ".join(told))
        absent += [f"{rep.name} {_stopped_because(rep, desk)}" for rep in circle]
    whom = f"leads of {country}" if country else "leads of unknown country"
    return Routing(None, ", ".join(absent) or f"nobody serves {whom}, and no fallback rep can talk to them")


def speaks(rep: Rep, language: str) -> bool:
    """Return whether a rep speaks a language given as a CLDR or BCP 47 id; script and territory do not matter to the ear."""
    return _spoken(language) in {_spoken(each) for each in rep.languages}


def _spoken(language: str) -> str:
    subtag = language.replace("-", "_").split("_", 1)[0].lower()
    return _SAME_SPEECH.get(subtag, subtag)


def _circles(country: str | None, language: str | None, reps: Sequence[Rep]) -> list[tuple[list[Rep], str]]:
    """Return who is asked, first to last, each rep in the first circle that fits, and why that circle."""
    asked: set[str] = set()
    circles: list[tuple[list[Rep], str]] = []
    for fits, why in _questions(country, language):
        circle = [rep for rep in reps if rep.name not in asked and fits(rep)]
        asked |= {rep.name for rep in circle}
        circles.append((circle, why))
    return circles


def _questions(country: str | None, language: str | None) -> list[tuple[Callable[[Rep], bool], str]]:
    understands = f" and speaks {language}" if language else ""
    return [
        (lambda rep: country in rep.countries and (language is None or speaks(rep, language)), f"serves {country}{understands}"),
        (lambda rep: country in rep.countries, f"serves {country}, but does not speak {language}"),
        (lambda rep: rep.fallback and language is not None and speaks(rep, language), f"takes any country{understands}"),
        (lambda rep: rep.fallback and speaks(rep, "en"), "takes any country in English"),
    ]


def _stopped_because(rep: Rep, desk: Desk) -> str | None:
    """Return why a rep can take nobody now, or None if they can."""
    today = desk.today(rep)
    away = next((away for away in rep.away if today in away), None)
    if away is not None:
        return f"is away until {away.last}"
    if desk.load(rep).open >= rep.capacity:
        return f"is full ({desk.load(rep).open} of {rep.capacity} open)"
    return None


def _preference(lead_id: int, rep: Rep, desk: Desk) -> tuple[float, float, bytes]:
    load = desk.load(rep)
    present = max(1, _days_present(rep, desk.today(rep)))
    lot = hashlib.blake2b(f"{lead_id}:{rep.name}".encode(), digest_size=8).digest()
    return load.open / rep.capacity, load.recent / (rep.capacity * present), lot


def _days_present(rep: Rep, today: date) -> int:
    """Return on how many of the RECENT days a rep was there, weekends included."""
    days = (today - timedelta(days=back) for back in range(1, RECENT.days + 1))
    return sum(not rep.is_away(day) for day in days)
