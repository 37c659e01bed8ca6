"""Every part of a playbook is looked at, and each mistake has its file, its line and the nearest right word."""

import pytest
from shipped import FILES, IN_ENGLISH

from ripeline.playbook import checks
from ripeline.playbook.finding import Finding, Unfit, did_you_mean
from ripeline.playbook.playbook import examine, parse_playbook, sound_playbook


def findings(path: str, old: str, new: str) -> list[Finding]:
    """Return what is found where one text stands for another in a file of the shipped playbook."""
    assert old in FILES[path], f"{path} no longer says {old!r}"
    return examine(FILES | {path: FILES[path].replace(old, new, 1)}, letters=False)[1]


def line_of(path: str, text: str) -> int:
    """Return the line on which a text first stands."""
    return FILES[path][: FILES[path].index(text)].count("\n") + 1


def test_the_shipped_playbook_is_sound() -> None:
    assert examine(FILES, letters=False)[1] == []


@pytest.mark.parametrize(("path", "old", "new", "said"), [
    pytest.param("playbook/stages.toml", "[", "[[[", "not TOML", id="a bracket"),
    pytest.param("playbook/scoring/default.toml", "'/pricing'", "/pricing'", "Looked at pricing", id="a condition that cannot be read"),
    pytest.param("playbook/scoring/default.toml", "path = '/pricing'", "pathh = '/pricing'", "pathh", id="a property of an event"),
    pytest.param("playbook/scoring/default.toml", "expect = {", "expect = { total = 9999,", "9999", id="an example that comes out otherwise"),
    pytest.param("playbook/scoring/reference.toml", "\npoints", "\npionts", "Did you mean 'points'?", id="a card that is not in use"),
    pytest.param("playbook/stages.toml", "total >= 50", "totla >= 50", "Did you mean 'total'?", id="a condition of a stage"),
    pytest.param("playbook/stages.toml", "handoff_accepted", "handof_accepted", "Did you mean 'handoff_accepted'?", id="an event of a stage"),
    pytest.param("playbook/tracks/decision.toml", "total >= 50", "total => 50", "enter", id="a condition of a track"),
    pytest.param("playbook/tracks/decision.toml", '= "product-tour"', '= "product-tuor"', "Did you mean 'product-tour'?", id="a touch without a template"),
    pytest.param("playbook/markets/de.toml", "country IN", "contry IN", "Did you mean 'country'?", id="a condition of a market"),
    pytest.param("playbook/limits.toml", 'US = "America/Chicago"', 'US = "America/Chicgo"', "America/Chicgo", id="a fallback zone"),
    pytest.param("playbook/limits.toml", '"2 hours"', '"2 hrs"', "2 hrs", id="a duration"),
    pytest.param("playbook/handoff.toml", 'zone      = "Europe/Oslo"', 'zone      = "Europe/Olso"', "Europe/Olso", id="the zone of a rep"),
    pytest.param("playbook/imports/leads.toml", "first_name =", "frist_name =", "Did you mean 'first_name'?", id="an attribute of a map"),
    pytest.param("playbook/imports/xeducation.toml", '"page_viewed"', '"page_veiwed"', "Did you mean 'page_viewed'?", id="an event of a map"),
    pytest.param("playbook/fields.toml", 'type = "text"', 'type = "txet"', "txet", id="the type of a field"),
])  # fmt: skip
def test_a_mistake_is_found_on_its_line(path: str, old: str, new: str, said: str) -> None:
    found = [finding for finding in findings(path, old, new) if finding.path == path and not finding.is_warning]

    assert any(said in f"{finding.what} {finding.remedy}" for finding in found), found
    assert all(0 < finding.line <= FILES[path].count("\n") + 1 for finding in found)


def test_the_line_is_the_line_of_the_key() -> None:
    path, key = "playbook/tracks/decision.toml", "priority"

    (finding,) = findings(path, key, "prioritty")

    assert finding.line == line_of(path, key)


@pytest.mark.parametrize("name", ["fields", "scoring/default", "stages", "limits", "handoff"])
def test_a_file_that_is_missing_is_named(name: str) -> None:
    missing = f"playbook/{name}.toml"

    playbook, found = examine({path: text for path, text in FILES.items() if path != missing}, letters=False)

    assert playbook is None
    assert Finding(missing, 0, "is missing.", "Take it from a fresh clone and change what you need.") in found


