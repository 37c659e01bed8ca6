"""Rescore: who is due, what is stored, and what two of them at once may not lose."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from people import NOW, a_lead, ada, an_event
from shipped import IN_ENGLISH, in_english
from sqlmodel import Session, select

from models import Actor, AttributeChange, Consent, ConsentState, Enrolment, Event, Lead, Purpose, Score, ScoreChange
from ripeline.database import open_session
from ripeline.decide.scorecard import Scorecard
from ripeline.playbook.applied import apply_files
from ripeline.playbook.playbook import Playbook
from ripeline.sweep import foreseen, news
from ripeline.sweep.rescore import due, rescore
from ripeline.sweep.scores import store_scores

YESTERDAY = NOW - timedelta(days=1)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """Give the shipped playbook without markets, so that points are those of the card."""
    return replace(in_english(), hash="without markets", markets={})


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, stored: 50 points of fit by the shipped card."""
    return _stored(session, ada(created_at=YESTERDAY))


def _stored(session: Session, *rows: Lead | Event | Consent | AttributeChange) -> Lead:
    session.add_all(rows)
    session.commit()
    session.refresh(rows[0])
    session.rollback()
    return rows[0]  # type: ignore[return-value]


def _happens(session: Session, lead: Lead, *events: Event | AttributeChange) -> None:
    """Store events as ingest does: every new fact raises `facts_seq`."""
    session.add_all(events)
    lead.facts_seq += 1
    session.add(lead)
    session.commit()


def _changes(session: Session, lead: Lead, change: AttributeChange) -> None:
    """Store a change as ingest does, with the attribute of a lead that has it already changed."""
    change.lead_id = lead.id
    if change.attribute != "address":
        setattr(lead, change.attribute, change.new)
    _happens(session, lead, change)


def _objection(lead: Lead, state: ConsentState, at: datetime) -> Consent:
    return Consent(lead_id=lead.id, subject_hash="", purpose=Purpose.PROFILING, state=state, basis="consent", at=at, received_at=at, source="test")


def _scores(session: Session) -> dict[int, Score]:
    session.expire_all()
    return {score.lead_id: score for score in session.exec(select(Score))}


def _run(session: Session, playbook: Playbook, now: datetime = NOW, **options: bool) -> int:
    """Work off all that is due and return how many leads were scored."""
    batches = due(session, playbook, now=now, batch_size=20_000, full=options.get("full", False))
    session.rollback()
    return sum(rescore(session, batch, playbook, now=now, **options)["scored"] for batch in batches)


def test_a_new_lead_gets_a_score_with_its_reasons(session, lead, playbook):
    _happens(session, lead, an_event(lead, "demo_requested", NOW))

    assert _run(session, playbook) == 1

    score = _scores(session)[lead.id]
    assert (score.fit, score.engagement, score.total, score.grade) == (5000, 3500, 8500, "A2")
    assert score.reasons == "0=2000;3=1500;5=1000;6=500;11=3500"
    assert (score.as_of, score.scored_seq, score.revision) == (NOW, lead.facts_seq, 1)


@pytest.mark.parametrize(("pattern", "total"), [("a\\_b%", 700), ("%\\", 700), ("a_b_", 700), ("a\\\\_b%", 0)])
def test_a_backslash_in_a_pattern_is_a_character_like_any_other(session, lead, playbook, pattern, total):
    rule = {"name": "Form", "event": "form_sent", "when": f"form LIKE '{pattern}'", "points": 7}
    card = replace(playbook, hash=f"with {pattern}", scorecard=Scorecard.model_validate({"title": "Test", "engagement": [rule]}))
    form = "a_b\\" if pattern in ("%\\", "a_b_") else "a\\xb1"
    _happens(session, lead, an_event(lead, "form_sent", NOW, form=form))

    _run(session, card)

    assert _scores(session)[lead.id].total == total


def test_what_was_scored_is_not_due_again(session, lead, playbook):
    _run(session, playbook)
    assert due(session, playbook, now=NOW, batch_size=10) == []


def test_news_make_a_lead_due_and_raise_the_revision(session, lead, playbook):
    _run(session, playbook)
    _happens(session, lead, an_event(lead, "webinar_attended", NOW))

    assert _run(session, playbook, TOMORROW) == 1

    score = _scores(session)[lead.id]
    assert (score.engagement, score.revision) == (1977, 2)


