"""What a check finds wrong with playbook/handoff.toml beyond its shape."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from types import MappingProxyType

from ripeline.decide.handoff import Away, HandoffRules, Rep
from ripeline.decide.hours import Span
from ripeline.decide.points import to_points
from ripeline.decide.problem import Problem

_NO_MARKETS: Mapping[str, int] = MappingProxyType({})


def check_handoff(
    rules: HandoffRules, zones: AbstractSet[str], countries: AbstractSet[str] = frozenset(), market_invite_at: Mapping[str, int] = _NO_MARKETS
) -> list[Problem]:
    """Return what is wrong with `rules`, in the order of the file.

    `zones` are the names that exist; `countries` those whose holidays are known (empty: not asked); `market_invite_at` the
    thresholds that markets set, in hundredths.
    """
    found = [*_thresholds(rules, market_invite_at), *_everybody(rules)]
    for at, rep in enumerate(rules.reps):
        found += [*_one(at, rep, rules), *_place(at, rep, zones, countries)]
    return found


def _thresholds(rules: HandoffRules, market_invite_at: Mapping[str, int]) -> Iterator[Problem]:
    if rules.offer_at is not None and rules.offer_at > rules.invite_at:
        what = f"offer_at {to_points(rules.offer_at)} is above invite_at {to_points(rules.invite_at)}."
        yield Problem(("offer_at",), what, "A card alone comes before a card with an invite: write it lower, or leave it out.")
    begins = {"": rules.threshold} | {f" of market '{name}'": at for name, at in market_invite_at.items()}
    for whose, at in begins.items():
        if rules.leave_at > at:
            what = f"leave_at {to_points(rules.leave_at)} is above {to_points(at)}, where a hand-off{whose} begins."
            yield Problem(("leave_at",), what, "A waiting lead would come and go at every run: write it lower.")
    if rules.cooling.is_business:
        yield Problem(("cooling",), f'cooling "{rules.cooling}" needs a calendar.', 'Write it in days or weeks, such as "60 days".')


def _everybody(rules: HandoffRules) -> Iterator[Problem]:
    if not rules.reps:
        yield Problem(("rep",), "nobody is there to take a lead.", "Write at least one [[rep]].")
    elif not any(rep.fallback for rep in rules.reps):
        remedy = "Leads of countries that nobody serves will wait: `ripeline handoffs` lists them."
        yield Problem(("rep",), "no rep has fallback = true.", remedy, is_warning=True)
    for key, word in (("name", "name"), ("email", "address")):
        seen: set[str] = set()
        for at, rep in enumerate(rules.reps):
            value: str = getattr(rep, key)
            if value.casefold() in seen:
                yield Problem(("rep", at, key), f"two reps have the {word} '{value}'.", "Hand-offs and meetings are kept by it: let each have their own.")
            seen.add(value.casefold())


def _one(at: int, rep: Rep, rules: HandoffRules) -> Iterator[Problem]:
    if not rep.countries and not rep.fallback:
        remedy = "No lead can ever go there: write countries = [ … ] or fallback = true."
        yield Problem(("rep", at, "countries"), f"rep '{rep.name}' serves no country and is no fallback.", remedy)
    if _minutes(rep.hours) < rules.meeting.length.span.total_seconds() / 60:
        what = f"rep '{rep.name}': hours {rep.hours} are shorter than a meeting of {rules.meeting.length}."
        yield Problem(("rep", at, "hours"), what, "Write longer hours or a shorter meeting.")
    if gone := _longest_absence(rep):
        what = f"rep '{rep.name}' is away from {gone.first} to {gone.last}, more than a year."
        yield Problem(("rep", at, "away"), what, "Nobody can wait for them: take the rep out until they are back.")
    if rep.calendar:
        remedy = "Only meetings that Ripeline proposed are kept free."
        yield Problem(("rep", at, "calendar"), f"rep '{rep.name}': calendars are not read yet.", remedy, is_warning=True)


def _place(at: int, rep: Rep, zones: AbstractSet[str], countries: AbstractSet[str]) -> Iterator[Problem]:
    if rep.zone not in zones:
        yield Problem(("rep", at, "zone"), f"rep '{rep.name}': no time zone is called '{rep.zone}'.", "Write an IANA name, such as Europe/Oslo.")
    for code in rep.countries:
        if len(code) != 2 or not code.isupper():
            remedy = "Write an ISO 3166 code of two capital letters, such as NO."
            yield Problem(("rep", at, "countries"), f"rep '{rep.name}': '{code}' is not a country.", remedy)
    home = rep.holiday_country
    if home is None:
        remedy = 'Write home = "NL" (their country), else meetings may fall on their public holidays.'
        yield Problem(("rep", at, "home"), f"rep '{rep.name}' has no home.", remedy, is_warning=True)
    elif countries and home not in countries:
        remedy = "Only their weekdays count: meetings may fall on their holidays."
        yield Problem(("rep", at, "home"), f"rep '{rep.name}': no public holidays are known for '{home}'.", remedy, is_warning=True)


def _longest_absence(rep: Rep) -> Away | None:
    """Return an absence of more than a year, entries that follow one another taken as one; None where there is none."""
    whole: Away | None = None
    for away in sorted(rep.away, key=lambda each: each.first):
        joins = whole is not None and away.first <= whole.last + timedelta(days=7)
        whole = whole.model_copy(update={"last": max(whole.last, away.last)}) if whole and joins else away
        if whole.last - whole.first > timedelta(days=365):
            return whole
    return None


def _minutes(span: Span) -> int:
    return (span.closes.hour - span.opens.hour) * 60 + span.closes.minute - span.opens.minute
