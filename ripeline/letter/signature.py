"""DKIM (RFC 6376): a mail signed with our key, where one is configured; else the relay signs."""

import base64
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key, parse_public_key

from ripeline.letter.headers import LONGEST_LINE
from ripeline.values import Refusal

SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
    "Content-Language", "MIME-Version", "Content-Type",
)  # fmt: skip
"""What is signed of what a mail has: everything that a reader or a mailbox provider goes by."""

LEAST_BITS = 1024
_LABELS = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?")


@dataclass(frozen=True)
class Signer:
    """Who signs: d=, s= and the private key (PEM)."""

    domain: str
    selector: str
    key: bytes = field(repr=False)

    @property
    def modulus(self) -> int:
        """Return what the public key in DNS must hold, too."""
        return int(parse_pem_private_key(self.key)["modulus"])


@lru_cache(maxsize=4)
def read_signer(file: Path, domain: str, selector: str) -> Signer:
    """Return who signs, by the key in a PEM file; Refusal where it is none, or the names are no names in DNS."""
    for name, value in (("RIPELINE_DKIM_DOMAIN", domain), ("RIPELINE_DKIM_SELECTOR", selector)):
        if not _LABELS.fullmatch(value):
            raise Refusal(f"{name} is '{value}', and that is no name in DNS: write it as the DNS record is called")
    try:
        key = file.read_bytes()
        bits = int(parse_pem_private_key(key)["modulus"]).bit_length()
    except OSError as error:
        raise Refusal(f"RIPELINE_DKIM_KEY: {file} cannot be read ({error.strerror}): mails would go out unsigned") from error
    except (UnparsableKeyError, ValueError, KeyError) as error:
        raise Refusal(f"RIPELINE_DKIM_KEY: {file} holds no RSA key in PEM: make one with `openssl genrsa -out {file.name} 2048`") from error
    if bits < LEAST_BITS:
        raise Refusal(f"RIPELINE_DKIM_KEY: {file} holds a key of {bits} bits, which nobody accepts: make one with `openssl genrsa -out {file.name} 2048`")
    return Signer(domain, selector, key)


def signed(raw: bytes, signer: Signer | None) -> bytes:
    """Return a mail with its signature before it; as it is where nobody signs here. Sign last: the bytes must not change afterwards."""
    if signer is None:
        return raw
    head = raw[: raw.index(b"\r\n\r\n")].decode("utf-8", "surrogateescape").lower()
    present = [name.encode() for name in SIGNED if re.search(rf"^{name.lower()}:", head, re.MULTILINE)]
    # From once more than it stands there: nobody can add a second one without breaking the signature (RFC 6376 8.15).
    fields = [*present, b"From"]
    header: bytes = dkim.sign(raw, signer.selector.encode(), signer.domain.encode(), signer.key, canonicalize=(b"relaxed", b"relaxed"), include_headers=fields)
    if not header.isascii() or not header.endswith(b"\r\n") or max(map(len, header.split(b"\r\n"))) > LONGEST_LINE:
        raise Refusal("the signature would not be a whole header: the mail is not sent")
    return header + raw


def key_of_record(record: str) -> int | None:
    """Return the modulus of the public key in a DKIM record (v=DKIM1; p=…); None where it has none."""
    found = re.search(r"\bp=([A-Za-z0-9+/=\s]*)", record)
    if not found or not found[1].strip():
        return None
    try:
        return int(parse_public_key(base64.b64decode("".join(found[1].split())))["modulus"])
    except (UnparsableKeyError, ValueError, KeyError):
        return None