def test_of_few_with_news_among_many_only_those_are_looked_at_who_still_may_be_scored(session, playbook):
    first, *others = [_stored(session, a_lead(created_at=YESTERDAY)) for _ in range(12)]
    last = others[-1]
    _run(session, playbook)
    for lead in (first, last):
        _happens(session, lead, an_event(lead, "webinar_attended", NOW))

    (batch,) = due(session, playbook, now=TOMORROW, batch_size=20_000)
    session.rollback()
    _stored(session, _objection(last, ConsentState.WITHDRAWN, NOW))
    tally = rescore(session, batch, playbook, now=TOMORROW)

    assert (tally["scored"], tally["withheld"]) == (1, 1)
    assert last.id not in _scores(session)
    assert due(session, playbook, now=TOMORROW, batch_size=20_000) == []


def test_a_lead_is_due_when_its_review_comes_and_not_before(session, playbook):
    lead = _stored(session, ada(created_at=NOW))
    _run(session, playbook)
    review = _scores(session)[lead.id].next_review_at
    assert review == NOW + timedelta(days=30)

    assert due(session, playbook, now=review - timedelta(microseconds=1), batch_size=10) == []
    assert _run(session, playbook, review) == 1
    assert _scores(session)[lead.id].engagement == -1000


def test_another_card_makes_everybody_due(session, lead, playbook):
    _run(session, playbook)
    dearer = playbook.scorecard.model_copy(update={"fit": playbook.scorecard.fit[1:]})
    assert _run(session, replace(playbook, hash="another", scorecard=dearer)) == 1
    assert _scores(session)[lead.id].fit == 3000


def test_full_scores_everybody_again(session, lead, playbook):
    _run(session, playbook)
    assert _run(session, playbook, TOMORROW, full=True) == 1


def test_who_is_scored_anew_before_a_review_has_come_need_not_be_judged_anew(session, playbook):
    lead = _stored(session, ada(created_at=NOW))
    _run(session, playbook)
    review = _scores(session)[lead.id].next_review_at

    _run(session, playbook, review - timedelta(microseconds=1), full=True)
    early = _scores(session)[lead.id]
    assert (early.as_of, early.revision) == (review - timedelta(microseconds=1), 1)

    _run(session, playbook, review)
    assert _scores(session)[lead.id].revision == 2


def test_machines_do_not_score(session, lead, playbook):
    _happens(session, lead, *(an_event(lead, "demo_requested", NOW, actor=actor) for actor in (Actor.MACHINE, Actor.UNKNOWN)))
    _run(session, playbook)
    assert _scores(session)[lead.id].engagement == 0


@pytest.mark.parametrize("told_late", [pytest.param(True, id="happened, and not yet heard of"), pytest.param(False, id="lies ahead")])
def test_what_is_not_yet_known_counts_from_then_on(session, lead, playbook, told_late):
    soon = NOW + timedelta(minutes=4)
    _happens(session, lead, an_event(lead, "demo_requested", NOW if told_late else soon, received_at=soon))

    _run(session, playbook)
    assert _scores(session)[lead.id].engagement == 0
    assert _scores(session)[lead.id].next_review_at == soon

    assert _run(session, playbook, soon) == 1
    assert _scores(session)[lead.id].engagement > 0


def test_an_attribute_that_is_no_column_counts_by_its_declared_type(session, playbook):
    lead = _stored(session, a_lead(more={"plan": "gold", "seats": 12, "is_partner": True, "renews_on": "2026-05-01"}))
    text = """
[[fit]]
name = "Gold"
when = "plan = 'gold' AND is_partner AND renews_on < '2026-06-01'"
points = 7
[[fit]]
name = "Seats"
number = "seats"
bins = [{ from = 10, points = 3 }]
"""
    from cards import card

    from ripeline.decide.fields import Field, FieldType

    extra = {"plan": FieldType.TEXT, "seats": FieldType.NUMBER, "is_partner": FieldType.FLAG, "renews_on": FieldType.DATE}
    fields = replace(playbook.fields, lead={**playbook.fields.lead, **{name: Field(name, type_) for name, type_ in extra.items()}})
    _run(session, replace(playbook, hash="more", fields=fields, scorecard=card(text).card))
    assert _scores(session)[lead.id].fit == 1000


def test_a_moved_lead_is_scored_by_its_change(session, lead, playbook):
    change = AttributeChange(lead_id=lead.id, attribute="company", old="Spreewerk", new="Rival", at=NOW, received_at=NOW)
    lead.address_key = "ada@rival.example"
    _stored(session, lead, change)
    _run(session, playbook)
    score = _scores(session)[lead.id]
    assert score.reasons.endswith("=-3000")
    assert (score.excluded, score.grade, score.total) == ("Works for a competitor", "D4", 0)


