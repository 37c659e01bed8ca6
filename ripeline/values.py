"""Plain values that cross rooms: counts of a sweep, addresses as keys, keyed hashes, stable ids, and the error people read."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid5

MESSAGE_NAMESPACE = UUID("6f0e0b0e-9c1e-5d7b-8a55-52697065ffff")


@dataclass(frozen=True)
class Tally:
    """What a sweep did, as counts by word. Tallies add up. Words name outcomes, never people."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, **counts: int) -> "Tally":
        return cls(counts)

    def __add__(self, other: "Tally") -> "Tally":
        total = Counter(self.counts)
        total.update(other.counts)
        return Tally(dict(total))

    def __getitem__(self, word: str) -> int:
        return self.counts.get(word, 0)

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {word.replace('_', ' ')}" for word, count in self.counts.items() if count) or "nothing to do"


class Refusal(Exception):
    """Something a person must mend, said in one sentence that names the thing and the remedy.

    The command line prints it without a traceback and ends with `exit_code`: 2 wrong words or files, 3 the outside world
    (database, mail server) out of reach, 4 done in part, with rows refused. `tally` is what a sweep had done before it stopped.
    """

    tally = Tally()

    def __init__(self, sentence: str, exit_code: int = 2) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def keyed_hash(pepper: bytes, address_key: str) -> str:
    """Return HMAC-SHA256 (RFC 2104) of an address key as hex, so that the database alone reveals nobody."""
    return keyed_hashes(pepper, [address_key.encode()])[0]


def keyed_hashes(pepper: bytes, texts: Iterable[bytes]) -> list[str]:
    """Return HMAC-SHA256 (RFC 2104) of many texts as hex: both passes begin with the key, so that is hashed once, which halves the time."""
    key = (hashlib.sha256(pepper).digest() if len(pepper) > _BLOCK else pepper).ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(each ^ pad for each in key)) for pad in (0x36, 0x5C))
    return [_second_pass(inner, outer, text) for text in texts]


_BLOCK = 64
"""Bytes SHA-256 takes at once."""


def _second_pass(inner: "hashlib._Hash", outer: "hashlib._Hash", text: bytes) -> str:
    first, second = inner.copy(), outer.copy()
    first.update(text)
    second.update(first.digest())
    return second.hexdigest()


def event_id(source: str, source_id: str) -> int:
    """Return the id of an event: the first 63 bits of BLAKE2b over source and source id, the same wherever it is made."""
    digest = hashlib.blake2b(f"{source}\x00{source_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def message_id(key: str) -> UUID:
    """Return the id of the message with this key."""
    return uuid5(MESSAGE_NAMESPACE, key)


def message_ids(keys: Iterable[str]) -> list[bytes]:
    """Return the bytes of `message_id` of each key, for many at once: UUID objects would cost five times as much."""
    begun = hashlib.sha1(MESSAGE_NAMESPACE.bytes, usedforsecurity=False)
    return [_uuid5(begun, key) for key in keys]


def _uuid5(begun: "hashlib._Hash", name: str) -> bytes:
    """RFC 9562 5.5: the first 128 bits of SHA-1 over namespace and name, version and variant put in their place."""
    hashed = begun.copy()
    hashed.update(name.encode())
    digest = hashed.digest()
    return digest[:6] + bytes((digest[6] & 0x0F | 0x50, digest[7], digest[8] & 0x3F | 0x80)) + digest[9:16]
