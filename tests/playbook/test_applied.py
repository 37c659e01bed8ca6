"""Versions: stored whole, never changed, and the newest application is the live one."""

from datetime import timedelta

import pytest
from people import NOW
from shipped import IN_ENGLISH
from sqlmodel import Session, col, select

from models import PlaybookApplication, PlaybookVersion
from ripeline.playbook import applied
from ripeline.playbook.applied import applied_playbook, apply_files, go_back, live_hash, playbook_version
from ripeline.playbook.files import content_hash
from ripeline.playbook.finding import Unfit
from ripeline.values import Refusal

OTHERS = IN_ENGLISH | {"playbook/lists/partners.txt": "example.org\n"}


def history(session: Session) -> list[str]:
    """Return the hashes that were applied, oldest first."""
    return list(session.exec(select(PlaybookApplication.hash).order_by(col(PlaybookApplication.id))))


def test_what_is_applied_is_live(session: Session) -> None:
    playbook = apply_files(session, IN_ENGLISH, now=NOW, by="nora")

    assert live_hash(session) == playbook.hash
    assert applied_playbook(session).lists == playbook.lists
    assert session.exec(select(PlaybookVersion)).one().created_by == "nora"


def test_applying_the_same_again_is_no_application(session: Session) -> None:
    for _ in range(2):
        apply_files(session, IN_ENGLISH, now=NOW, by="nora")

    assert len(history(session)) == 1


def test_going_back_is_an_application_of_a_stored_version(session: Session) -> None:
    first, second = (apply_files(session, files, now=NOW, by="nora").hash for files in (IN_ENGLISH, OTHERS))

    go_back(session, first[:9], now=NOW + timedelta(hours=1), by="mila")

    assert history(session) == [first, second, first]
    assert len(session.exec(select(PlaybookVersion)).all()) == 2


@pytest.mark.parametrize(("start", "said"), [
    pytest.param("nope", "no stored playbook versions start with 'nope'", id="none"),
    pytest.param("", "2 stored playbook versions start with ''", id="several"),
    pytest.param("%", "no stored playbook versions start with '%'", id="a pattern is only text"),
])  # fmt: skip
def test_a_version_must_be_named_for_certain(session: Session, start: str, said: str) -> None:
    for files in (IN_ENGLISH, OTHERS):
        apply_files(session, files, now=NOW, by="nora")

    with pytest.raises(Refusal, match=said):
        go_back(session, start, now=NOW, by="nora")


def test_a_mistake_leaves_no_trace(session: Session) -> None:
    live = apply_files(session, IN_ENGLISH, now=NOW, by="nora").hash

    with pytest.raises(Unfit, match="what is live stays live"):
        apply_files(session, IN_ENGLISH | {"playbook/stages.toml": "[ledd]\n"}, now=NOW, by="nora")

    assert (live_hash(session), len(session.exec(select(PlaybookVersion)).all())) == (live, 1)


def test_nothing_is_live_before_the_first_time(session: Session) -> None:
    assert live_hash(session) is None
    with pytest.raises(Refusal, match="no playbook is applied yet: run `ripeline apply`"):
        applied_playbook(session)


def test_a_version_that_was_changed_inside_the_database_is_not_trusted(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "_parsed", {})
    version = apply_files(session, OTHERS, now=NOW, by="nora").hash
    stored = session.exec(select(PlaybookVersion)).one()
    stored.files = IN_ENGLISH
    session.commit()

    with pytest.raises(Refusal, match="was changed inside the database: apply the playbook again"):
        playbook_version(session, version)


def test_an_unknown_version_says_where_the_known_ones_are(session: Session) -> None:
    with pytest.raises(Refusal, match="playbook version ffffffff is not in this database: see `ripeline apply --list`"):
        playbook_version(session, "ffffffff")


@pytest.mark.parametrize(("path", "old", "new"), [
    pytest.param("playbook/scoring/default.toml", "half_life", "half_live", id="a key of a card"),
    pytest.param("playbook/scoring/default.toml", "seniority = 'director'", "seniorty = 'director'", id="a condition of a card"),
    pytest.param("playbook/stages.toml", "total >=", "totle >=", id="a condition of a stage"),
])  # fmt: skip
def test_a_live_run_keeps_the_last_good_version_and_says_so(session: Session, caplog: pytest.LogCaptureFixture, path: str, old: str, new: str) -> None:
    good = apply_files(session, IN_ENGLISH, now=NOW, by="nora").hash
    assert old in IN_ENGLISH[path]
    bad = IN_ENGLISH | {path: IN_ENGLISH[path].replace(old, new)}
    session.add(PlaybookVersion(hash=content_hash(bad), files=bad, created_at=NOW, created_by="an older program"))
    session.flush()
    session.add(PlaybookApplication(hash=content_hash(bad), applied_at=NOW, applied_by="an older program"))
    session.commit()

    assert applied_playbook(session).hash == good
    assert f"playbook version {content_hash(bad)[:12]} cannot be used by this program: the last good one, {good[:12]}, stays in use" in caplog.text


def test_what_check_refuses_never_goes_live(session: Session) -> None:
    good = apply_files(session, IN_ENGLISH, now=NOW, by="nora").hash

    with pytest.raises(Unfit, match="what is live stays live"):
        apply_files(session, IN_ENGLISH | {"playbook/scoring/default.toml": "title = 3"}, now=NOW, by="nora")

    assert applied_playbook(session).hash == live_hash(session) == good
