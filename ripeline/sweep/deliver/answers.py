"""What a mail server's answer means for the address and for us (RFC 3463, RFC 5321 4.2)."""

import re
from collections.abc import Mapping

from ripeline.connect.channels import Rejected

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")

OF_THE_ADDRESS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10"})
"""The address itself is wrong. 5.1.7 and 5.1.8 are the sender's."""

OURS: Mapping[str, str] = {
    "5.7.515": "our mail does not authenticate: mend SPF, DKIM and DMARC of the sending domain",
    "5.1.7": "our sender address is refused: correct RIPELINE_SENDER_ADDRESS, or RIPELINE_BOUNCE_ADDRESS",
    "5.1.8": "the domain of our sender address is refused: correct RIPELINE_SENDER_ADDRESS, or RIPELINE_BOUNCE_ADDRESS",
}
"""Answers that are about us, whatever they were given to, with the remedy."""


def enhanced_code(text: str) -> str | None:
    """Return the enhanced status code in an answer, such as 5.1.1; None where there is none."""
    found = _ENHANCED.search(text)
    return found[1] if found else None


def is_dead_address(answer: Rejected) -> bool:
    """Tell whether nobody can ever be reached at this address, so that it must be suppressed."""
    return answer.code == 550 and answer.phase == "rcpt" and enhanced_code(answer.text) in OF_THE_ADDRESS


def our_fault(answer: Rejected) -> str | None:
    """Return what we must mend where a refusal is about us and would meet every mail; None where it is about this one."""
    if answer.phase == "mail":
        return f"the server refuses the sender ({answer.code} {answer.text}): correct RIPELINE_SENDER_ADDRESS, RIPELINE_BOUNCE_ADDRESS or the login"
    return OURS.get(enhanced_code(answer.text) or "")
