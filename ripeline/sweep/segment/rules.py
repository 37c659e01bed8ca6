"""What the sweep judges by: the stages and tracks of a playbook with every condition read, once a process."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from ripeline.decide.condition import Condition, Feature
from ripeline.decide.facts import Needs
from ripeline.decide.fields import IN_A_TRACK
from ripeline.decide.segment import TrackBook, read_track
from ripeline.decide.staging import StageBook, read_stages
from ripeline.playbook.applied import playbook_version
from ripeline.playbook.files import content_hash
from ripeline.playbook.playbook import Playbook
from ripeline.playbook.usable import reader, touch_reader
from ripeline.values import Refusal

_JUDGING = ("playbook/stages.toml", "playbook/fields.toml", "playbook/tracks/", "playbook/lists/")
"""The files whose change may move leads though their scores stay."""


@dataclass(frozen=True)
class Rules:
    """A playbook's stages and tracks, ready to be asked. `version` names these rules, `playbook` holds them."""

    playbook: Playbook
    version: str
    stages: StageBook
    tracks: Mapping[str, TrackBook]


_read: dict[str, Rules] = {}


def rules_of(playbook: Playbook) -> Rules:
    """Return the rules of a playbook; a process reads each version once."""
    if playbook.hash not in _read:
        read = reader(playbook)
        tracks = {name: read_track(track, read, touch_reader(playbook)) for name, track in playbook.tracks.items()}
        version = content_hash({path: text for path, text in playbook.files.items() if path.startswith(_JUDGING)})
        _read[playbook.hash] = Rules(playbook, version, read_stages(playbook.stages, read), tracks)
    return _read[playbook.hash]


def pinned_track(session: Session, version: str, name: str, rules: Rules) -> TrackBook:
    """Return the track that an enrolment is bound to: as it was in the version that the lead entered it by."""
    of = rules if version == rules.playbook.hash else rules_of(playbook_version(session, version))
    if name not in of.tracks:
        raise Refusal(f"playbook version {version[:12]} has no track '{name}', yet a lead is in it: apply that version's playbook again")
    return of.tracks[name]


def features_of(conditions: list[Condition]) -> list[Feature]:
    """Return every feature that the conditions stand on."""
    return [feature for condition in conditions for feature in condition.features]


def needs_of(conditions: list[Condition]) -> Needs:
    """Return what the conditions ask of a lead's facts; its standing does not come from there."""
    needs = Needs()
    for condition in conditions:
        needs |= condition.needs
    return replace(needs, attributes=needs.attributes - IN_A_TRACK.keys())