def test_a_market_changes_the_card_for_its_leads(session, lead):
    whole = in_english()
    everywhere = _stored(session, a_lead(country="FR"))
    _run(session, whole)
    scores = _scores(session)
    assert (scores[lead.id].market, scores[everywhere.id].market) == ("de", None)


def test_history_tells_each_change_of_grade_once(session, lead, playbook):
    _run(session, playbook)
    _happens(session, lead, an_event(lead, "demo_requested", NOW))
    _run(session, playbook, TOMORROW)
    _run(session, playbook, TOMORROW, full=True)

    changes = session.exec(select(ScoreChange)).all()
    assert [(each.grade, each.at, each.stage) for each in changes] == [("A2", TOMORROW, "lead")]


def test_a_dry_run_changes_nothing(session, lead, playbook):
    assert _run(session, playbook, dry_run=True) == 1
    assert _scores(session) == {}


def test_an_objection_to_profiling_takes_the_score_away(session, lead, playbook):
    _run(session, playbook)
    _stored(session, _objection(lead, ConsentState.WITHDRAWN, NOW))

    batches = due(session, playbook, now=NOW, batch_size=10)
    session.rollback()
    assert sum(rescore(session, batch, playbook, now=NOW)["withheld"] for batch in batches) == 1
    assert _scores(session) == {}
    assert due(session, playbook, now=NOW, batch_size=10) == []


def test_an_objection_taken_back_brings_the_score_again(session, lead, playbook):
    _stored(session, _objection(lead, ConsentState.WITHDRAWN, NOW - timedelta(days=2)), _objection(lead, ConsentState.GIVEN, NOW - timedelta(days=1)))
    assert _run(session, playbook) == 1


def test_nobody_scores_the_erased(session, playbook):
    _stored(session, a_lead(erased_at=NOW))
    assert due(session, playbook, now=NOW, batch_size=10) == []


def test_batches_are_ranges_of_ids_that_hold_so_many_due_leads(session, playbook):
    leads = [_stored(session, a_lead()) for _ in range(5)]
    first = leads[0].id
    assert due(session, playbook, now=NOW, batch_size=2) == [range(first, first + 2), range(first + 2, first + 4), range(first + 4, first + 5)]


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_who_is_due_is_looked_for_once_but_by_a_batch_that_is_worked_off_elsewhere(session, playbook, monkeypatch, is_elsewhere):
    people = [_stored(session, a_lead(address=f"reader{number}@firma.example", created_at=YESTERDAY)) for number in range(11)]
    _run(session, playbook)
    for reader in (people[0], people[10]):
        _happens(session, reader, an_event(reader, "webinar_attended", NOW))
    looked, asked = [], news.within
    monkeypatch.setattr("ripeline.sweep.rescore.within", lambda query, ids: looked.append(ids) or asked(query, ids))

    (batch,) = due(session, playbook, now=NOW, batch_size=20_000)
    session.rollback()
    if is_elsewhere:
        foreseen._kept.clear()
    tally = rescore(session, batch, playbook, now=NOW)

    assert (tally["scored"], looked) == (2, [batch, batch] if is_elsewhere else []), "for the live card, and for the one in shadow"


def test_who_is_due_only_after_the_look_is_found_by_the_next(session, playbook):
    people = [_stored(session, a_lead(address=f"reader{number}@firma.example", created_at=YESTERDAY)) for number in range(11)]
    _run(session, playbook)
    for reader in (people[0], people[10]):
        _happens(session, reader, an_event(reader, "webinar_attended", NOW))
    (batch,) = due(session, playbook, now=NOW, batch_size=100)
    session.rollback()
    _happens(session, people[5], an_event(people[5], "webinar_attended", NOW))

    assert rescore(session, batch, playbook, now=NOW)["scored"] == 2
    assert rescore(session, batch, playbook, now=NOW)["scored"] == 1


def test_a_few_leads_among_many_are_read_alone(session, playbook):
    leads = [_stored(session, a_lead(created_at=YESTERDAY)) for _ in range(12)]
    _run(session, playbook)
    _happens(session, leads[3], an_event(leads[3], "webinar_attended", NOW))
    _happens(session, leads[9], an_event(leads[9], "demo_requested", NOW))

    assert _run(session, playbook, TOMORROW) == 2
    scores = _scores(session)
    assert [scores[leads[at].id].revision for at in (3, 4, 9)] == [2, 1, 2]
    assert scores[leads[9].id].engagement > scores[leads[3].id].engagement > 0


