"""The smtp channel against a server that fails at every phase in every way."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from smtp_faults import Fault, FaultServer, patience
from waiting import PATIENCE

from ripeline.connect.channels import Accepted, Deferred, InDoubt, Mail, Outcome, Rejected
from ripeline.connect.channels.smtp import Smtp, channel
from ripeline.connect.errors import Permanent, Temporary
from ripeline.connect.mail_server import SmtpSettings
from ripeline.settings import Settings
from ripeline.values import Refusal

MailMaker = Callable[..., Mail]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Give a mail server that works until told otherwise."""
    with FaultServer() as started:
        yield started


@pytest.fixture
def act(request: pytest.FixtureRequest) -> str | None:
    """Give what the server does at its phase, where a test says so."""
    return getattr(request, "param", None)


@pytest.fixture
def smtp(server: FaultServer, act: str | None) -> Iterator[Smtp]:
    """Give a channel to that server."""
    made = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, **patience(act)))
    yield made
    made.close()


def sent(smtp: Smtp, mail: Mail) -> tuple[Outcome, bool]:
    """Return the outcome, and whether the last step was announced."""
    announced: list[bool] = []
    outcome = smtp.submit(mail, lambda: not announced.append(True))  # type: ignore[func-returns-value]
    return outcome, bool(announced)


@pytest.mark.parametrize("act", ["close", "stall", "421 4.3.2 closing"], indirect=True)
@pytest.mark.parametrize("phase", ["banner", "ehlo", "mail", "rcpt", "data"])
def test_a_connection_lost_before_the_dot_defers_and_the_next_mail_goes(server: FaultServer, smtp: Smtp, a_mail: MailMaker, phase: str, act: str) -> None:
    server.faults = [Fault(phase, act, times=1)]

    (first, announced), (second, _) = sent(smtp, a_mail(1)), sent(smtp, a_mail(2))

    assert isinstance(first, Deferred)
    assert first.is_of_server
    assert not announced
    assert isinstance(second, Accepted)
    assert server.counts == {"<m2@tidewerk.example>": 1}


@pytest.mark.parametrize("phase", ["rcpt", "data", "dot"])
@pytest.mark.parametrize(
    ("answer", "kind"), [("451 4.3.0 later", Deferred), ("450 4.2.0 grey", Deferred), ("550 5.1.1 unknown", Rejected), ("554 5.7.1 spam", Rejected)]
)
def test_a_refused_mail_never_blocks_the_next_on_the_same_connection(
    server: FaultServer, smtp: Smtp, a_mail: MailMaker, phase: str, answer: str, kind: type[Outcome]
) -> None:
    server.faults = [Fault(phase, answer, times=1)]

    (first, _), (second, _) = sent(smtp, a_mail(1)), sent(smtp, a_mail(2))

    assert isinstance(first, kind)
    assert (first.code, first.phase) == (int(answer[:3]), phase)  # type: ignore[union-attr]
    assert isinstance(second, Accepted)
    assert server.connections == 1
    assert server.counts == {"<m2@tidewerk.example>": 1}


@pytest.mark.parametrize("act", ["close", "stall", "taken, then close", "250", "25", "354 what"], indirect=True)
def test_no_clear_answer_to_the_dot_is_doubt(server: FaultServer, smtp: Smtp, a_mail: MailMaker, act: str) -> None:
    server.faults = [Fault("dot", act, times=1)]

    (first, announced), (second, _) = sent(smtp, a_mail(1)), sent(smtp, a_mail(2))

    assert isinstance(first, Accepted if act == "250" else InDoubt)
    assert announced
    assert isinstance(second, Accepted)


def test_a_server_that_hangs_up_in_the_text_is_noticed_or_doubted_never_called_success(server: FaultServer, smtp: Smtp, a_mail: MailMaker) -> None:
    server.faults = [Fault("body", "close", times=1)]

    outcome, announced = sent(smtp, a_mail(body="line\r\n" * 100_000))

    assert isinstance(outcome, InDoubt if announced else Deferred)
    assert not server.taken


def test_a_server_that_closes_after_each_mail_gets_a_new_connection_at_once(server: FaultServer, smtp: Smtp, a_mail: MailMaker) -> None:
    first, _ = sent(smtp, a_mail(1))
    server.faults = [Fault("mail", "421 4.7.0 enough for this connection", times=1)]

    second, _ = sent(smtp, a_mail(2))

    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert server.connections == 2


def test_one_connection_carries_a_batch(server: FaultServer, smtp: Smtp, a_mail: MailMaker) -> None:
    for number in range(20):
        sent(smtp, a_mail(number))

    assert len(server.taken) == 20
    assert server.connections == 1


