"""Bad tracks, windows and markets: `check` names file, line, touch and remedy, before anybody is mailed."""

from collections.abc import Iterator
from datetime import date

import pytest
import shipped

from ripeline.playbook.finding import Finding
from ripeline.playbook.playbook import CARD, examine
from ripeline.sweep.calendar_check import check_calendars

TODAY = date(2026, 3, 2)
LEFT_OUT = ("/markets/", "/tracks/", "/imports/", "/scoring/", "locales/")
FILES = {path: text for path, text in shipped.FILES.items() if not any(folder in path for folder in LEFT_OUT)} | {CARD: 'title = "Test"\n'}
TRACK = 'title = "Proof"\n[enter]\nwhen = "total >= 25"\n'
CASE = '[[touch]]\nname = "case-study"\nwait = "1 day"\n'
TOUR = '[[touch]]\nname = "product-tour"\nwait = "1 day"\n'
FORK = '[[touch]]\nname = "fork"\nwait = "1 day"\nchoose = [{{ when = "TRUE", go_to = "{}" }}, {{ template = "case-study" }}]\n'
MARKET = 'title = "Far"\nwhen = "country = \'{}\'"\n'


def said(**files: str) -> list[str]:
    """Return what is found in files named track_<name>, market_<name> or limits, line and sentence."""
    places = {"track": "playbook/tracks/{}.toml", "market": "playbook/markets/{}.toml", "limits": "playbook/limits.toml"}
    given = {places[kind].format(name): text for kind, _, name, text in ((*key.partition("_"), text) for key, text in files.items())}
    return [_line(each) for each in _findings(FILES | {"playbook/tracks/proof.toml": TRACK + CASE} | given)]


def _findings(files: dict[str, str]) -> Iterator[Finding]:
    playbook, found = examine(files, letters=False, today=TODAY)
    yield from found
    yield from check_calendars(playbook) if playbook else ()


def _line(finding: Finding) -> str:
    return f"{finding.path.removeprefix('playbook/')}:{finding.line} {finding.what} {finding.remedy}"


def in_limits(old: str, new: str) -> str:
    text = FILES["playbook/limits.toml"]
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(("files", "expected"), [
    pytest.param({"track_proof": TRACK.replace(">= 25", ">= 50 AND total < 25") + CASE},
        ("tracks/proof.toml:3", "no lead can enter this track", "Look at enter, leave and goal together"), id="a track nobody can enter"),
    pytest.param({"track_proof": TRACK.replace(">= 25", ">= 25 AND country = 'DE' AND (country IN ('FR', 'NL'))") + CASE},
        ("tracks/proof.toml:3", "no lead can enter this track", "Look at enter, leave and goal together"), id="a track for two countries at once"),
    pytest.param({"track_proof": TRACK.replace(">= 25", ">= 25 AND market = 'jpp'") + CASE, "market_jp": MARKET.format("JP")},
        ("tracks/proof.toml:3", "enter: market is never 'jpp'", "Did you mean 'jp'?"), id="a market that there is not"),
    pytest.param({"track_proof": TRACK.replace(">= 25", ">= 25 AND stage = 'leed'") + CASE},
        ("tracks/proof.toml:3", "enter: stage is never 'leed'", "Did you mean 'lead'?"), id="a stage that there is not"),
    pytest.param({"track_other": 'was = "proof"\npriority = 5\n' + TRACK.replace("Proof", "Other") + TOUR},
        ("tracks/other.toml:1", "was = 'proof': there is a track of this name, playbook/tracks/proof.toml.", "Take away that file if it is called 'other' now"),
        id="a former name that is another track's"),
    pytest.param({"track_proof": 'was = "proof"\n' + TRACK + CASE}, ("tracks/proof.toml:1", "track 'proof' was always called so", "Leave out 'was'"),
        id="a track that was always called so"),
    pytest.param({"track_a": 'was = "old"\n' + TRACK + CASE, "track_b": 'was = "old"\npriority = 5\n' + TRACK.replace("Proof", "B") + TOUR},
        ("tracks/b.toml:1", "was = 'old': track 'a' was called so too", "go on in one track only"), id="two tracks of one former name"),
    pytest.param({"track_proof": TRACK + CASE + 'window = { from = "22:00", to = "23:00" }\n'},
        ("tracks/proof.toml:7", "touch 'case-study': its window", "It could never go: move one of them"), id="a window that never opens"),
    pytest.param({"track_proof": TRACK + CASE.replace("study", "studdy")},
        ("tracks/proof.toml:5", "touch 'case-studdy': no template 'case-studdy'", "Did you mean 'case-study'?"), id="a touch without template"),
    pytest.param({"track_proof": TRACK + FORK.format("product-tuor") + TOUR},
        ("tracks/proof.toml:7", "touch 'fork' goes to 'product-tuor', which this track does not have", "Did you mean 'product-tour'?"),
        id="a branch to nowhere"),
    pytest.param({"track_proof": TRACK + TOUR + FORK.format("product-tour")},
        ("tracks/proof.toml:10", "touch 'fork' goes back to 'product-tour': that is a loop", "No touch comes later"), id="a loop"),
    pytest.param({"track_proof": TRACK + CASE + 'on = 2026-02-01\nafter = "10 days"\n'},
        ("tracks/proof.toml:7", "touch 'case-study' is for 10 days after 2026-02-01, 2026-02-11, which is past", "Take it out"), id="an after in the past"),
    pytest.param({"track_other": TRACK + CASE},
        ("tracks/proof.toml:1", "track 'other' is called 'Proof' too", "give them different ones"), id="two tracks of one name"),
    pytest.param({"market_far": MARKET.format("EL")},
        ("markets/far.toml:2", "market 'far': no holidays data for EL", "[[blackout]]"), id="a market without holidays data"),
    pytest.param({"limits": in_limits('US = "America/Chicago"', 'US = "US/Pacific-New"')},
        ("limits.toml:", "fallback zone 'US/Pacific-New' for US does not exist", "write an IANA name"), id="a zone that was abolished"),
])  # fmt: skip
def test_check_names_file_touch_and_remedy(files, expected):
    found = said(**files)

    assert any(all(part in line for part in expected) for line in found), found


def test_an_after_that_is_to_come_and_a_market_with_its_own_days_off_are_let_through():
    blackout = "[[blackout]]\nfrom = 2026-12-25\nto = 2026-12-26\nyearly = true\n"

    assert said(track_proof=TRACK + CASE + 'on = 2026-02-01\nafter = "60 days"\n', market_far=MARKET.format("EL") + blackout) == said()
