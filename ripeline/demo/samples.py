"""One mail and one invite to show, taken from the mailbox as they arrived."""

from collections.abc import Iterable, Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message, MessageKind, MessageState
from ripeline.report.numbers import Sample

RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")


def one_mail(session: Session, mailbox: Path) -> Sample | None:
    """Return a touch as it arrived, one written from right to left if there is any; None where none arrived."""
    return _sample(mailbox, "One letter", _accepted(session, MessageKind.TOUCH, RIGHT_TO_LEFT))


def one_invite(session: Session, mailbox: Path) -> Sample | None:
    """Return an invite as the lead received it, one in English if there is any; None where none arrived."""
    return _sample(mailbox, "One invite", _accepted(session, MessageKind.INVITE, ("en",)))


def _accepted(session: Session, kind: MessageKind, first: Sequence[str]) -> dict[str, str]:
    """Return locale by Message-ID of what leads received, oldest first, the languages in `first` before all others."""
    query = (
        sa.select(col(Message.mail_id), col(Message.locale))
        .where(col(Message.kind) == kind, col(Message.recipient) == "lead", col(Message.state) == MessageState.ACCEPTED)
        .order_by(col(Message.accepted_at), col(Message.key))
    )
    found = [(mail_id, locale or "en") for mail_id, locale in session.execute(query)]
    return dict(sorted(found, key=lambda each: _language(each[1]) not in first))


def _sample(mailbox: Path, title: str, wanted: dict[str, str]) -> Sample | None:
    files = {_mail_id(file): file for file in sorted((mailbox / "new").glob("*.eml"))} if wanted else {}
    for mail_id, locale in wanted.items():
        if mail_id in files:
            return _read(files[mail_id], title, locale)
    return None


def _mail_id(file: Path) -> str:
    with file.open("rb") as opened:
        return str(BytesHeaderParser(policy=policy.default).parse(opened)["Message-ID"])


def _read(file: Path, title: str, locale: str) -> Sample:
    mail = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert isinstance(mail, EmailMessage), "policy.default makes these"
    return Sample(
        title=title,
        subject=str(mail["Subject"]),
        sender=str(mail["From"]),
        locale=locale,
        direction="rtl" if _language(locale) in RIGHT_TO_LEFT else "ltr",
        text=_part(mail, "text/plain"),
        html=_part(mail, "text/html"),
        calendar=_part(mail, "text/calendar"),
        file=str(file),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    parts: Iterable[EmailMessage] = (part for part in mail.walk() if isinstance(part, EmailMessage) and part.get_content_type() == kind)
    return next((str(part.get_content()) for part in parts), "")


def _language(locale: str) -> str:
    return locale.split("_")[0]
