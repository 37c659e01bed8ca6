"""`ripeline explain` as somebody types it."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from commands import Run
from people import NOW, ada, an_event
from shipped import IN_ENGLISH
from sqlmodel import Session
from typer.testing import CliRunner, Result

from models import AttributeChange, Consent, ConsentState, Lead, Purpose
from ripeline.cli.main import app
from ripeline.playbook.applied import apply_files
from ripeline.sweep import crowd
from ripeline.sweep.run import run_sweep
from ripeline.values import Refusal

ON_ONE_DATABASE = {name: pytest.mark.parametrize(name, ["sqlite"], indirect=True) for name in ("url", "seen_url")}
"""For what is computed from facts that other tests read on both."""

LATER = (NOW + timedelta(days=60)).isoformat()


@pytest.fixture
def lead(session: Session, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lead:
    """Give Ada, with a demo asked for yesterday and pricing seen on three days, in a database the command line uses."""
    monkeypatch.setenv("RIPELINE_DATABASE_URL", url)
    monkeypatch.setenv("RIPELINE_VAR", str(tmp_path))
    apply_files(session, IN_ENGLISH, now=NOW - timedelta(days=30), by="test")
    lead = ada()
    session.add(lead)
    session.commit()
    days = [timedelta(days=days) for days in (0, 1, 2)]
    session.add_all([an_event(lead, "demo_requested", NOW), *(an_event(lead, "page_viewed", NOW - each, path="/pricing") for each in days)])
    session.commit()
    session.refresh(lead)
    session.rollback()
    return lead


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["explain", *words])


def test_every_part_is_told_and_the_parts_sum_to_the_total(lead):
    told = json.loads(run("ada@example.com", "--json", "--at", NOW.isoformat()).stdout)
    assert round(sum(part["points"] for part in told["parts"]), 2) == told["total"] == 115
    pricing = next(part for part in told["parts"] if part["name"] == "Looked at pricing" and part["kind"] == "rule")
    assert [event["given"] for event in pricing["events"]] == [15, 14.66, 14.32]
    assert next(part["points"] for part in told["parts"] if part["kind"] == "limit") == -13.98


def test_an_event_is_told_with_what_age_has_left_of_it(lead):
    told = json.loads(run("ada@example.com", "--json", "--at", NOW.isoformat()).stdout)
    pricing = next(part for part in told["parts"] if part["name"] == "Looked at pricing" and part["kind"] == "rule")
    oldest = pricing["events"][-1]
    assert (oldest["kind"], oldest["said"], oldest["fresh"]) == ("page_viewed", {"path": "/pricing"}, 15)
    assert oldest["factor"] == pytest.approx(0.5 ** (2 / 30))
    assert "page_viewed path=/pricing: 15 × 0.9548 = 14.32" in run("ada@example.com", "--at", NOW.isoformat()).stdout


def test_a_rule_about_the_lead_is_told_with_what_it_looked_at(lead):
    told = json.loads(run("ada@example.com", "--json").stdout)
    assert next(part["known"] for part in told["parts"] if part["name"] == "Decides") == {"seniority": "vp"}
    assert "seniority: vp" in run("ada@example.com").stdout


def test_the_stored_score_stands_beside_the_one_of_now(url, lead):
    run_sweep(url, "rescore", now=NOW)

    told = json.loads(run("ada@example.com", "--json", "--at", LATER).stdout)
    assert (told["stored"]["total"], told["stored"]["as_of"]) == (115, NOW.isoformat())
    assert (told["total"] < 115, told["as_of"]) == (True, LATER)
    said = run("ada@example.com", "--at", LATER).stdout
    assert [line.split()[0] for line in said.splitlines() if line.startswith(("then", "stored"))] == ["then", "stored"]


def test_a_person_reads_rule_evidence_and_what_limits_took(lead):
    said = run("ada@example.com", "--at", NOW.isoformat()).stdout
    for words in (
        "Asked for a demo",
        "3 events, fresh 45",
        "2026-03-02 10:00Z page_viewed",
        "limit of 'Looked at pricing'",
        "total",
        "A1",
        "No score is stored yet",
    ):
        assert words in said


def test_the_past_is_told_from_what_was_known_then(session, lead):
    moved = AttributeChange(lead_id=lead.id, attribute="seniority", old="vp", new="specialist", at=NOW, received_at=NOW)
    lead.seniority = "specialist"
    session.add_all([lead, moved])
    session.commit()
    before = json.loads(run("ada@example.com", "--json", "--at", (NOW - timedelta(hours=1)).isoformat()).stdout)
    after = json.loads(run("ada@example.com", "--json", "--at", NOW.isoformat()).stdout)
    assert (before["fit"], after["fit"]) == (50, 30)
    assert not [part for part in before["parts"] if part["name"] == "Asked for a demo"]


def test_what_was_told_late_counts_in_hindsight_alone(session, lead):
    yesterday, tomorrow = NOW - timedelta(days=1), (NOW + timedelta(days=1)).isoformat()
    late = an_event(lead, "webinar_attended", yesterday, received_at=NOW + timedelta(hours=1))
    corrected = AttributeChange(lead_id=lead.id, attribute="seniority", old="vp", new="specialist", at=yesterday, received_at=NOW + timedelta(hours=1))
    since = AttributeChange(lead_id=lead.id, attribute="industry", old="Technology", new="Mining", at=NOW + timedelta(hours=2), received_at=NOW)
    lead.seniority, lead.industry = "specialist", "Mining"
    session.add_all([late, corrected, since, lead])
    session.commit()

    then, hindsight, after = (
        {part["name"] for part in json.loads(run("ada@example.com", "--json", "--at", *words).stdout)["parts"] if part["kind"] == "rule"}
        for words in ([NOW.isoformat()], [NOW.isoformat(), "--hindsight"], [tomorrow])
    )
    seen = {"Attended a webinar", "Decides", "Works in our main industries"}
    assert (then & seen, hindsight & seen, after & seen) == (
        {"Decides", "Works in our main industries"}, {"Attended a webinar", "Works in our main industries"}, {"Attended a webinar"},
    )  # fmt: skip


def test_hindsight_needs_an_instant(lead):
    assert "give it with --at" in str(run("ada@example.com", "--hindsight").exception)


def test_the_past_is_told_by_the_card_of_then(session, lead):
    files = IN_ENGLISH
    card = "playbook/scoring/default.toml"
    without_examples = files[card].split("[[example]]")[0]
    dearer = apply_files(session, files | {card: without_examples.replace("points = 35", "points = 36")}, now=NOW + timedelta(days=1), by="test")

    then, now = (json.loads(run("ada@example.com", "--json", "--at", at).stdout) for at in (NOW.isoformat(), LATER))

    assert (now["playbook"], then["version"] != now["version"]) == (dearer.hash, True)
    fresh = [part["events"][0]["fresh"] for told in (then, now) for part in told["parts"] if part["name"] == "Asked for a demo"]
    assert fresh == [35, 36]


def test_nobody_is_explained_before_they_came(lead):
    refused = run("ada@example.com", "--at", "2020-01-01T00:00Z")
    assert isinstance(refused.exception, Refusal)
    assert "nobody knew it" in str(refused.exception)


def test_who_objected_to_profiling_has_no_score(session, lead):
    given = {"lead_id": lead.id, "subject_hash": "", "purpose": Purpose.PROFILING, "basis": "consent", "source": "test"}
    session.add(Consent(**given, state=ConsentState.WITHDRAWN, at=NOW, received_at=NOW))
    session.commit()

    assert "no score: the lead objected to profiling on 2026-03-02" in run("ada@example.com").stdout
    told = json.loads(run("ada@example.com", "--json", "--at", (NOW - timedelta(days=1)).isoformat()).stdout)
    assert (told["withheld"], told["total"], told["parts"]) == ("objected to profiling", None, [])
    told = json.loads(CliRunner().invoke(app, ["leads", "--json"]).stdout)[0]
    assert (told["total"], told["grade"], told["excluded"]) == (None, None, "objected to profiling on 2026-03-02")
    assert "no score: objected to profiling on 2026-03-02" in CliRunner().invoke(app, ["lead", "ada@example.com"]).stdout


@ON_ONE_DATABASE["seen_url"]
def test_the_way_to_a_total_is_told(seen: Run) -> None:
    told = seen("explain", "noor@example.net", "--to", "75", "--json").told

    way = told["ways"][0]
    assert (told["to"], way["total"] >= 75) == (75, True)
    assert {step["what"] for way in told["ways"] for step in way["steps"]} <= {"action", "fact"}
    said = seen("explain", "noor@example.net", "--to", "75").said
    assert "the cheapest first" in said
    assert "An action of the lead costs 1" in said


@ON_ONE_DATABASE["seen_url"]
def test_out_of_reach_is_said_to_be_so(seen: Run) -> None:
    assert "No way to 200 was found" in seen("explain", "noor@example.net", "--to", "200").said


@ON_ONE_DATABASE["url"]
def test_the_day_on_which_age_alone_takes_the_lead_below_a_boundary_is_told(lead):
    told = json.loads(run("ada@example.com", "--to", "75", "--at", NOW.isoformat(), "--json").stdout)

    fall = next(each for each in told["falls"] if (each["field"], each["below"]) == ("total", 75))
    after = json.loads(run("ada@example.com", "--json", "--at", fall["at"]).stdout)
    before = json.loads(run("ada@example.com", "--json", "--at", (datetime.fromisoformat(fall["at"]) - timedelta(hours=1)).isoformat()).stdout)
    assert before["total"] >= 75 > after["total"]
    assert fall["asked_by"]


@ON_ONE_DATABASE["url"]
def test_a_crowd_of_events_of_which_only_the_newest_count_is_told(lead, monkeypatch):
    monkeypatch.setattr(crowd, "MOST_EVENTS", 1)

    left_out = json.loads(run("ada@example.com", "--at", NOW.isoformat(), "--json").stdout)["events_left_out"]

    assert left_out > 0
    assert f"only the newest count: {left_out} older ones" in run("ada@example.com", "--at", NOW.isoformat()).stdout