def test_an_answer_is_kept_without_the_address_it_repeats(server: FaultServer, smtp: Smtp, a_mail: MailMaker) -> None:
    server.faults = [Fault("rcpt", "550-5.1.1 <Ada@example.com>\r\n550 5.1.1 does not exist")]

    outcome, _ = sent(smtp, a_mail())

    assert isinstance(outcome, Rejected)
    assert outcome.text == "5.1.1 <the recipient> 5.1.1 does not exist"


def test_an_address_outside_ascii_needs_a_server_that_takes_it(server: FaultServer, smtp: Smtp, a_mail: MailMaker) -> None:
    refused, _ = sent(smtp, a_mail(1, recipient="jürgen@example.com"))
    server.faults = [Fault("ehlo", "250-faults\r\n250 SMTPUTF8")]
    smtp.close()
    taken, _ = sent(smtp, a_mail(2, recipient="jürgen@example.com"))

    assert isinstance(refused, Rejected)
    assert isinstance(taken, Accepted)
    assert server.taken[0].recipient == "jürgen@example.com"


def test_a_sender_outside_ascii_needs_such_a_server_too_and_it_is_ours_to_mend(server: FaultServer, smtp: Smtp, a_mail: MailMaker) -> None:
    refused, _ = sent(smtp, replace(a_mail(1), sender="jürgen@tidewerk.example"))
    server.faults = [Fault("ehlo", "250-faults\r\n250 SMTPUTF8")]
    smtp.close()
    taken, _ = sent(smtp, replace(a_mail(2), sender="jürgen@tidewerk.example"))

    assert isinstance(refused, Rejected)
    assert refused.phase == "mail"
    assert isinstance(taken, Accepted)


@pytest.mark.parametrize("address", ["", "a b@example.com", "a@example.com>\r\nDATA", "a@example.com\x00"])
def test_an_address_that_could_be_a_command_is_never_said(server: FaultServer, smtp: Smtp, a_mail: MailMaker, address: str) -> None:
    outcome, _ = sent(smtp, Mail("nora@tidewerk.example", address, "<m@x>", a_mail().raw))

    assert isinstance(outcome, Rejected)
    assert server.connections == 0


def test_an_unreachable_server_is_named_with_its_port_and_the_setting(server: FaultServer) -> None:
    with FaultServer() as gone:
        port = gone.port
    nobody = Smtp(SmtpSettings(host="127.0.0.1", port=port, timeout_seconds=PATIENCE))

    with pytest.raises(Temporary, match=rf"127\.0\.0\.1:{port}.*RIPELINE_SMTP_HOST"):
        nobody.open()


def test_a_server_that_refuses_us_for_good_needs_a_person(server: FaultServer, smtp: Smtp) -> None:
    server.faults = [Fault("banner", "554 no service for you")]

    with pytest.raises(Permanent, match="554 no service for you"):
        smtp.open()


def test_a_server_without_starttls_gets_no_mail_in_the_clear(server: FaultServer, a_mail: MailMaker) -> None:
    strict = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, starttls=True, timeout_seconds=PATIENCE))

    with pytest.raises(Permanent, match="RIPELINE_SMTP_STARTTLS"):
        strict.open()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"host": "mail.example.com"}, True, id="anywhere else, by default"),
        pytest.param({"host": "127.0.0.1"}, False, id="not on this machine"),
        pytest.param({"host": "mail.example.com", "port": 465}, False, id="not where TLS comes first"),
        pytest.param({"host": "mail.example.com", "starttls": False}, False, id="not where switched off"),
    ],
)
def test_starttls_is_required_wherever_mail_leaves_the_machine(given: dict[str, object], expected: bool) -> None:
    assert SmtpSettings(**given).wants_starttls is expected  # type: ignore[arg-type]


def test_only_a_server_on_this_machine_can_be_called_a_sink() -> None:
    assert Smtp(SmtpSettings(host="localhost", sink=True)).is_sink
    assert not Smtp(SmtpSettings(host="mail.example.com", sink=True)).is_sink


def test_smtp_without_a_host_is_refused(settings: Settings) -> None:
    with pytest.raises(Refusal, match="RIPELINE_SMTP_HOST"):
        channel(settings)


def test_smtp_without_a_sender_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_SMTP_HOST", "127.0.0.1")

    with pytest.raises(Refusal, match="RIPELINE_SENDER_ADDRESS"):
        channel(settings.model_copy(update={"sender_address": ""}))
