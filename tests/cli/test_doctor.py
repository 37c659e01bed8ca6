"""`ripeline doctor`: everything in order, or what needs a person, in words and by exit code."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from commands import Answer, Run
from people import ada
from sqlmodel import Session, col, delete, update

from models import Lead, Message, MessageKind, MessageState, News, Score
from ripeline.database import open_session
from ripeline.playbook.applied import apply_files
from ripeline.values import message_id

PAST = datetime(2020, 1, 1, tzinfo=UTC)


def findings(answer: Answer) -> dict[str, tuple[bool, str]]:
    """Return what was said of each subject."""
    return {finding["subject"]: (finding["is_well"], finding["said"]) for finding in answer.told}


@pytest.fixture
def ready(run: Run, fresh_url: str, files: dict[str, str]) -> Run:
    """Give `run` on a database made by `db upgrade`, with the playbook live."""
    ready: Run = lambda *words, **environment: run(*words, **{"database_url": fresh_url} | environment)  # noqa: E731
    assert ready("db", "upgrade").exit_code == 0
    with open_session(fresh_url) as session:
        apply_files(session, files, now=PAST, by="test")
    return ready


def test_all_is_well_after_the_first_steps(ready: Run) -> None:
    shown, told = ready("doctor"), ready("doctor", "--json")

    assert (shown.exit_code, told.exit_code) == (0, 0)
    assert [line.split()[0] for line in shown.out.splitlines()] == ["ok"] * 8
    assert list(findings(told)) == ["settings", "sender", "disk", "database", "playbook", "channel", "in doubt", "overdue"]
    assert list(told.told[0]) == ["subject", "is_well", "said"]


def test_a_fresh_folder_is_told_the_first_step(run: Run) -> None:
    answer = run("doctor", "--json")

    assert answer.exit_code == 1
    assert findings(answer)["database"] == (False, findings(answer)["database"][1])
    assert "run `ripeline db upgrade`" in findings(answer)["database"][1]


def test_a_database_without_a_playbook_is_told_the_next(run: Run, fresh_url: str) -> None:
    run("db", "upgrade", database_url=fresh_url)

    answer = run("doctor", "--json", database_url=fresh_url)

    assert answer.exit_code == 1
    assert findings(answer)["playbook"] == (False, "no playbook is applied yet: run `ripeline apply`")


def test_a_database_behind_the_program_is_told_so(ready: Run, fresh_url: str) -> None:
    with open_session(fresh_url) as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
        session.commit()

    answer = ready("doctor", "--json")

    assert answer.exit_code == 1
    assert findings(answer)["database"][1].startswith("at revision 0000, this program wants")


def test_an_edit_that_is_not_applied_is_mentioned(ready: Run, own_home: Path) -> None:
    (own_home / "playbook/lists/partners.txt").write_text("example.org\n")

    answer = ready("doctor", "--json", home=own_home)

    assert answer.exit_code == 0, "nothing is wrong with that"
    assert "the working files differ: `ripeline apply --dry-run` shows how" in findings(answer)["playbook"][1]


@pytest.mark.parametrize(("state", "subject", "said"), [
    pytest.param(MessageState.SCHEDULED, "overdue", "1 messages due for over an hour: is deliver running?", id="overdue"),
    pytest.param(MessageState.IN_DOUBT, "in doubt", "1 messages: `ripeline messages --state in_doubt` lists them", id="in doubt"),
])  # fmt: skip
def test_a_mail_that_needs_a_person_is_counted(live: Run, url: str, state: MessageState, subject: str, said: str) -> None:
    with open_session(url) as session:
        _store_message(session, state)

    answer = live("doctor", "--json")

    assert answer.exit_code == 1
    assert findings(answer)[subject] == (False, said)


def test_real_mail_needs_a_sender(ready: Run) -> None:
    answer = ready("doctor", "--json", channel="smtp", smtp_host="127.0.0.1", smtp_port=1)

    assert answer.exit_code == 1
    assert findings(answer)["sender"][1].startswith("not set: RIPELINE_SENDER_ADDRESS, RIPELINE_COMPANY, RIPELINE_POSTAL_ADDRESS")


def test_what_is_no_setting_is_named(ready: Run) -> None:
    answer = ready("doctor", foo="1", deliver_claim="5")

    assert answer.exit_code == 1
    assert "LOOK settings RIPELINE_FOO is no setting: see .env.example" in answer.said
    assert "RIPELINE_DELIVER_CLAIM" not in answer.out


@pytest.mark.parametrize(("settings", "said"), [
    pytest.param({"secret_key": "short"}, "RIPELINE_SECRET_KEY is shorter than 32 characters", id="a short key"),
    pytest.param({"database_url": "postgresql://nobody@127.0.0.1:1/x"}, "cannot be used", id="a database that is down"),
    pytest.param({"var": "/proc"}, "cannot write to /proc", id="a folder that takes nothing"),
])  # fmt: skip
def test_one_fault_hides_no_other(run: Run, settings: dict[str, str], said: str) -> None:
    answer = run("doctor", "--json", **settings)

    assert answer.exit_code == 1
    assert said in answer.out
    assert "channel" in findings(answer)


def _store_message(session: Session, state: MessageState) -> None:
    lead = ada()
    session.add(lead)
    session.flush()
    assert lead.id is not None, "just stored"
    session.add(Message(
        id=message_id("k"), key="k", kind=MessageKind.TOUCH, lead_id=lead.id, recipient_key=lead.address_key, touch="case-study", template="email/case-study",
        version="0", local_at="2020-01-01T09:00:00", zone="UTC", due_at=PAST, state=state, mail_id="<k@tidewerk.example>", planned_at=PAST,
    ))  # fmt: skip
    session.commit()


def test_the_oracle_computes_stored_scores_again(seen: Run) -> None:
    answer = seen("doctor", "--oracle", "--all", "--json")

    assert list(findings(answer)) == ["oracle"]
    assert "5 scores at their own instant" in answer.out
    assert "0 differences" in answer.out
    assert answer.exit_code == 0


def test_the_oracle_counts_who_is_due_and_would_be_passed_by(worked: Run, worked_url: str) -> None:
    worked("run", "rescore")
    with open_session(worked_url) as session:
        session.exec(update(Lead).where(col(Lead.id) == 1).values(facts_seq=99))
        session.exec(delete(News))
        session.commit()

    answer = worked("doctor", "--oracle")

    assert answer.exit_code == 1
    assert "leads that are due and that rescore was not told of: 1" in answer.said


def test_the_oracle_names_a_score_that_is_not_what_its_facts_say(worked: Run, worked_url: str) -> None:
    with open_session(worked_url) as session:
        session.exec(update(Score).where(col(Score.lead_id) == 1).values(engagement=100))
        session.commit()

    answer = worked("doctor", "--oracle")

    assert answer.exit_code == 1
    assert "LOOK oracle lead 1: engagement is 100, and" in answer.said
    assert "`ripeline run rescore --full` puts the scores right" in answer.said
