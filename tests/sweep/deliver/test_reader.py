"""What a letter asks about its reader is looked up when it is written: conditions, the market's ways, what to read next."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from functools import cache

import pytest
from mailing import Hand, a_message, saved, willing
from people import NOW, ada, an_event
from shipped import FILES
from sqlmodel import Session

from models import Lead, Role, Score
from ripeline.letter.version import Asks
from ripeline.playbook.playbook import Playbook, parse_playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver import deliver
from ripeline.sweep.deliver.reader import Reader

TOUCH = "templates/email/probe/"
SAYS = (
    """{% if when("total >= 50 AND did('page_viewed', path = '/pricing')") %}keen{% else %}cool{% endif %} {{ market.currency|default("none") }} """
    """{% if next_asset %}{{ next_asset.title }} {{ next_asset.address }}{% endif %} {{ link.unsubscribe }}"""
)
CONTENT = """
[[asset]]
name = "first"
title = "The first"
path = "/first"
stages = ["lead"]
[[asset]]
name = "second"
title = "The second"
path = "/second"
stages = ["lead"]
"""


@cache
def _playbook() -> Playbook:
    letter = {TOUCH + "subject.txt": "Probe", TOUCH + "body.txt": SAYS, TOUCH + "body.html": "<html><body>x</body></html>"}
    meta = {TOUCH + "meta.toml": 'reply_to = "desk@tidewerk.example"\n[sender]\nname = "The desk"'}
    return parse_playbook(FILES | letter | meta | {"playbook/content.toml": CONTENT})


def _score(lead: Lead, total: int) -> Score:
    assert lead.id is not None
    return Score(lead_id=lead.id, role=Role.LIVE, fit=0, engagement=total, total=total, grade="A1", market="de", version="0", as_of=NOW, scored_seq=1)


@pytest.mark.parametrize(("total", "path", "expected"), [
    pytest.param(6000, "/pricing", "keen EUR The first https://www.tidewerk.example/first", id="a keen lead"),
    pytest.param(4000, "/pricing", "cool EUR The first https://www.tidewerk.example/first", id="too few points"),
    pytest.param(6000, "/first", "cool EUR The second https://www.tidewerk.example/second", id="who read the first"),
])  # fmt: skip
def test_a_letter_is_written_for_what_its_reader_did(session: Session, settings: Settings, total: int, path: str, expected: str) -> None:
    lead = willing(session, ada(locale="en"))
    saved(session, _score(lead, total), an_event(lead, "page_viewed", NOW - timedelta(days=1), path=path))
    saved(session, a_message(lead, template="email/probe", touch="probe", version=_playbook().hash))
    hand = Hand()

    deliver(session, range(2**31), _playbook(), now=NOW, settings=settings.model_copy(update={"site": "https://www.tidewerk.example"}), channel=hand)

    (mail,) = hand.mails
    read = message_from_bytes(mail.raw, policy=default)
    assert read.get_body(("plain",)).get_content().startswith(expected)  # type: ignore[union-attr]
    assert (read["From"], read["Reply-To"]) == ("The desk <nora@tidewerk.example>", "desk@tidewerk.example")


def test_a_letter_that_asks_nothing_costs_no_look(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = saved(session, ada())
    monkeypatch.setattr("ripeline.sweep.deliver.reader.read_facts", None)

    parts = Reader(session, _playbook(), lead, None, "https://x.example", NOW).parts(Asks((), False), "en")

    assert (parts["answers"], parts["next_asset"]) == ({}, None)
