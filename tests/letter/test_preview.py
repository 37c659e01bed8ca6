"""`ripeline preview` and `ripeline translations`, as a person runs them."""

import json
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import typer
from people import kenji
from typer.testing import CliRunner

from ripeline.cli.preview import preview
from ripeline.cli.translations import translations
from ripeline.database import open_session
from ripeline.settings import CLONE
from ripeline.values import Refusal

app = typer.Typer()
app.command("preview")(preview)
app.command("translations")(translations)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Give a function that runs a command with the shipped playbook and a var folder of its own."""
    monkeypatch.setenv("RIPELINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("RIPELINE_HOME", str(CLONE))
    monkeypatch.setenv("RIPELINE_SECRET_KEY", "0123456789abcdef0123456789abcdef")

    def ran(*words: str):
        done = CliRunner().invoke(app, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return ran


def test_a_preview_shows_the_text_and_writes_four_files(run, tmp_path):
    done = run("preview", "case-study", "--locale", "de")

    assert "Guten Tag Ada Neumann," in done.output
    assert sorted(path.name for path in (tmp_path / "var" / "preview").iterdir()) == [
        "case-study.de.eml", "case-study.de.headers.txt", "case-study.de.html", "case-study.de.txt",
    ]  # fmt: skip


def test_a_preview_needs_no_database(run, tmp_path):
    run("preview", "case-study")

    assert not (tmp_path / "var" / "ripeline.db").exists()


def test_a_preview_of_a_lead_is_in_the_leads_language(run, sqlite_url, monkeypatch):
    monkeypatch.setenv("RIPELINE_DATABASE_URL", sqlite_url)
    with open_session(sqlite_url) as session:
        session.add(kenji())
        session.commit()

    done = run("preview", "welcome-guide", "--lead", "kenji@example.org", "--json")

    assert json.loads(done.output)["locale"] == "ja"
    assert "田中" in Path(json.loads(done.output)["files"]["text"]).read_text(encoding="utf-8")


def test_a_locale_nobody_translated_falls_back_whole_and_says_so(run):
    done = run("preview", "case-study", "--locale", "sw")

    assert "in en: no complete letter in sw: fallback" in done.output


def test_a_preview_is_mailed_to_oneself_through_the_channel(run, tmp_path):
    run("preview", "handoff/card", "--send", "me@bücher.example")

    (file,) = (tmp_path / "var" / "mail" / "new").iterdir()
    read = message_from_bytes(file.read_bytes(), policy=default)
    assert read["To"] == "me@xn--bcher-kva.example"
    assert read["List-Unsubscribe"] is None


def test_a_preview_goes_nowhere_but_where_mail_is_let_through_to(run, tmp_path, monkeypatch):
    monkeypatch.setenv("RIPELINE_ONLY_TO", "@ourfirm.example")

    with pytest.raises(Refusal, match="lets mail go to @ourfirm"):
        run("preview", "case-study", "--send", "me@example.com")
    run("preview", "case-study", "--send", "me@ourfirm.example")

    assert len([*(tmp_path / "var" / "mail" / "new").iterdir()]) == 1


def test_a_bulk_preview_carries_the_headers_of_bulk_mail(run, tmp_path):
    run("preview", "case-study", "--out", str(tmp_path))

    headers = (tmp_path / "case-study.en.headers.txt").read_text()
    assert re.search(r"^List-Unsubscribe: <http://127\.0\.0\.1:8300/u/\S+>$", headers, re.MULTILINE)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers


def test_a_touch_that_is_not_there_names_the_nearest(run):
    with pytest.raises(Refusal, match="Did you mean 'email/case-study'"):
        run("preview", "case-stdy")


def test_a_folder_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Refusal, match="cannot write to"):
        run("preview", "case-study", "--out", str(tmp_path / "file"))


def _home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "playbook").mkdir(parents=True)
    (home / "templates" / "web").mkdir(parents=True)
    (home / "locales").mkdir()
    (home / "templates" / "web" / "bye.html").write_text("{% trans %}Goodbye{% endtrans %}")
    return home


def test_translations_begins_a_catalogue_and_reports_coverage(run, tmp_path, monkeypatch):
    monkeypatch.setenv("RIPELINE_HOME", str(_home(tmp_path)))

    done = run("translations", "--add", "nl", "--json")

    assert 'msgid "Goodbye"' in (tmp_path / "home/locales/nl/LC_MESSAGES/messages.po").read_text()
    assert json.loads(done.stdout) == [{"locale": "nl", "translated": 0, "fuzzy": 0, "missing": 1, "coverage": "0 %"}]


def test_translations_check_fails_while_a_catalogue_is_behind_and_passes_after(run, tmp_path, monkeypatch):
    monkeypatch.setenv("RIPELINE_HOME", str(_home(tmp_path)))

    with pytest.raises(Refusal, match=r"messages\.pot is behind the templates"):
        run("translations", "--check")

    run("translations")
    assert run("translations", "--check").exit_code == 0
