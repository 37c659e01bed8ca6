"""Importing suppressions: only hashes are kept, and a hold is a hold."""

from typing import Any

import pytest
from people import NOW
from sqlmodel import Session, col, select

from models import Suppression
from ripeline.sweep.suppressing import suppressions_of
from ripeline.values import Refusal


def test_addresses_are_suppressed_whether_or_not_a_lead_has_them(session: Session, take: Any) -> None:
    outcome = take("suppressions", "Email,Reason,Date\nAda@Example.com,unsubscribe,2026-01-05\nbob@bücher.example,,\nada@example.com,spam,\n")

    standing = suppressions_of(session, ["ada@example.com", "bob@xn--bcher-kva.example"], b"pepper")
    assert dict(outcome.rows) == {"imported": 3}
    assert {key: [(row.reason.value, row.scope) for row in rows] for key, rows in standing.items()} == {
        "ada@example.com": [("unsubscribed", "all"), ("complained", "all")],
        "bob@xn--bcher-kva.example": [("imported", "all")],
    }
    assert [row.at == NOW for row in session.exec(select(Suppression).order_by(col(Suppression.id)))] == [False, True, True]


def test_no_address_is_in_the_database_afterwards(session: Session, take: Any) -> None:
    take("suppressions", "email\nada@example.com\n")

    assert not [row for row in session.exec(select(Suppression)) if "ada" in row.model_dump_json()]


def test_the_same_file_again_changes_nothing(session: Session, take: Any) -> None:
    content = "email\nada@example.com\nADA@example.com\n"

    first, again = take("suppressions", content), take("suppressions", content)

    assert (dict(first.rows), dict(again.rows)) == ({"imported": 1, "unchanged": 1}, {"unchanged": 2})


def test_rows_that_make_no_sense_are_refused_with_a_reason(take: Any) -> None:
    outcome = take(
        "suppressions", "email,reason,scope\nada,,\n,,\nbob@example.com,because,\nbob@example.com,,decision\nbob@example.com,manual,track:decision\n"
    )

    assert dict(outcome.rows) == {"imported": 1, "refused": 4}
    assert [reason.split(":")[0] for _, reason in outcome.refusals] == ["address", "address", "reason", "scope"]


def test_a_bare_list_of_addresses_is_told_to_get_a_header(take: Any) -> None:
    with pytest.raises(Refusal, match=r"has no column for 'address'.*name one 'address'"):
        take("suppressions", "ada@example.com\nbob@example.com\n")
