"""What a check finds wrong with touches beyond their shape: letters that are not there, ways to nowhere, days that nobody has."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from ripeline.decide.calendar import WORLD
from ripeline.decide.condition import BadCondition, Condition
from ripeline.decide.fields import Field, FieldType
from ripeline.decide.literal import did_you_mean
from ripeline.decide.problem import Problem
from ripeline.decide.staging import Read
from ripeline.decide.touch import Touch
from ripeline.decide.track import Track
from ripeline.decide.turn import day_of

ANSWERS = ("mail_clicked", "mail_opened")

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Ground:
    """What touches may name: `templates` are the folders below templates/email/, `touches` the names of all tracks' touches, old ones included."""

    templates: AbstractSet[str]
    touches: AbstractSet[str]
    fields: Mapping[str, Field]
    read: Read


def check_touches(track: Track, ground: Ground) -> Iterator[Problem]:
    """Yield what is wrong with the touches of one track, in their order."""
    for number, touch in enumerate(track.touches):
        yield from _letters(number, touch, ground)
        yield from _ways(number, touch, track)
        yield from _day(number, touch, ground)
        for place, text in _conditions(number, touch):
            yield from check_condition(place, f"touch '{touch.name}'", text, ground.read, ground.touches)


def check_days(track: Track, today: date) -> Iterator[Problem]:
    """Yield a warning for each touch of one track whose day is past."""
    for number, touch in enumerate(track.touches):
        if isinstance(touch.on, date) and (day := day_of(touch, touch.on, today, WORLD)) < today:
            said = f"{touch.day_text}, {day}" if touch.before or touch.after else f"{day}"
            what = f"touch '{touch.name}' is for {said}, which is past: nobody gets it any more."
            yield Problem(("touch", number, "on"), what, "Take it out, or give it another name and another date.", is_warning=True)


def _letters(number: int, touch: Touch, ground: Ground) -> Iterator[Problem]:
    remedy = f"make templates/email/%s/, or name one of the {len(ground.templates)} that are there"
    for folder in touch.folders:
        if folder not in ground.templates:
            what = f"touch '{touch.name}': no template '{folder}'."
            yield Problem(_place_of(number, touch, folder), what, did_you_mean(folder, ground.templates, remedy % folder))


def _place_of(number: int, touch: Touch, folder: str) -> Place:
    if touch.choose:
        return "touch", number, "choose", next(at for at, choice in enumerate(touch.choose) if choice.template == folder), "template"
    return "touch", number, "split" if touch.split else "template" if touch.template else "name"


def _ways(number: int, touch: Touch, track: Track) -> Iterator[Problem]:
    if touch.choose and touch.choose[-1].when is not None:
        what = f"touch '{touch.name}': the last choice has a condition, so some have no way on."
        yield Problem(("touch", number, "choose"), what, "End with a choice without 'when': for everybody else, and for those who may not be tracked.")
    for at, choice in enumerate(touch.choose):
        if choice.when is None and at < len(touch.choose) - 1:
            what = f"touch '{touch.name}': a choice without 'when' is taken by everybody, so those after it are never asked."
            yield Problem(("touch", number, "choose", at), what, "Put it last.")
        if choice.go_to:
            yield from _goes(("touch", number, "choose", at, "go_to"), number, touch, choice.go_to, track)


def _goes(place: Place, number: int, touch: Touch, target: str, track: Track) -> Iterator[Problem]:
    ahead = track.position(target)
    later = [each.name for each in track.touches[number + 1 :]]
    if ahead is None:
        yield Problem(place, f"touch '{touch.name}' goes to '{target}', which this track does not have.", did_you_mean(target, later, _named(later)))
    elif ahead <= number:
        what = f"touch '{touch.name}' goes back to '{target}': that is a loop, and nobody gets a touch twice."
        yield Problem(place, what, did_you_mean("", [], _named(later)))


def _named(later: list[str]) -> str:
    return f"later come: {', '.join(later)}" if later else "no touch comes later: leave the choice out"


def _day(number: int, touch: Touch, ground: Ground) -> Iterator[Problem]:
    place = ("touch", number, "on")
    if isinstance(touch.on, str):
        known = ground.fields.get(touch.on)
        dates = [name for name, field in ground.fields.items() if field.type in (FieldType.DATE, FieldType.INSTANT)]
        if known is None:
            yield Problem(place, f"touch '{touch.name}': unknown field '{touch.on}'.", did_you_mean(touch.on, dates, f"dates are: {', '.join(dates)}"))
        elif known.name not in dates:
            yield Problem(place, f"touch '{touch.name}': {touch.on} is a {known.type}, not a date.", did_you_mean("", [], f"dates are: {', '.join(dates)}"))


def _conditions(number: int, touch: Touch) -> Iterator[tuple[Place, str]]:
    if touch.when is not None:
        yield ("touch", number, "when"), touch.when
    for at, choice in enumerate(touch.choose):
        if choice.when is not None:
            yield ("touch", number, "choose", at, "when"), choice.when


def check_condition(place: Place, owner: str, text: str, read: Read, touches: AbstractSet[str] | None = None) -> Iterator[Problem]:
    """Yield why a condition cannot be read, what it may not mean to say, and answers to touches that there are not; None: any name will do."""
    try:
        condition = read(text)
    except BadCondition as bad:
        yield Problem(place, f"{owner}: {bad.what}.", bad.remedy)
        return
    yield from (Problem(place, f"{owner}: {caution}", is_warning=True) for caution in condition.cautions)
    known = touches or frozenset()
    for name in asked_touches(condition) if touches is not None else ():
        if name not in known:
            yield Problem(
                place, f"{owner}: no track has a touch '{name}', so nobody answers it.", did_you_mean(name, known, "name a touch of playbook/tracks/")
            )


def asked_touches(condition: Condition) -> list[str]:
    """Return the touches whose clicks or opens a condition asks for."""
    return sorted({str(value) for each in condition.features if each.of in ANSWERS for name, value in each.where if name == "touch"})
