"""`ripeline scorecard diff` and `shadow`: a candidate is judged on the real base before anybody acts on it."""

import csv
from pathlib import Path

import pytest
from commands import Run
from people import NOW
from sqlmodel import col, select

from models import Lead, Role, Score
from ripeline.database import open_session

CARD = """
title = "Only demos"
[[engagement]]
name   = "Asked for a demo"
event  = "demo_requested"
points = 60

[[engagement]]                            # Japan's overlay speaks of it and of its group
name   = "Downloaded a guide"
event  = "asset_downloaded"
when   = "asset = 'a guide nobody has'"
points = 1
group  = "reading"

[group.reading]
cap = 20
"""
AT = ("--now", NOW.isoformat())


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    """Give a card that knows nothing but demo requests: of all leads only Ada made one."""
    file = tmp_path / "trial.toml"
    file.write_text(CARD, encoding="utf-8")
    return file


def test_the_live_card_differs_in_nothing_from_itself(seen: Run) -> None:
    answer = seen("scorecard", "diff", "live", "live", *AT, "--json")

    assert (answer.told["leads"], answer.told["who"]) == (5, [])
    assert set(answer.told["changed"].values()) == {0}


def test_a_card_from_a_file_is_judged_lead_by_lead(seen: Run, seen_url: str, trial: Path, tmp_path: Path) -> None:
    answer = seen("scorecard", "diff", "live", trial, *AT, "--json", "--csv", tmp_path / "who.csv", "--html", tmp_path / "who.html")

    with open_session(seen_url, writes=False) as session:
        ada = session.exec(select(Lead.id).where(col(Lead.address) == "ada@example.com")).one()
        stored = dict(session.exec(select(Score.lead_id, Score.total).where(col(Score.role) == Role.LIVE)).all())
    told = {row["lead_id"]: row for row in answer.told["who"]}
    assert (told[ada]["new_total"], told[ada]["old_handoff"], told[ada]["new_handoff"]) == (60, "open", "open"), "a rep has her card: people decide"
    assert {lead: round(row["old_total"] * 100) for lead, row in told.items()} == {lead: total for lead, total in stored.items() if lead in told}
    assert {row["new_total"] for lead, row in told.items() if lead != ada} == {0}
    assert [int(row["lead_id"]) for row in csv.DictReader((tmp_path / "who.csv").read_text(encoding="utf-8").splitlines())] == list(told)
    assert "ada@" not in (tmp_path / "who.html").read_text(encoding="utf-8")


def test_people_read_counts_by_market_and_who_it_is(seen: Run, trial: Path) -> None:
    answer = seen("scorecard", "diff", "live", trial, *AT, "--limit", 1)

    assert answer.exit_code == 0
    for words in ("leads would stand elsewhere", "By market", "(no market)", "Another grade", "Who they are, the first 1"):
        assert words in answer.said


def test_a_copy_of_the_folder_and_a_hash_name_a_playbook_too(seen: Run, home: Path) -> None:
    version = seen("scorecard", "diff", "live", "live", *AT, "--json").told["old"]["playbook"]

    answer = seen("scorecard", "diff", version[:10], home / "playbook", *AT, "--json")

    assert {answer.told[side]["playbook"] for side in ("old", "new")} == {version}


@pytest.mark.parametrize(
    ("named", "said"),
    [
        pytest.param("candidate", "neither a file, a folder nor a version", id="a word"),
        pytest.param("0123", "no stored playbook versions start with '0123'", id="a hash nobody stored"),
        pytest.param("shadow", "no card is in shadow", id="the shadow, where there is none"),
        pytest.param("{tmp}", "is no playbook", id="a folder of something else"),
    ],
)
def test_what_names_no_playbook_is_refused_with_what_would(seen: Run, tmp_path: Path, named: str, said: str) -> None:
    answer = seen("scorecard", "diff", "live", named.format(tmp=tmp_path))

    assert answer.exit_code == 2
    assert said in answer.said


def test_a_card_with_a_mistake_is_refused_in_the_words_of_check(seen: Run, trial: Path) -> None:
    trial.write_text(CARD.replace("demo_requested", "demo_request"), encoding="utf-8")

    answer = seen("scorecard", "diff", "live", trial)

    assert answer.exit_code == 2
    assert "demo_requested" in answer.said


def test_a_card_is_put_in_shadow_seen_beside_the_live_one_and_taken_out(peopled: Run, url: str, trial: Path) -> None:
    peopled("run", "rescore", *AT)
    tried = peopled("scorecard", "shadow", trial, "--dry-run")
    put = peopled("scorecard", "diff", "live", trial, "--shadow", *AT)
    again = peopled("run", "rescore", *AT, "--json")
    listed = peopled("leads", "--shadow", "--json")

    assert "would be in shadow" in tried.said
    assert (put.exit_code, again.told["rescore"]["shadowed"], again.told["rescore"]["scored"]) == (0, 5, 0)
    ada = next(row for row in listed.told if row["address"] == "ada@example.com")
    assert (ada["shadow_total"], ada["total"] > 75) == (60, True)
    assert peopled("scorecard", "diff", "shadow", trial, *AT, "--json").told["who"] == []
    assert "is in shadow" in peopled("scorecard", "shadow").said
    explained = peopled("explain", "ada@example.com", "--shadow", "--json").told
    assert [part["name"] for part in explained["parts"]] == ["Asked for a demo"]
    assert explained["version"] == explained["stored"]["version"]

    peopled("scorecard", "shadow", "off")
    peopled("run", "rescore", *AT)

    assert peopled("scorecard", "shadow").said == "no card is in shadow"
    assert "no card is in shadow" in peopled("explain", "ada@example.com", "--shadow").err
    with open_session(url, writes=False) as session:
        assert session.exec(select(Score).where(col(Score.role) == Role.SHADOW)).all() == []
