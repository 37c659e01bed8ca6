"""`deliver` killed without farewell, and two of it at once: real processes, real servers, on both databases."""

from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess

import pytest
from delivering import a_worker
from mailing import Hand, again, due_messages, expire_leases, states
from people import NOW
from smtp_faults import FaultServer
from sqlmodel import Session
from waiting import PATIENCE

from models import MessageState, PlaybookApplication
from ripeline.connect.channels.smtp import Smtp
from ripeline.connect.mail_server import SmtpSettings
from ripeline.playbook.playbook import Playbook
from ripeline.settings import CLONE, Settings
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.failpoint import Failed
from ripeline.values import Tally

Deliver = Callable[..., Tally]

Start = Callable[..., ForkServerProcess]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Give a mail server that works."""
    with FaultServer() as started:
        yield started


@pytest.fixture
def worker(session: Session, url: str, server: FaultServer, settings: Settings, pinned: Playbook) -> Start:
    """Give a function that starts a worker process of its own, to be told more by environment variables."""
    session.add(PlaybookApplication(hash=pinned.hash, applied_at=NOW, applied_by="test"))
    session.commit()
    given = {
        "RIPELINE_HOME": str(CLONE), "RIPELINE_VAR": str(settings.var_folder), "RIPELINE_DATABASE_URL": url, "RIPELINE_SECRET_KEY": settings.key.decode(),
        "RIPELINE_CHANNEL": "smtp", "RIPELINE_SMTP_HOST": "127.0.0.1", "RIPELINE_SMTP_PORT": str(server.port), "RIPELINE_SMTP_SINK": "1",
        "RIPELINE_SENDER_ADDRESS": settings.sender_address, "RIPELINE_DELIVER_CLAIM": "5",
    }  # fmt: skip

    return lambda **more: a_worker(given | more, NOW)


def ended(process: ForkServerProcess) -> int | None:
    """Wait for a worker; return its exit code, None where it does not end. What it says when it fails is on standard error."""
    process.join(PATIENCE)
    return process.exitcode


@pytest.mark.slow
@pytest.mark.parametrize(
    ("failpoint", "after"),
    [
        pytest.param("K2", {"accepted": 8}, id="after the claim"),
        pytest.param("K6", {"accepted": 7, "in_doubt": 1}, id="before the final dot"),
        pytest.param("K8", {"accepted": 7, "in_doubt": 1}, id="after the server took it"),
    ],
)
def test_a_worker_killed_at_any_step_loses_nothing_and_sends_nothing_twice(
    session: Session, send: Deliver, server: FaultServer, worker: Start, failpoint: str, after: dict[str, int]
) -> None:
    messages = due_messages(session, 8)
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, sink=True))

    assert ended(worker(RIPELINE_FAILPOINT=f"{failpoint}:kill")) == -9
    assert send(smtp)["accepted"] == 3  # the dead worker's lease on five still holds
    expire_leases(session)
    send(smtp)

    assert states(session) == after
    assert set(server.counts.values()) == {1}
    assert len(server.counts) == 8 - (failpoint == "K6")
    assert again(session, messages[0]).attempt == (2 if failpoint == "K2" else 1)


@pytest.mark.slow
def test_two_workers_at_once_send_each_message_once(session: Session, server: FaultServer, worker: Start) -> None:
    messages = due_messages(session, 60)

    both = [worker(), worker()]

    assert [ended(process) for process in both] == [0, 0]
    assert states(session) == {"accepted": 60}
    assert server.counts == {message.mail_id: 1 for message in messages}


@pytest.mark.parametrize(
    ("failpoint", "state"),
    [
        pytest.param("K2", MessageState.ACCEPTED, id="after the claim"),
        pytest.param("K3", MessageState.ACCEPTED, id="after rendering"),
        pytest.param("K4", MessageState.ACCEPTED, id="before the connection"),
        pytest.param("K5", MessageState.ACCEPTED, id="after the text"),
        pytest.param("K6", MessageState.IN_DOUBT, id="before the final dot"),
        pytest.param("K8", MessageState.IN_DOUBT, id="after the server took it"),
        pytest.param("K9", MessageState.ACCEPTED, id="after the last commit"),
    ],
)
def test_whatever_a_dead_worker_left_behind_is_settled_by_the_next(
    session: Session, send: Deliver, monkeypatch: pytest.MonkeyPatch, failpoint: str, state: MessageState
) -> None:
    (message,) = due_messages(session, 1)
    hand = Hand()

    monkeypatch.setenv("RIPELINE_FAILPOINT", f"{failpoint}:raise")
    with pytest.raises(Failed):
        send(hand)
    session.rollback()
    monkeypatch.delenv("RIPELINE_FAILPOINT")
    send(hand)
    waiting = again(session, message).state
    expire_leases(session)
    send(hand)

    assert waiting in (MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.ACCEPTED)
    assert again(session, message).state is state
    assert len(hand.mails) == (failpoint != "K6")


def test_a_worker_that_was_too_slow_changes_nothing_any_more(session: Session, send: Deliver) -> None:
    (message,) = due_messages(session, 1)
    others = Hand()

    def taken_over() -> None:
        expire_leases(session)
        send(others)

    slow = Hand(before_dot=taken_over)
    tally = send(slow, pace=Pace(claim=1))

    assert tally["lost_lease"] == 1
    assert (len(slow.mails), len(others.mails)) == (0, 1)
    assert again(session, message).state is MessageState.ACCEPTED
