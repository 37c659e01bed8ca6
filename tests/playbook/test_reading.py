"""Every mistake is named by file, line, table and key, with the nearest right word."""

from typing import Literal

from ripeline.decide.duration import Duration
from ripeline.decide.entry import Entry
from ripeline.playbook.finding import Finding
from ripeline.playbook.reading import read_toml


class Touch(Entry):
    name: str
    wait: Duration
    kind: Literal["mail", "call"] = "mail"


class Track(Entry):
    title: str
    touch: tuple[Touch, ...]


GOOD = 'title = "Decision"\n\n[[touch]]\nname = "case"\nwait = "2 business days"\n'


def findings_of(text: str) -> list[str]:
    findings: list[Finding] = []
    read_toml("playbook/tracks/decision.toml", text, Track, findings)
    return [" ".join(str(finding).split()) for finding in findings]


def test_a_good_file_is_a_value() -> None:
    track = read_toml("decision.toml", GOOD, Track, [])

    assert track is not None
    assert track.touch[0].wait == Duration.parse("2 business days")


def test_a_typo_in_a_key_offers_the_nearest_one() -> None:
    assert findings_of(GOOD + 'kindd = "call"\n') == ["playbook/tracks/decision.toml:6 touch 'case': unknown key 'kindd'. Did you mean 'kind'?"]


def test_a_missing_key_is_asked_for() -> None:
    assert findings_of('title = "x"\n[[touch]]\nname = "case"\n') == ["playbook/tracks/decision.toml:2 touch 'case': 'wait' is missing. Write wait = … here."]


def test_a_wrong_duration_shows_how_to_write_one() -> None:
    said = findings_of(GOOD.replace("2 business days", "2d"))

    assert said[0].startswith("playbook/tracks/decision.toml:5 touch 'case': '2d' is not a duration: write a number and a unit")


def test_a_wrong_choice_lists_the_right_ones() -> None:
    assert "'kind' is 'fax', and may be 'mail' or 'call'" in findings_of(GOOD + 'kind = "fax"\n')[0]


def test_what_is_no_toml_names_the_line() -> None:
    assert findings_of('title = "x"\ntouch = [\n')[0].startswith("playbook/tracks/decision.toml:3 not TOML:")


def test_every_mistake_is_told_at_once() -> None:
    assert len(findings_of('titel = "x"\n[[touch]]\nnam = "case"\nwait = 3\n')) == 5
