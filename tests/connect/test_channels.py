"""What every channel promises, and what each adds."""

import io
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from ripeline.connect.channels import Accepted, Channel, Deferred, Mail, Withdrawn, channel_named, channel_names
from ripeline.connect.channels.console import Console
from ripeline.connect.channels.maildir import Maildir
from ripeline.connect.errors import Temporary
from ripeline.connect.sink import Sink
from ripeline.settings import Settings
from ripeline.values import Refusal

MailMaker = Callable[..., Mail]


@pytest.fixture(params=channel_names())
def channel(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    """Give each channel of the family in turn, closed, with a server behind it where it needs one."""
    with Sink(tmp_path / "sink") as sink:
        monkeypatch.setenv("RIPELINE_SMTP_HOST", sink.host)
        monkeypatch.setenv("RIPELINE_SMTP_PORT", str(sink.port))
        monkeypatch.setenv("RIPELINE_SMTP_SINK", "1")
        yield channel_named(request.param, settings)


def test_a_mail_is_accepted_and_the_last_step_is_announced_once(channel: Channel, a_mail: MailMaker) -> None:
    announced: list[bool] = []

    channel.open()
    outcome = channel.submit(a_mail(), lambda: not announced.append(True))  # type: ignore[func-returns-value]
    channel.close()

    assert isinstance(outcome, Accepted)
    assert announced == [True]


def test_a_mail_taken_back_before_the_last_step_does_not_go_and_the_next_one_does(channel: Channel, a_mail: MailMaker) -> None:
    channel.open()
    outcomes = [channel.submit(a_mail(1), lambda: False), channel.submit(a_mail(2), lambda: True)]
    channel.close()

    assert isinstance(outcomes[0], Withdrawn)
    assert isinstance(outcomes[1], Accepted)


def test_a_batch_goes_through_one_opening(channel: Channel, a_mail: MailMaker) -> None:
    channel.open()
    outcomes = [channel.submit(a_mail(number), lambda: True) for number in range(5)]
    channel.close()

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


def test_closed_twice_or_without_opening_it_can_be_opened_again(channel: Channel, a_mail: MailMaker) -> None:
    channel.close()
    channel.open()
    channel.close()
    channel.close()

    channel.open()
    outcome = channel.submit(a_mail(), lambda: True)
    channel.close()

    assert isinstance(outcome, Accepted)


def test_every_channel_here_keeps_its_mail_so_that_a_virtual_now_may_be_mailed(channel: Channel) -> None:
    assert channel.is_sink
    assert channel.place


def test_a_channel_that_works_passes_its_check(channel: Channel) -> None:
    channel.check()


def test_a_channel_that_does_not_work_says_so_to_whoever_asks(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")

    with pytest.raises(Refusal, match="RIPELINE_MAILDIR_FOLDER"):
        Maildir(tmp_path / "mail").check()


def test_an_unknown_channel_is_refused_with_the_names_that_exist(settings: Settings) -> None:
    with pytest.raises(Refusal, match=r"'pigeon'.*console, maildir, smtp"):
        channel_named("pigeon", settings)


def test_maildir_keeps_the_very_bytes_and_leaves_no_draft(tmp_path: Path, a_mail: MailMaker) -> None:
    channel = Maildir(tmp_path)
    channel.open()

    channel.submit(a_mail(), lambda: True)

    (kept,) = (tmp_path / "new").iterdir()
    assert kept.read_bytes() == a_mail().raw
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("is_read", [pytest.param(False, id="still new"), pytest.param(True, id="read meanwhile")])
def test_submitting_the_same_mail_again_leaves_one_file(tmp_path: Path, a_mail: MailMaker, is_read: bool) -> None:
    channel = Maildir(tmp_path)
    channel.open()
    channel.submit(a_mail(), lambda: True)
    if is_read:
        (kept,) = (tmp_path / "new").iterdir()
        kept.rename(tmp_path / "cur" / f"{kept.name}:2,S")

    channel.open()
    outcome = channel.submit(a_mail(), lambda: True)

    assert isinstance(outcome, Accepted)
    assert len([*(tmp_path / "new").iterdir(), *(tmp_path / "cur").iterdir()]) == 1


def test_maildir_in_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")

    with pytest.raises(Temporary, match="RIPELINE_MAILDIR_FOLDER"):
        Maildir(tmp_path / "mail").open()


def test_maildir_whose_folder_vanishes_keeps_the_mail_for_later(tmp_path: Path, a_mail: MailMaker) -> None:
    outcome = Maildir(tmp_path / "gone").submit(a_mail(), lambda: True)

    assert isinstance(outcome, Deferred)
    assert outcome.is_of_server


def test_the_console_shows_what_goes_but_not_to_whom(a_mail: MailMaker) -> None:
    out = io.StringIO()

    Console(out).submit(a_mail(), lambda: True)

    assert "Subject: Mail 1" in out.getvalue()
    assert "ada@" not in out.getvalue()


def test_the_sink_keeps_each_mail_with_its_envelope_and_hides_no_double(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, a_mail: MailMaker
) -> None:
    with Sink(tmp_path) as sink:
        monkeypatch.setenv("RIPELINE_SMTP_HOST", sink.host)
        monkeypatch.setenv("RIPELINE_SMTP_PORT", str(sink.port))
        channel = channel_named("smtp", settings)
        for _ in range(2):
            channel.submit(a_mail(body=".a line that begins with a dot\r\n"), lambda: True)
        channel.close()

    kept = [message_from_bytes(file.read_bytes()) for file in sorted((tmp_path / "new").iterdir())]
    assert [mail["X-RcptTo"] for mail in kept] == ["ada@example.com"] * 2
    assert kept[0].get_payload() == ".a line that begins with a dot\r\n"


def test_a_sink_on_a_port_in_use_says_so(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink, pytest.raises(Refusal, match=f"127.0.0.1:{sink.port}"):
        Sink(tmp_path, port=sink.port)
