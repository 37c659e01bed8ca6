"""The playbook as one value: everything a marketer decides, checked as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import BaseModel

from ripeline.decide.condition import Condition, parse_condition
from ripeline.decide.content import Content
from ripeline.decide.fields import STANDING, Fields
from ripeline.decide.handoff import HandoffRules
from ripeline.decide.limits import Limits
from ripeline.decide.market import Market
from ripeline.decide.places import Places
from ripeline.decide.rates import Rates
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.stages import Stages
from ripeline.decide.track import Track
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.files import content_hash
from ripeline.playbook.finding import Finding, Unfit
from ripeline.playbook.reading import read_toml

CARD = "playbook/scoring/default.toml"
CONTENT = "playbook/content.toml"
FIELDS = "playbook/fields.toml"
RATES = "playbook/rates.toml"

LETTERS_UNSEEN = "The letters were not looked at yet: `ripeline check` does that too."

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Playbook:
    """A parsed, checked playbook. `hash` names it; `files` is what it was read from, templates and catalogues included.

    `left_out` are rules of the scorecard that give nothing for now, because too few leads have what they ask for. It is the one thing that
    comes from the base and not from the files.
    """

    hash: str
    files: Mapping[str, str]
    fields: Fields
    scorecard: Scorecard
    stages: Stages
    tracks: Mapping[str, Track]
    limits: Limits
    markets: Mapping[str, Market]
    places: Places
    handoff: HandoffRules
    lists: Mapping[str, frozenset[str]]
    content: Content = field(default_factory=Content)
    rates: Rates = field(default_factory=Rates)
    left_out: frozenset[str] = frozenset()
    _conditions: dict[str, Condition] = field(default_factory=dict, compare=False, repr=False)

    def condition(self, text: str) -> Condition:
        """Return a condition about a lead, read with the fields, events and lists of this playbook; BadCondition where it is none. Read once."""
        if text not in self._conditions:
            self._conditions[text] = parse_condition(text, {**self.fields.lead, **STANDING}, self.fields.event, self.lists, self._former_names)
        return self._conditions[text]

    @cached_property
    def _former_names(self) -> Mapping[str, tuple[str, ...]]:
        """Return what each touch that was renamed was called before, by its name."""
        touches = [touch for track in self.tracks.values() for touch in track.touches]
        return {name: tuple(old for touch in touches if touch.name == name for old in touch.was) for name in {touch.name for touch in touches if touch.was}}

    @cached_property
    def memory(self) -> timedelta:
        """Return for how long a touch that went counts for the frequency caps of any market: what went before, no cap asks about."""
        changes = (None, *(market.caps for market in self.markets.values()))
        return max(self.limits.caps.changed_by(change).memory for change in changes)

    @property
    def templates(self) -> frozenset[str]:
        """Return the names of the touches that have a folder below templates/email/."""
        folders = (PurePosixPath(path).parts for path in self.files if path.startswith("templates/email/"))
        return frozenset(parts[2] for parts in folders if len(parts) > 3 and not parts[2].startswith("_"))


def parse_playbook(files: Mapping[str, str]) -> Playbook:
    """Return the playbook that `files` hold; raise Unfit where one cannot be read. What was applied was checked then: this only reads."""
    findings: list[Finding] = []
    playbook = _read(files, findings)
    if playbook is None:
        raise Unfit(findings)
    return playbook


def sound_playbook(files: Mapping[str, str], *, letters: bool = True) -> Playbook:
    """Return the playbook that `files` hold; raise Unfit with every finding where there is a mistake. Warnings are let through.

    Letters take seconds: where something else is a mistake they are not looked at, which Unfit says.
    """
    from ripeline.playbook.checks import check_letters

    playbook, findings = examine(files, letters=False)
    if playbook is None or any(not finding.is_warning for finding in findings):
        raise Unfit(findings, LETTERS_UNSEEN if letters else "")
    findings += check_letters(files, playbook) if letters else ()
    if any(not finding.is_warning for finding in findings):
        raise Unfit(sorted(set(findings)))
    return playbook


def examine(
    files: Mapping[str, str], *, letters: bool | str = True, progress: Callable[[int, int], None] | None = None, today: date | None = None
) -> tuple[Playbook | None, list[Finding]]:
    """Return the playbook, None where a file cannot even be read, and all findings, warnings included.

    With `letters`, every letter, or the one named, is rendered in every language for leads that break letters: seconds, not
    milliseconds; `progress` is told how far it is. `today` None: no date is past.
    """
    from ripeline.playbook.checks import check_dates, check_letters, check_playbook
    from ripeline.playbook.taken import check_names

    findings: list[Finding] = []
    playbook = _read(files, findings)
    if playbook is not None and not (taken := list(check_names(files, FIELDS, playbook.fields))):
        findings.extend(check_playbook(playbook))
        findings.extend(check_dates(playbook, today) if today else ())
    elif playbook is not None:
        findings.extend(taken)  # no condition can be asked until they are called otherwise
    if letters:
        findings.extend(check_letters(files, playbook, only=letters if isinstance(letters, str) else None, progress=progress))
    return playbook, sorted(set(findings))


def _read(files: Mapping[str, str], findings: list[Finding]) -> Playbook | None:
    fields = _one(files, FIELDS, FieldsFile, findings)
    card = _one(files, CARD, Scorecard, findings)
    stages = _one(files, "playbook/stages.toml", Stages, findings)
    limits = _one(files, "playbook/limits.toml", Limits, findings)
    handoff = _one(files, "playbook/handoff.toml", HandoffRules, findings)
    places = _one(files, "playbook/places.toml", Places, findings)
    content = _one(files, CONTENT, Content, findings) if CONTENT in files else Content()
    rates = _one(files, RATES, Rates, findings) if RATES in files else Rates()
    tracks = _folder(files, "playbook/tracks/", Track, findings)
    markets = _folder(files, "playbook/markets/", Market, findings)
    if findings or fields is None or card is None or stages is None or limits is None or handoff is None or places is None or content is None or rates is None:
        return None
    return Playbook(content_hash(files), files, fields.as_fields(), card, stages, tracks, limits, markets, places, handoff, _lists(files), content, rates)


def _one(files: Mapping[str, str], path: str, shape: type[M], findings: list[Finding]) -> M | None:
    if path not in files:
        findings.append(Finding(path, 0, "is missing.", "Take it from a fresh clone and change what you need."))
        return None
    return read_toml(path, files[path], shape, findings)


def _folder(files: Mapping[str, str], folder: str, shape: type[M], findings: list[Finding]) -> dict[str, M]:
    found = sorted(path for path in files if path.startswith(folder) and path.endswith(".toml"))
    paths = [path for path in found if "/" not in path.removeprefix(folder)]
    findings += [Finding(path, 0, "lies in a folder of its own, where nobody looks.", f"Move it to {folder}.") for path in found if path not in paths]
    read = {PurePosixPath(path).stem: read_toml(path, files[path], shape, findings) for path in paths}
    return {name: value for name, value in read.items() if value is not None}


def _lists(files: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return each list by its file's name without the ending: one entry a line, `#` starts a remark."""
    paths = [path for path in files if path.startswith("playbook/lists/") and path.endswith(".txt")]
    return {PurePosixPath(path).stem: frozenset(_entries(files[path])) for path in paths}


def _entries(text: str) -> list[str]:
    lines = (line.split("#", 1)[0].strip() for line in text.split("\n"))
    return [line for line in lines if line]
