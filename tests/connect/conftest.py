"""What the tests of connectors share."""

from collections.abc import Callable

import pytest

from ripeline.connect.channels import Mail


@pytest.fixture
def a_mail() -> Callable[..., Mail]:
    """Give a function that makes mails."""

    def made(number: int = 1, recipient: str = "ada@example.com", body: str = "Good morning\r\n") -> Mail:
        mail_id = f"<m{number}@tidewerk.example>"
        raw = f"From: nora@tidewerk.example\r\nTo: {recipient}\r\nSubject: Mail {number}\r\nMessage-ID: {mail_id}\r\n\r\n{body}"
        return Mail("nora@tidewerk.example", recipient, mail_id, raw.encode())

    return made
