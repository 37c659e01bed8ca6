"""The base is copied as it is and never written to."""

import shutil
from pathlib import Path

import sqlalchemy as sa
from crowd import populate
from people import JOINED, a_lead
from sqlmodel import Session

from models import News
from ripeline.database import open_session
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.simulate.base import Prints, changed, copied, prints, snapshot, tables
from ripeline.simulate.machine import Journey
from ripeline.simulate.run import LIVE, Wish, simulate
from ripeline.simulate.words import untouched


def test_a_copy_holds_what_the_base_holds_whatever_database_it_came_from(url: str, shipped: Playbook, tmp_path: Path) -> None:
    populate(url, shipped)

    read = copied(url, tmp_path / "copy.db")

    assert read["lead"].rows == 13
    assert prints(f"sqlite:///{tmp_path / 'copy.db'}") == read


def test_days_pass_and_the_base_is_as_it_was(url: str, shipped: Playbook, rehearsal: Settings) -> None:
    populate(url, shipped)
    before = prints(url)

    outcome = simulate(url, rehearsal, Wish(Journey(JOINED, 1), [LIVE]))

    assert prints(url) == before == outcome.base
    assert "hashes of all of them are the same" in untouched(outcome)


def test_what_others_did_meanwhile_is_told(session: Session, url: str) -> None:
    before = prints(url)
    session.add(a_lead())
    session.commit()

    assert changed(before, prints(url)) == {"lead": 1, "news": 1}


def test_a_fact_that_changes_without_a_new_row_is_seen(session: Session, url: str) -> None:
    lead = a_lead(company="Spreewerk")
    session.add(lead)
    session.commit()
    before = prints(url)
    lead.company = "Havelwerk"
    session.add(lead)
    session.commit()

    assert changed(before, prints(url)) == {"lead": 0}


def test_the_base_is_read_as_of_one_instant(session: Session, url: str) -> None:
    lead = next(table for table in tables() if table.name == "lead")

    with snapshot(url) as reading:
        before = list(reading.rows(lead))
        session.add(a_lead())
        session.commit()
        after = list(reading.rows(lead))

    assert before == after == []


def test_the_hash_does_not_hang_on_the_order_of_rows(empty_sqlite: Path, tmp_path: Path) -> None:
    def made(*order: int) -> Prints:
        file = shutil.copy(empty_sqlite, tmp_path / f"{order[0]}.db")
        with open_session(f"sqlite:///{file}") as session:
            for number in order:
                session.add(a_lead(external_id=str(number), address=f"lead{number}@example.com", id=number))
                session.flush()
            session.execute(sa.delete(News))  # its numbers tell the order
            session.commit()
        return prints(f"sqlite:///{file}")

    assert made(1, 2, 3) == made(3, 1, 2)