def test_a_playbook_without_tracks_is_no_playbook() -> None:
    found = examine({name: text for name, text in FILES.items() if not name.startswith("playbook/tracks/")}, letters=False)[1]

    assert "no track: nobody would get any mail." in [finding.what for finding in found]


def test_a_track_in_a_folder_below_is_not_passed_over_in_silence() -> None:
    path = "playbook/tracks/spring/awareness.toml"

    found = examine(FILES | {path: FILES["playbook/tracks/awareness.toml"]}, letters=False)[1]

    assert Finding(path, 0, "lies in a folder of its own, where nobody looks.", "Move it to playbook/tracks/.") in found


def test_mistakes_of_several_files_are_told_at_once() -> None:
    spoiled = {path: FILES[path] + "\nwrong wrong\n" for path in ("playbook/stages.toml", "playbook/limits.toml")}

    with pytest.raises(Unfit, match="the playbook has 2 mistakes; what is live stays live:"):
        sound_playbook(FILES | spoiled, letters=False)


def test_what_is_wrong_beside_the_letters_is_told_whole_before_letters_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def look_at(files: object, _: object) -> list[Finding]:
        asked.append(files)
        return []

    monkeypatch.setattr(checks, "check_letters", look_at)
    spoiled = {path: FILES[path] + "\nwrong wrong\n" for path in ("playbook/stages.toml", "playbook/limits.toml")}

    with pytest.raises(Unfit, match=r"(?s)limits.toml.*stages.toml.*The letters were not looked at yet: `ripeline check` does that too.$"):
        sound_playbook(FILES | spoiled)

    assert asked == []
    assert sound_playbook(FILES).files == FILES
    assert asked == [FILES]


def test_a_warning_stops_nothing() -> None:
    path = "playbook/handoff.toml"
    files = FILES | {path: FILES[path].replace("\n[[rep]]", '\n[[rep]]\ncalendar = "https://example.com/ingrid.ics"', 1)}

    (finding,) = examine(files, letters=False)[1]

    assert finding.is_warning
    assert "calendars are not read yet" in finding.what
    assert sound_playbook(files, letters=False).hash == parse_playbook(files).hash


def test_between_over_points_is_a_mistake_and_over_anything_else_is_none() -> None:
    path = "playbook/tracks/decision.toml"

    (finding,) = findings(path, "total >= 50 AND total < 75", "total BETWEEN 50 AND 74")

    assert finding.what == "enter: BETWEEN 50 AND 74 leaves out 74.50."
    assert findings(path, "total < 75", "total < 75 AND employees BETWEEN 5 AND 50") == []


def test_letters_know_the_declared_fields_though_another_file_cannot_be_read() -> None:
    path = "playbook/tracks/decision.toml"
    spoiled = IN_ENGLISH | {path: IN_ENGLISH[path].replace("priority", "prioritee", 1)}

    (finding,) = examine(spoiled, letters="email/live-demo")[1]

    assert "'prioritee'" in finding.what


@pytest.mark.parametrize(("word", "known", "said"), [
    pytest.param("prioritty", ["priority", "title"], "Did you mean 'priority'?", id="near"),
    pytest.param("zebra", ["priority", "title"], "", id="near to nothing"),
    pytest.param("x", [], "", id="nothing known"),
])  # fmt: skip
def test_the_nearest_right_word_is_offered(word: str, known: list[str], said: str) -> None:
    assert did_you_mean(word, known) == said


def test_findings_are_shown_in_the_order_of_files_and_lines() -> None:
    unfit = Unfit([Finding("b.toml", 1, "second."), Finding("a.toml", 9, "first.", "Mend it."), Finding("c.toml", 0, "third.", is_warning=True)])

    assert [" ".join(line.split()) for line in str(unfit).splitlines()] == [
        "the playbook has 2 mistakes; what is live stays live:", "a.toml:9 first. Mend it.", "b.toml:1 second.", "c.toml warning: third.",
    ]  # fmt: skip