def _frozen(session: Session, lead: Lead, seq: int) -> object:
    """Return what a slow rescore holds in its hands: a score of Ada that has seen `seq` facts."""
    import polars as pl

    told = {"lead_id": lead.id, "fit": 100, "engagement": 0, "total": 100, "grade": "D4", "market": None, "excluded": None, "reasons": "0=100"}
    frame = pl.DataFrame([told | {"next_review_at": None, "facts_seq": seq}])
    return frame.with_columns(pl.col("next_review_at").cast(pl.Datetime("us", "UTC")), pl.col("market", "excluded").cast(pl.String))


@pytest.mark.parametrize(
    ("seq", "as_of"),
    [
        pytest.param(1, NOW + timedelta(hours=1), id="fewer facts, later instant"),
        pytest.param(5, NOW - timedelta(hours=1), id="more facts, earlier instant"),
        pytest.param(2, NOW - timedelta(hours=1), id="earlier instant"),
    ],
)
def test_a_slow_rescore_never_overwrites_a_newer_score(session, lead, playbook, seq, as_of):
    _happens(session, lead, an_event(lead, "demo_requested", NOW))
    _run(session, playbook)

    stored, changed = store_scores(session, _frozen(session, lead, seq), "slow", as_of)
    session.commit()

    assert (stored, changed) == (0, 0)
    assert _scores(session)[lead.id].grade == "A2"


def test_rescoring_reads_facts_outside_the_transaction_and_keeps_later_news_due(url, session, lead, playbook, monkeypatch):
    import ripeline.sweep.rescore as room

    lead_id = lead.id
    session.rollback()

    def meanwhile(*arguments):
        with open_session(url) as other:
            theirs = other.get(Lead, lead_id)
            _happens(other, theirs, an_event(theirs, "demo_requested", NOW))
        return score(*arguments)

    score = room.score_by_market
    monkeypatch.setattr(room, "score_by_market", meanwhile)
    rescore(session, range(lead_id, lead_id + 1), playbook, now=NOW)
    monkeypatch.undo()

    assert _scores(session)[lead.id].scored_seq == 1
    assert _run(session, playbook, TOMORROW) == 1
    assert _scores(session)[lead.id].engagement > 0


def test_a_day_in_the_past_is_scored_from_what_was_known_then(session, playbook):
    past = datetime(2026, 2, 10, tzinfo=UTC)
    lead = _stored(session, ada())
    specialist = AttributeChange(attribute="seniority", old="vp", new="specialist", at=NOW, received_at=NOW)
    _happens(session, lead, an_event(lead, "demo_requested", NOW), an_event(lead, "webinar_attended", past))
    _changes(session, lead, specialist)
    _run(session, playbook, past)

    score = _scores(session)[lead.id]
    assert (score.fit, score.engagement, score.next_review_at) == (5000, 2000, NOW)

    _run(session, playbook, NOW)
    assert _scores(session)[lead.id].fit == 3000


def test_a_new_domain_is_known_from_the_day_it_came(session, playbook):
    lead = _stored(session, ada())
    moved = AttributeChange(attribute="address", old="ada@example.com", new="ada@rival.example", at=NOW, received_at=NOW)
    lead.address_key = "ada@rival.example"
    _changes(session, lead, moved)

    _run(session, playbook, YESTERDAY)
    assert _scores(session)[lead.id].excluded is None
    _run(session, playbook, NOW)
    assert _scores(session)[lead.id].excluded == "Works for a competitor"


def test_nobody_is_scored_before_they_came(session, lead, playbook):
    assert _run(session, playbook, YESTERDAY - timedelta(hours=1)) == 0
    assert _run(session, playbook, YESTERDAY) == 1


def test_who_is_in_a_track_of_an_earlier_version_is_looked_at_by_its_boundaries(session, playbook):
    lead = _stored(session, ada())
    _happens(session, lead, an_event(lead, "webinar_attended", NOW))
    _run(session, playbook)
    usual = _scores(session)[lead.id].next_review_at

    files = IN_ENGLISH
    track = "playbook/tracks/decision.toml"
    earlier = apply_files(session, files | {track: re.sub("goal = .*", 'goal = "total < 69.9"', files[track])}, now=NOW, by="test")
    session.add(Enrolment(lead_id=lead.id, track="decision", group="nurture", version=earlier.hash, entered_at=NOW))
    _happens(session, lead)
    _run(session, playbook)

    review = _scores(session)[lead.id].next_review_at
    assert NOW < review < NOW + timedelta(hours=12) < usual
