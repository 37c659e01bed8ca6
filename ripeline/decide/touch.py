"""Touches: the steps of a track, each with its turn, its condition, its ways on and its variants."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, NamedTuple, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ripeline.decide.duration import Duration, Elapsed, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.window import WindowChange

NAME = r"^[a-z0-9][a-z0-9_-]*$"


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


FormerNames = Annotated[tuple[Annotated[str, Field(pattern=NAME)], ...], BeforeValidator(_listed)]

HOLD_OUT = "hold_out"
"""The variant of those who get nothing, so that the others can be compared with them."""

GO_TO = "go_to:"
"""How the variant begins of a lead that went on to another touch."""

WENT_ON = "went_on:"
"""How it begins once the lead was moved to an edited track: what it was led past is told touch by touch from then on."""


class Choice(Entry):
    """One way on: the first whose `when` holds is taken; the last has none, for everybody else, and for those who may not be tracked.

    template: this letter goes. go_to: no letter, on to a later touch of the track; what lies between is passed over.
    """

    when: str | None = None
    template: str = ""
    go_to: str = ""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if bool(self.template) == bool(self.go_to):
            raise ValueError("a choice has either a 'template' or a touch to 'go_to'")
        return self


class Arm(NamedTuple):
    """One side of a split: its name, its folder below templates/email/, and the leads' shares that fall to it, from … up to but not at …."""

    variant: str
    template: str
    since: float
    until: float


class Touch(Entry):
    """One step. `name` is its own in its track, for ever; `template` is a folder below templates/email/, the name if not given.

    wait: since entering, or since the last touch went out; days, weeks and business days count dates on the lead's calendar,
    hours pass as they do. on: a date attribute of the lead, or a date; `before` or `after` it, every year if `yearly`.
    when: asked when its moment comes; where it does not hold, the touch is skipped. choose, split: which letter. hold_out: per cent
    of the leads that get nothing. expires: so long after it could first have gone, the touch is skipped rather than sent stale.
    was: the name it had before, or all it ever had: whoever answered it under one of them answered it.
    """

    name: str = Field(pattern=NAME)
    was: FormerNames = ()
    template: str = ""
    wait: Duration = Duration(0, Unit.HOUR)
    on: date | str | None = None
    before: Duration | None = None
    after: Duration | None = None
    yearly: bool = False
    when: str | None = None
    choose: tuple[Choice, ...] = ()
    split: Mapping[str, Annotated[float, Field(gt=0, le=1000)]] = Field(default_factory=dict)
    hold_out: float = Field(default=0, ge=0, lt=100)
    window: WindowChange | None = None
    expires: Elapsed | None = None

    @field_validator("before", "after")
    @classmethod
    def _counts_dates(cls, distance: Duration | None) -> Duration | None:
        if distance is not None and distance.unit not in (Unit.DAY, Unit.WEEK, Unit.BUSINESS_DAY):
            raise ValueError("'before' and 'after' count dates: write them in days, weeks or business days")
        return distance

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        letters = [key for key in ("template", "choose", "split") if getattr(self, key)]
        if len(letters) > 1:
            raise ValueError(f"touch '{self.name}' says {' and '.join(letters)}: which letter goes is said once")
        if self.hold_out and self.choose:
            raise ValueError(f"touch '{self.name}' has choose and hold_out: hold out where one letter, or a split, is compared with none")
        if self.on is None and "wait" not in self.model_fields_set:
            raise ValueError(f"touch '{self.name}' says neither 'wait' nor 'on': when does it go?")
        if self.on is None and (self.before or self.after or self.yearly):
            raise ValueError(f"touch '{self.name}' says 'before', 'after' or 'yearly' of nothing: name a date attribute, such as on = \"contract_ends\"")
        if self.before and self.after:
            raise ValueError(f"touch '{self.name}' says both 'before' and 'after': it goes once")
        if self.name in self.was:
            raise ValueError(f"touch '{self.name}' was always called so: leave out 'was'")
        return self

    @property
    def folder(self) -> str:
        """Return the folder below templates/email/ of the letter that goes where nothing else is chosen."""
        if self.choose:
            return next((choice.template for choice in reversed(self.choose) if choice.template), self.name)
        return next(iter(self.split), "") or self.template or self.name

    @property
    def folders(self) -> tuple[str, ...]:
        """Return every folder that a letter of this touch may come from."""
        if self.choose:
            return tuple(dict.fromkeys(choice.template for choice in self.choose if choice.template))
        return tuple(self.split) or (self.folder,)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Return who gets what by lot: the held-out first, then each letter by its weight; none where everybody gets the same."""
        if not self.split and not self.hold_out:
            return ()
        weights = dict(self.split) or {self.folder: 1.0}
        arms, since, rest = [], self.hold_out / 100, 1 - self.hold_out / 100
        if since:
            arms.append(Arm(HOLD_OUT, self.folder, 0.0, since))
        for letter, weight in weights.items():
            until = since + rest * weight / sum(weights.values())
            arms.append(Arm(letter, letter, since, until))
            since = until
        return (*arms[:-1], arms[-1]._replace(until=1.0))

    @property
    def day_text(self) -> str:
        """Return what `on` says, as people read it; empty where it says nothing."""
        if self.on is None:
            return ""
        distance = f"{self.before} before " if self.before else f"{self.after} after " if self.after else ""
        return f"{distance}{self.on}{', every year' if self.yearly else ''}"
