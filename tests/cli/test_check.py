"""`ripeline check` and `ripeline fields`: what a marketer asks before anything goes live. Neither needs a database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Run

Spoil = Callable[[str, str, str], None]

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_a_sound_playbook_is_said_to_be_sound(run: Run) -> None:
    answer = run("check", database_url=NOWHERE)

    assert (answer.exit_code, answer.out) == (0, "the playbook is sound\n")
    assert "the base was not looked at: " in answer.err


@pytest.mark.parametrize(("path", "old", "new", "said"), [
    pytest.param("playbook/tracks/decision.toml", "priority", "prioritty", "unknown key 'prioritty'. Did you mean 'priority'?", id="a key of a track"),
    pytest.param("templates/email/book-a-call/body.txt", "lead.company", "lead.compnay", "compnay", id="a field in a template"),
    pytest.param("templates/email/case-study/body.mjml", "<mj-text>", "<mj-txet>", "mj-t", id="a tag in a template"),
])  # fmt: skip
def test_a_mistake_is_named_by_file_and_line(run: Run, own_home: Path, spoil: Spoil, path: str, old: str, new: str, said: str) -> None:
    spoil(path, old, new)

    quick = ("--letter", path.split("/")[2]) if path.startswith("templates") else ("--no-letters",)
    answer = run("check", *quick, home=own_home)

    assert answer.exit_code == 2
    line, *_ = (line for line in answer.out.splitlines() if line.startswith(path))
    assert said in line


def test_programs_get_findings_as_records(run: Run, own_home: Path, spoil: Spoil) -> None:
    spoil("playbook/tracks/decision.toml", "priority", "prioritty")

    answer = run("check", "--json", "--no-letters", home=own_home)

    (finding,) = answer.told
    assert answer.exit_code == 2
    assert list(finding) == ["path", "line", "what", "remedy", "is_warning"]
    assert (finding["path"], finding["what"], finding["remedy"]) == ("playbook/tracks/decision.toml", "unknown key 'prioritty'.", "Did you mean 'priority'?")
    assert (finding["line"], finding["is_warning"]) == (5, False)
    assert run("check", "--json", "--no-letters").told == []


def test_a_file_that_is_not_utf8_is_named(run: Run, own_home: Path) -> None:
    (own_home / "playbook/lists/partners.txt").write_bytes("Café".encode("latin-1"))

    answer = run("check", home=own_home)

    assert answer.exit_code == 2
    assert "playbook/lists/partners.txt is not UTF-8 (byte 3): save it as UTF-8" in answer.err


def test_a_folder_without_a_playbook_is_no_home(run: Run, tmp_path: Path) -> None:
    answer = run("check", home=tmp_path)

    assert answer.exit_code == 2
    assert f"no folder playbook/ in {tmp_path}: run this in the clone, or set RIPELINE_HOME to it" in answer.err


def test_fields_tell_what_may_be_asked_for(run: Run) -> None:
    shown, told = run("fields", database_url=NOWHERE), run("fields", "--json", database_url=NOWHERE)

    assert "page_viewed" in shown.out
    assert {"of", "name", "type", "meaning", "example", "personal"} == set(told.told[0])
    assert {"of": "lead", "name": "country", "type": "text"}.items() <= next(row for row in told.told if row["name"] == "country").items()
    assert next(row for row in told.told if row["name"] == "first_name")["personal"] is True


def test_fields_name_a_mistake_in_their_file(run: Run, own_home: Path, spoil: Spoil) -> None:
    spoil("playbook/fields.toml", "meaning", "meening")

    answer = run("fields", home=own_home)

    assert answer.exit_code == 2
    assert "playbook/fields.toml" in answer.err
    assert "Did you mean 'meaning'?" in answer.err


def test_a_letter_that_is_not_there_is_refused_with_the_nearest(run: Run) -> None:
    assert "Did you mean 'email/case-study'?" in run("check", "--letter", "case-stdy").err


def test_the_real_base_is_asked_too(seen: Run) -> None:
    answer = seen("check", "--no-letters")

    assert answer.exit_code == 0
    assert "warning: 2 of 5 leads are in no market" in answer.out


def test_the_base_may_be_left_alone(run: Run) -> None:
    assert run("check", "--no-letters", "--no-base", "--json", database_url=NOWHERE).err == ""
