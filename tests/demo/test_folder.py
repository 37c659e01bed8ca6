"""The demonstration owns one folder, and never takes somebody else's."""

import os
from pathlib import Path

import pytest

from ripeline.demo.folder import demo_settings, fresh_folder
from ripeline.settings import Settings
from ripeline.standing.environment import environment
from ripeline.values import Refusal


def test_a_folder_of_an_earlier_demonstration_is_made_anew(tmp_path: Path) -> None:
    folder = fresh_folder(tmp_path / "demo")
    (folder / "ripeline.db").write_text("old")

    again = fresh_folder(tmp_path / "demo")

    assert not (again / "ripeline.db").exists()
    assert (again / "inbox").is_dir()


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(Refusal, match="was not made by a demonstration: name another folder"):
        fresh_folder(tmp_path)

    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_settings_of_the_operator_cannot_lead_out_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("RIPELINE_ONLY_TO=boss@real.example\nRIPELINE_CHANNEL=console\nRIPELINE_DATABASE_URL=postgresql://production/leads\n")
    monkeypatch.chdir(tmp_path)

    with environment(demo_settings(tmp_path, tmp_path / "demo", 2525)):
        settings = Settings()

    assert settings.url == f"sqlite:///{tmp_path}/demo/ripeline.db"
    assert (settings.only_to, settings.channel) == ("", "smtp")


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_COMPANY", "Spreewerk")

    with environment({"RIPELINE_COMPANY": "Tidewerk BV", "RIPELINE_ONLY_TO": "nobody@example.com"}):
        assert os.environ["RIPELINE_COMPANY"] == "Tidewerk BV"

    assert os.environ["RIPELINE_COMPANY"] == "Spreewerk"
    assert "RIPELINE_ONLY_TO" not in os.environ
