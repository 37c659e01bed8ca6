"""9,240 real leads of an education company, by playbook/imports/xeducation.toml, the whole way to their mails.
from shipped import IN_ENGLISH

The set is never copied here: it is looked for in RIPELINE_SHARED_DATA, else in ../shared/data beside the clone.
"""

import csv
import os
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from people import NOW
from shipped import IN_ENGLISH
from sqlmodel import Session, col, select

from models import Consent, Enrolment, Event, Lead, Message, MessageState, Score, Suppression
from ripeline.connect.channels import channel_named
from ripeline.database import open_session
from ripeline.playbook.applied import apply_files
from ripeline.playbook.mapping import LeadsMap
from ripeline.playbook.playbook import Playbook
from ripeline.settings import CLONE, Settings
from ripeline.sweep.deliver import deliver
from ripeline.sweep.ingest import Intake, Outcome, import_leads
from ripeline.sweep.rescore import rescore
from ripeline.sweep.schedule import schedule
from ripeline.sweep.segment import segment

DATA = Path(os.environ.get("RIPELINE_SHARED_DATA", CLONE.parent / "shared" / "data")) / "xeducation" / "Leads.csv"
MAP = CLONE / "playbook" / "imports" / "xeducation.toml"
ALL = 9_240
SOME = range(1, 151)
"""The leads whose mails are really written: composing all 8,000 would take long and show no more."""

pytestmark = pytest.mark.skipif(
    not DATA.is_file(), reason=f"the X Education set is not there ({DATA}): set RIPELINE_SHARED_DATA to the folder that holds xeducation/"
)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Give the shipped playbook in English: these leads name no language."""
    return IN_ENGLISH


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """Give the rows as the file has them."""
    with DATA.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def playbook(url: str, files: dict[str, str]) -> Playbook:
    """Give the shipped playbook, applied."""
    with open_session(url) as session:
        return apply_files(session, files, now=NOW, by="test")


def bring(url: str, playbook: Playbook, settings: Settings) -> Outcome:
    with open_session(url) as session:
        intake = Intake(session, playbook.files, playbook.fields, NOW, settings.key, (settings.var_folder,))
        return import_leads(intake, DATA, intake.read_map(LeadsMap, MAP))


def count_of(session: Session, table: Any, *where: Any) -> int:
    return int(session.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def test_every_row_is_accounted_for_and_says_what_it_says(url: str, playbook: Playbook, settings: Settings, rows: list[dict[str, str]]) -> None:
    outcome = bring(url, playbook, settings)
    again = bring(url, playbook, settings)

    unwilling = {row["Lead Number"] for row in rows if row["Do Not Email"] == "Yes"}
    unsubscribed = [row for row in rows if row["Last Activity"] == "Unsubscribed"]
    visits = sum(int(row["TotalVisits"] or 0) for row in rows)
    times = sum(row["Total Time Spent on Website"] not in ("", "0") for row in rows)
    assert (dict(outcome.rows), dict(again.rows)) == ({"imported": ALL}, {"unchanged": ALL})
    with open_session(url) as session:
        assert count_of(session, Lead) == count_of(session, Consent) == ALL
        assert count_of(session, Suppression) == len(unwilling) + len(unsubscribed)
        assert count_of(session, Event, col(Event.kind) == "page_viewed", col(Event.path).is_not(None)) == visits + times
        countries = set(session.exec(select(Lead.country)).all())
        assert (len(countries - {None}), {"IN", "US", "AE", "GB"} <= countries) == (36, True)
        assert count_of(session, Lead, col(Lead.country).is_(None)) == sum(row["Country"] in ("", "unknown", "Asia/Pacific Region") for row in rows)
        assert not {"Select", "Other Cities"} & set(session.exec(select(Lead.city)).all())
        assert count_of(session, Lead, col(Lead.seniority) == "student") == sum(row["What is your current occupation"] == "Student" for row in rows)


def test_they_go_the_whole_way_to_their_mails(url: str, playbook: Playbook, settings: Settings, rows: list[dict[str, str]]) -> None:
    bring(url, playbook, settings)
    everybody = range(1, ALL + 1)

    for sweep, options in ((rescore, {}), (segment, {}), (schedule, {"settings": settings})):
        with open_session(url) as session:
            sweep(session, everybody, playbook, now=NOW, **options)  # type: ignore[operator]
    with open_session(url) as session:
        assert count_of(session, Score) == ALL
        last_due_at = session.exec(select(sa.func.max(Message.due_at))).one()
        assert count_of(session, Enrolment) > 8_000
    with open_session(url) as session:
        tally = deliver(session, SOME, playbook, now=last_due_at, settings=settings, channel=channel_named("maildir", settings))

    sent = [message_from_bytes(path.read_bytes()) for path in sorted((settings.var_folder / "mail").rglob("*.eml"))]
    unwilling = {f"lead-{row['Lead Number']}@example.com" for row in rows if row["Do Not Email"] == "Yes" or row["Last Activity"] == "Unsubscribed"}
    readers = [str(mail["To"]).split("<")[-1].strip(">") for mail in sent]
    assert (tally["accepted"], len(set(readers))) == (len(sent), len(sent))
    assert len(sent) > 100
    assert not set(readers) & unwilling
    assert all(mail["List-Unsubscribe"] and mail["List-Unsubscribe-Post"] for mail in sent)
    with open_session(url) as session:
        states = session.exec(select(Message.state).where(col(Message.lead_id) < SOME.stop)).all()
        assert set(states) <= {MessageState.ACCEPTED, MessageState.DEFERRED}, "sent, or put off to an hour at which its reader works"
        indian = session.exec(select(Message.due_at).join(Lead).where(col(Lead.country) == "IN")).all()
    in_kolkata = [(at + timedelta(hours=5, minutes=30)) for at in indian]
    assert {at.weekday() for at in in_kolkata} <= {0, 1, 2, 3, 4}
    assert all(9 <= at.hour < 18 for at in in_kolkata)
    assert min(indian) >= datetime(2026, 3, 2, 10, tzinfo=UTC)
