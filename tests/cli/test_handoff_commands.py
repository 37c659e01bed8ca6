"""`ripeline handoffs`, `handoff accept`, `handoff reject`: what sales types, and what comes back."""

import json
from typing import Any

import pytest
import typer
from people import NOW, ada
from sales import a_consent, the_playbook
from sqlmodel import Session, select
from typer.testing import CliRunner

from models import Handoff, HandoffState, Score
from ripeline.cli import handoff as commands
from ripeline.playbook.applied import apply_files
from ripeline.settings import Settings
from ripeline.sweep.handoff import handoff
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Refusal

LISTING = typer.Typer()
LISTING.command()(commands.handoffs)


@pytest.fixture
def offered(session: Session, url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Give a session on a database in which Ada is offered to her rep; commands find it by the environment."""
    monkeypatch.setenv("RIPELINE_DATABASE_URL", url)
    monkeypatch.setenv("RIPELINE_VAR", str(settings.var))
    apply_files(session, the_playbook().files, now=NOW, by="test")
    lead = ada()
    session.add(lead)
    session.flush()
    assert lead.id is not None, "just stored"
    known: dict[str, Any] = {"fit": 4000, "engagement": 4000, "grade": "A2", "version": scoring_of(the_playbook()).version, "as_of": NOW, "scored_seq": 1}
    session.add_all([Score(lead_id=lead.id, total=8000, **known), a_consent(lead)])
    session.commit()
    handoff(session, range(100), the_playbook(), now=NOW, settings=settings)
    return session


def test_the_list_is_read_by_people_and_by_programs(offered: Session) -> None:
    shown, told = CliRunner().invoke(LISTING, []), CliRunner().invoke(LISTING, ["--open", "--json"])

    assert "Lukas Brandt" in shown.output
    assert "offered, late" in shown.output, "the real clock is past the promised answer"
    (one,) = json.loads(told.output)
    assert (one["lead_id"], one["rep"], one["total"], one["state"], one["is_late"]) == (1, "Lukas Brandt", 80.0, "offered", True)
    assert one["lead_time"] == "Tue 2026-03-03 11:00 Europe/Berlin"


@pytest.mark.parametrize(
    ("words", "state", "verdict"),
    [
        pytest.param(["accept", "1"], HandoffState.ACCEPTED, None, id="accept"),
        pytest.param(["reject", "1", "--reason", "no budget"], HandoffState.REJECTED, "no budget", id="reject with a reason"),
    ],
)
def test_an_answer_is_acted_on_at_once(offered: Session, words: list[str], state: HandoffState, verdict: str | None) -> None:
    offered.rollback()

    result = CliRunner().invoke(commands.app, words)

    assert result.exit_code == 0, result.output
    answered = offered.exec(select(Handoff)).one()
    offered.refresh(answered)
    assert (answered.state, answered.verdict) == (state, verdict)
    assert CliRunner().invoke(LISTING, ["--open", "--json"]).output.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["accept", "77"], "no handoff 77: `ripeline handoffs` lists them", id="unknown"),
        pytest.param(["reject", "1"], "say --reason", id="a rejection without a reason"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(offered: Session, words: list[str], said: str) -> None:
    offered.rollback()

    result = CliRunner().invoke(commands.app, words)

    assert isinstance(result.exception, Refusal)
    assert said in str(result.exception)
    assert result.exception.exit_code == 2
