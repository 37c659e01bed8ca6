"""Why a lead gets its next touch when it does, or why not: the sweeps' own judgement, asked for one lead."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mailing import Hand, a_consent, saved
from people import NOW, a_lead, ada, an_event
from sqlmodel import Session, select
from tracks import in_track, shipped, with_touches

from models import ConsentState, Handoff, Lead, Message, MessageState, SuppressionReason
from ripeline.connect.channels import Deferred
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver import deliver
from ripeline.sweep.schedule import schedule
from ripeline.sweep.suppressing import suppress
from ripeline.sweep.why import Why, why
from ripeline.values import Refusal

EVERYBODY = range(1, 1000)
TWO = ({"name": "case-study", "wait": "3 business days"}, {"name": "customer-story", "wait": "2 business days"})

Ask = Callable[..., Why]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def playbook() -> Playbook:
    """Give the shipped limits with one track of two touches."""
    return with_touches(*TWO, of=shipped())


@pytest.fixture
def ask(session: Session, playbook: Playbook, settings: Settings) -> Ask:
    """Give a function that plans what is due and asks about lead 1."""

    def asked(now: datetime = NOW, touch: str | None = None, by: Playbook | None = None, planned: bool = True) -> Why:
        if planned:
            schedule(session, EVERYBODY, by or playbook, now=now, settings=settings)
        told = why(session, 1, by or playbook, now, settings, touch)
        session.rollback()
        return told

    return asked


def test_a_touch_that_goes_is_told_with_rule_wall_zone_and_the_days_passed_over(session: Session, playbook: Playbook, ask: Ask) -> None:
    in_track(session, playbook, ada(region="BY"), entered_at=utc("2026-04-01 10:00"))

    told = ask(utc("2026-04-01 10:00"))

    assert (told.outcome, told.touch, told.because) == ("goes", "case-study", "by its rule: 3 business days after entering, then business days 09:00–17:00")
    assert told.slot is not None
    assert (told.slot.local_at[:10], told.slot.zone, told.slot.zone_source, told.slot.resolution) == ("2026-04-08", "Europe/Berlin", "lead", "normal")
    assert told.earliest == told.slot.due_at
    assert [(each.touch, each.local_at[:10]) for each in told.ahead] == [("customer-story", "2026-04-10")]


def test_the_dates_between_the_wait_and_the_hour_are_told(session: Session, ask: Ask) -> None:
    by = with_touches({"name": "case-study", "wait": "2 days"}, of=shipped())
    in_track(session, by, ada(), entered_at=utc("2026-04-01 10:00"))

    told = ask(utc("2026-04-01 10:00"), by=by)

    assert told.slot is not None
    assert [f"{day} {because}" for day, because in told.slot.passed] == [
        "2026-04-03 a public holiday in DE-BE", "2026-04-04 weekend in DE-BE", "2026-04-05 weekend in DE-BE", "2026-04-06 a public holiday in DE-BE",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "outcome", "because"),
    [
        pytest.param("no consent", "stopped", "consent to marketing was withdrawn", id="consent"),
        pytest.param("suppressed", "stopped", "suppressed: complained", id="suppression"),
        pytest.param("on hold", "stopped", "on hold", id="hold"),
        pytest.param("with sales", "stopped", "with sales: an open hand-off pauses nurture", id="hand-off"),
        pytest.param("not run", "goes", "not planned yet: run `ripeline run schedule`", id="nobody planned it yet"),
    ],
)
def test_what_keeps_a_touch_from_being_planned_is_told_with_the_earliest_instant(
    session: Session, playbook: Playbook, settings: Settings, ask: Ask, case: str, outcome: str, because: str
) -> None:
    lead = saved(session, ada(is_on_hold=case == "on hold"))
    in_track(session, playbook, lead, consent=a_consent(lead, state=ConsentState.WITHDRAWN) if case == "no consent" else None)
    if case == "suppressed":
        suppress(session, lead.address_key, SuppressionReason.COMPLAINED, "test", at=NOW, now=NOW, pepper=settings.key)
    if case == "with sales":
        session.add(Handoff(lead_id=lead.id, total=7600, grade="A1", version="card", opened_at=NOW))
    session.commit()

    told = ask(planned=case != "not run")

    assert (told.outcome, told.because, told.touch) == (outcome, because, "case-study")
    assert told.earliest is not None
    assert told.earliest.date() == utc("2026-03-05").date()


@pytest.mark.parametrize(
    ("case", "now", "because", "earliest"),
    [
        pytest.param("", "2026-03-05 21:30", "quiet 21:00–08:00", "2026-03-06 08:00", id="quiet hours"),
        pytest.param("", "2026-03-07 12:00", "weekend in DE-BE", "2026-03-09 08:00", id="a weekend"),
        pytest.param("", "2026-04-03 12:00", "a public holiday in DE-BE", "2026-04-07 07:00", id="a holiday"),
        pytest.param("no consent", "2026-03-05 12:00", "consent withdrawn", None, id="consent"),
        pytest.param("capped", "2026-03-05 12:00", "gap of 20 hours", "2026-03-06 08:00", id="a cap"),
        pytest.param("on hold", "2026-03-05 12:00", "on hold", "2026-03-06 12:00", id="hold"),
        pytest.param("goal", "2026-03-05 12:00", "about to leave the track: goal reached: did('meeting_booked')", "2026-03-05 13:00", id="the goal is met"),
        pytest.param("suppressed", "2026-03-05 12:00", "complained", None, id="suppression"),
    ],
)
def test_the_first_reason_that_stops_a_touch_that_is_due_is_told(
    session: Session, settings: Settings, ask: Ask, case: str, now: str, because: str, earliest: str | None
) -> None:
    by = with_touches(*TWO, of=shipped(), leave={"goal": "did('meeting_booked')"})
    lead = saved(session, ada())
    in_track(session, by, lead)
    ask(by=by)
    message = session.exec(select(Message)).one()
    if case == "capped":
        other = Message(**message.model_dump() | {"id": message.id.__class__(int=1), "key": "touch:9:x", "mail_id": "x", "enrolment_id": None, "touch": "x"})
        other.state, other.accepted_at = MessageState.ACCEPTED, utc(now) - timedelta(hours=1)
        session.add(other)
    if case == "no consent":
        session.add(a_consent(lead, state=ConsentState.WITHDRAWN, at=NOW + timedelta(hours=1)))
    if case == "goal":
        session.add(an_event(lead, "meeting_booked", NOW + timedelta(hours=1)))
    if case == "suppressed":
        suppress(session, lead.address_key, SuppressionReason.COMPLAINED, "test", at=NOW, now=NOW, pepper=settings.key)
    held = session.get(Lead, 1)
    assert held is not None
    held.is_on_hold = case == "on hold"
    session.commit()

    told = ask(utc(now), by=by, planned=False)

    assert (told.outcome, told.because) == ("stopped", because)
    if earliest is not None:
        assert told.earliest == utc(earliest)


def test_a_touch_that_was_put_off_is_told_with_why_and_the_instant_it_waits_for(session: Session, playbook: Playbook, settings: Settings, ask: Ask) -> None:
    in_track(session, playbook)
    ask()
    message = session.exec(select(Message)).one()
    other = {"id": message.id.__class__(int=1), "key": "touch:9:x", "mail_id": "x", "enrolment_id": None, "touch": "x"}
    session.add(Message(**message.model_dump() | other | {"state": MessageState.ACCEPTED, "accepted_at": utc("2026-03-06 15:00")}))
    session.commit()
    deliver(session, EVERYBODY, playbook, now=utc("2026-03-06 15:00"), settings=settings, channel=Hand())

    told = ask(utc("2026-03-06 16:00"), planned=False)

    assert (told.outcome, told.because, told.earliest) == ("stopped", "gap of 20 hours", utc("2026-03-09 08:00"))
    assert told.slot is not None
    assert (told.slot.local_at, told.slot.due_at) == ("2026-03-09T09:00:00", told.earliest)


def test_a_touch_that_a_server_put_off_could_go_when_its_window_opens(session: Session, playbook: Playbook, settings: Settings, ask: Ask) -> None:
    in_track(session, playbook)
    ask()
    later = Deferred(451, "later", "rcpt")
    deliver(session, EVERYBODY, playbook, now=utc("2026-03-06 15:59"), settings=settings, channel=Hand([later]))

    told = ask(utc("2026-03-06 16:00"), planned=False)

    assert (told.outcome, told.because, told.earliest) == ("stopped", "put off at rcpt", utc("2026-03-09 08:00"))


@pytest.mark.parametrize("planned", [pytest.param(True, id="it is planned"), pytest.param(False, id="nobody planned it yet")])
def test_a_touch_that_is_held_out_puts_off_none_that_comes_after_it(session: Session, ask: Ask, planned: bool) -> None:
    by = with_touches({"name": "case-study", "wait": "1 day", "hold_out": 99.9}, {"name": "customer-story", "wait": "1 hour"}, of=shipped())
    in_track(session, by)

    told = ask(by=by, planned=planned)

    days = {each.touch: each.local_at[:10] for each in told.ahead}
    assert days["customer-story"] == "2026-03-03"


def test_a_touch_that_went_is_a_duplicate_and_one_that_comes_later_says_after_which(session: Session, playbook: Playbook, settings: Settings, ask: Ask) -> None:
    in_track(session, playbook)
    ask()
    later = ask(touch="customer-story")
    due_at = session.exec(select(Message)).one().due_at
    deliver(session, EVERYBODY, playbook, now=due_at, settings=settings, channel=Hand())

    had = ask(due_at, touch="case-study")

    assert (later.outcome, later.because) == ("stopped", "it comes after case-study")
    assert later.earliest is not None
    assert (had.outcome, had.because) == ("done", f"it went out on {due_at:%Y-%m-%d %H:%M}Z: nobody gets a touch twice")


@pytest.mark.parametrize("touch", ["case-study", "renewal"])
def test_a_touch_that_is_still_to_come_is_told_by_the_rule_that_it_will_be_stored_with(session: Session, settings: Settings, ask: Ask, touch: str) -> None:
    dated = {"name": "renewal", "template": "checklist", "on": "contract_ends", "before": "30 days"}
    by = with_touches({"name": "case-study", "wait": "1 day"}, dated, of=shipped())
    in_track(session, by, ada(more={"contract_ends": "2026-06-01"}))

    foretold = ask(by=by, touch=touch, planned=False)
    ask(by=by)
    deliver(session, EVERYBODY, by, now=utc("2026-03-03 12:00"), settings=settings, channel=Hand())
    ask(utc("2026-03-03 12:00"), by=by)

    assert foretold.slot is not None
    assert foretold.slot.rule == session.exec(select(Message).where(Message.touch == touch)).one().rule


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        pytest.param("skipped: contract_ends is not known", "done", id="it was skipped"),
        pytest.param("put in behind the lead's place by an edit", "stopped", id="it was never planned"),
    ],
)
def test_a_touch_that_never_went_is_told_with_the_reason_alone(session: Session, playbook: Playbook, ask: Ask, reason: str, outcome: str) -> None:
    in_track(session, playbook)
    ask()
    message = session.exec(select(Message)).one()
    message.state, message.reason = MessageState.CANCELLED, reason
    session.commit()

    told = ask(touch="case-study", planned=False)

    assert (told.outcome, told.because) == (outcome, reason)


def test_a_touch_that_only_a_newer_version_has_is_told(session: Session, ask: Ask) -> None:
    old, new = with_touches(TWO[0], of=shipped()), with_touches(*TWO, of=shipped())
    in_track(session, old)
    ask(by=old)
    both = replace(old, tracks=new.tracks)  # as it is live; the lead is bound to `old`, which the database would load

    told = why_of(session, both, old, "customer-story")

    assert told.because.startswith(f"the lead is on version {old.hash[:12]} of its track, which has no touch 'customer-story'")


def why_of(session: Session, live: Playbook, pinned: Playbook, touch: str) -> Why:
    """Ask by a live playbook while the lead is bound to another that no database knows."""
    from ripeline.playbook import applied

    applied._parsed[pinned.hash] = pinned
    try:
        return why(session, 1, replace(live, hash="live"), NOW, Settings(_env_file=None, secret_key="0" * 32), touch)  # type: ignore[call-arg, arg-type]
    finally:
        del applied._parsed[pinned.hash]


def test_a_track_that_waits_says_for_which_and_until_when(session: Session, playbook: Playbook, ask: Ask) -> None:
    other = Track.model_validate({"title": "Other", "priority": 9, "enter": {"when": "total >= 10"}, "touch": [{"name": "product-tour", "wait": "1 day"}]})
    both = replace(playbook, hash="proof and other", tracks={**playbook.tracks, "other": other})
    in_track(session, both)

    told = ask(by=both, touch="product-tour")

    (kept,) = told.kept
    assert kept.because == "waits for 'proof' to end or to have sent all: one track of group 'nurture' at a time"
    assert kept.at is not None
    assert kept.at.date() == utc("2026-03-09").date()
    assert told.because == f"it belongs to track 'other': {kept.because}"


def test_a_lead_in_no_track_is_told_what_each_track_asks_for(session: Session, playbook: Playbook, settings: Settings, ask: Ask) -> None:
    session.add(a_lead())
    session.commit()

    assert ask().because == "no recorded consent to marketing"
    assert ask(touch="case-study").because == "it belongs to track 'proof', and the lead may be in none: nobody may score this lead"
    with pytest.raises(Refusal, match=r"no track has a touch 'case-studdy'\. Did you mean 'case-study'"):
        ask(touch="case-studdy")


def test_asking_changes_nothing(session: Session, playbook: Playbook, ask: Ask) -> None:
    in_track(session, playbook)

    first, second = ask(planned=False), ask(planned=False)

    assert first == second
    assert session.exec(select(Message)).all() == []
    assert session.get(Lead, 1) is not None
