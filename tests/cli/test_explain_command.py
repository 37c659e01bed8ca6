"""`ripeline explain` as somebody types it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from people import NOW, ada, an_event
from sqlmodel import Session
from typer.testing import CliRunner, Result

from models import AttributeChange, Consent, ConsentState, Lead, Purpose
from ripeline.cli.main import app
from ripeline.playbook.applied import apply_files
from ripeline.playbook.files import read_folder
from ripeline.settings import CLONE
from ripeline.values import Refusal

LATER = (NOW + timedelta(days=60)).isoformat()


@pytest.fixture
def lead(session: Session, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lead:
    """Give Ada, with a demo asked for yesterday and pricing seen on three days, in a database the command line uses."""
    monkeypatch.setenv("RIPELINE_DATABASE_URL", url)
    monkeypatch.setenv("RIPELINE_VAR", str(tmp_path))
    apply_files(session, read_folder(CLONE), now=NOW - timedelta(days=30), by="test")
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


def test_a_person_reads_rule_evidence_and_what_limits_took(lead):
    said = run("ada@example.com", "--at", NOW.isoformat()).stdout
    for words in ("Asked for a demo", "3 events, the newest 2026-03-02 10:00Z", "limit of 'Looked at pricing'", "total", "grade A1", "No score is stored yet"):
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


def test_nobody_is_explained_before_they_came(lead):
    refused = run("ada@example.com", "--at", "2020-01-01T00:00Z")
    assert isinstance(refused.exception, Refusal)
    assert "nobody knew it" in str(refused.exception)


def test_who_objected_to_profiling_has_no_score(session, lead):
    given = {"lead_id": lead.id, "subject_hash": "", "purpose": Purpose.PROFILING, "basis": "consent", "source": "test"}
    session.add(Consent(**given, state=ConsentState.WITHDRAWN, at=NOW, received_at=NOW))
    session.commit()
    refused = run("ada@example.com", "--at", LATER)
    assert "objected to profiling" in str(refused.exception)
