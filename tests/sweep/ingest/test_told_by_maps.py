"""What a map tells of a lead's row beside its attributes: events, consents and suppressions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from importing import leads_of
from people import NOW
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Event, Purpose, Suppression, SuppressionReason

DAY = timedelta(days=1)


TELLING = """
source  = "crm"
missing = ["Select"]
[lead]
id      = "No"
address = "lead-{No}@example.com"
country = "Country"
industry = { constant = "Education" }
[values.country]
unknown = ""
Bharat  = "IN"
[[event]]
kind  = "page_viewed"
times = "Visits"
at    = "Seen"
with  = { path = { constant = "/courses" } }
[[event]]
from = "Last"
at   = 2026-02-27T12:00:00Z
kind = { "Mail Opened" = "mail_opened", "Unsubscribed" = "unsubscribed" }
[[suppression]]
from = "No Mail"
is   = "Yes"
[[consent]]
from    = "Agreed"
is      = ["Yes", "y"]
purpose = "marketing"
text    = "Words"
at      = "Seen"
"""
TOLD = """\
No,Country,Visits,Last,No Mail,Agreed,Words,Seen
1,Bharat,2,Mail Opened,No,yes,Yes please,2026-02-20
2,unknown,0,Unsubscribed,Yes,No,,2026-02-21
3,Select,,Select,,,,
"""


def test_a_map_tells_attributes_events_consents_and_suppressions_from_columns(session: Session, take: Any) -> None:
    outcome = take("leads", TOLD, map=TELLING)

    leads = leads_of(session)
    events = session.exec(select(Event).order_by(col(Event.lead_id), col(Event.at), col(Event.kind))).all()
    consent = session.exec(select(Consent)).one()
    assert (dict(outcome.rows), dict(outcome.brought)) == ({"imported": 3}, {"suppressions": 1, "consents": 1, "events": 4})
    assert [(lead.external_id, lead.country, lead.industry) for lead in leads.values()] == [
        ("1", "IN", "Education"),
        ("2", None, "Education"),
        ("3", None, "Education"),
    ]
    assert [(event.lead_id, event.kind, event.path) for event in events] == [
        (1, "page_viewed", "/courses"), (1, "page_viewed", "/courses"), (1, "mail_opened", None), (2, "unsubscribed", None),
    ]  # fmt: skip
    assert (consent.lead_id, consent.purpose, consent.state, consent.text, consent.at) == (
        1,
        Purpose.MARKETING,
        ConsentState.GIVEN,
        "Yes please",
        datetime(2026, 2, 20, tzinfo=UTC),
    )
    assert (consent.basis, consent.source, consent.proof) == ("consent", "crm", "leads.csv, line 2")
    assert sorted(session.exec(select(Suppression.reason)).all()) == [SuppressionReason.DO_NOT_EMAIL, SuppressionReason.UNSUBSCRIBED]


def test_what_a_map_tells_is_told_once(session: Session, take: Any) -> None:
    take("leads", TOLD, map=TELLING)

    again = take("leads", TOLD, map=TELLING, now=NOW + DAY)
    more = take("leads", TOLD.replace("1,Bharat,2", "1,Bharat,3"), map=TELLING, now=NOW + DAY)

    assert dict(again.rows) == {"unchanged": 3}
    assert (dict(more.rows), dict(more.brought)) == ({"merged": 1, "unchanged": 2}, {"events": 1})
    assert leads_of(session)["lead-1@example.com"].facts_seq == 2


def test_an_event_of_a_row_that_does_not_say_when_refuses_the_row(take: Any) -> None:
    outcome = take("leads", TOLD.replace("2026-02-20", ""), map=TELLING)

    assert outcome.refusals == [(2, "at: is blank, so nobody knows when it happened")]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("as_of = {}", id="when the facts were true"),
        pytest.param('[[event]]\nkind = "page_viewed"\nat = {}', id="when an event happened"),
        pytest.param('[[consent]]\npurpose = "marketing"\ntext = {{ constant = "Yes" }}\nat = {}', id="when somebody agreed"),
        pytest.param("[[suppression]]\nat = {}", id="when somebody refused"),
    ],
)
def test_an_instant_of_the_map_itself_may_not_lie_in_the_future_either(session: Session, take: Any, told: str) -> None:
    def outcome(at: datetime) -> Any:
        as_of, blocks = ("", told.format(at.isoformat())) if told.startswith("[") else (told.format(at.isoformat()), "")
        return take("leads", "email\nada@example.com\n", map=f'{as_of}\n[lead]\naddress = "email"\n{blocks}')

    late = outcome(NOW + timedelta(minutes=5, seconds=1))

    assert (dict(late.rows), leads_of(session)) == ({"refused": 1}, {})
    assert late.refusals[0][1].split(": ", 1)[1].startswith("'2026-03-02T10:05:01Z' lies in the future")
    assert dict(outcome(NOW + timedelta(minutes=5)).rows) == {"imported": 1}


def test_a_file_changed_in_the_future_tells_no_event_of_its_date(take: Any) -> None:
    the_map = '[lead]\naddress = "email"\n[[event]]\nkind = "page_viewed"\nat = "the file\'s date"'

    outcome = take("leads", "email\nada@example.com\n", map=the_map, now=datetime(2020, 1, 1, tzinfo=UTC))

    assert outcome.refusals[0][1].startswith("at: 'the file's date, 20")


def test_a_consent_to_nothing_refuses_the_row(take: Any) -> None:
    outcome = take("leads", TOLD.replace("Yes please", ""), map=TELLING)

    assert outcome.refusals == [(2, "text: is blank, and nobody can agree to nothing")]


def test_a_column_that_says_no_chooses_nobody(session: Session, take: Any) -> None:
    the_map = '[lead]\naddress = "email"\n[[suppression]]\nfrom = "opt out"'

    outcome = take("leads", "email,opt out\nada@example.com,No\nkenji@example.org,\nmaya@example.net,0\nsam@example.com,since May\n", map=the_map)

    assert outcome.brought["suppressions"] == 1


def test_no_field_is_kept_of_a_row_that_is_refused_for_its_lead(session: Session, take: Any) -> None:
    take("leads", "id,email\n1,ada@example.com\n")

    outcome = take("leads", "id,email,shoe\n2,ada@example.com,41\n3,kenji@example.org,43\n")

    assert (dict(outcome.rows), dict(outcome.undeclared)) == ({"imported": 1, "refused": 1}, {"shoe": 1})


def test_somebody_may_be_called_null(session: Session, take: Any) -> None:
    take("leads", "email,last_name,city\nada@example.com,Null,NULL\n")

    lead = leads_of(session)["ada@example.com"]
    assert (lead.last_name, lead.city) == ("Null", None)
