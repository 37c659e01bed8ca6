"""How a sender stands with mailbox providers, as far as DNS tells: SPF, DKIM, DMARC, and what Gmail, Yahoo and Microsoft ask of bulk senders.

Nothing is looked up: the answers are given, in a file that `dig` writes. What cannot be seen from them is said, not guessed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ripeline.letter.signature import Signer, key_of_record
from ripeline.values import Refusal

MOST_LOOKUPS = 10  # RFC 7208 4.6.4
GOOD_BITS = 2048
_LOOKS = re.compile(r"(?:^|\s)[+?~-]?(?:include:|a\b|mx\b|ptr\b|exists:|redirect=)", re.IGNORECASE)
_ANSWER = re.compile(r"^(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(TXT|MX|A|AAAA|CNAME)\s+(.+)$", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')

Answers = Mapping[tuple[str, str], tuple[str, ...]]
"""By name (lower case, no dot at its end) and type, what DNS answers."""


@dataclass(frozen=True)
class Seen:
    """One thing looked at. `is_well` None: it cannot be seen from here."""

    subject: str
    is_well: bool | None
    said: str


MAILBOX_PROVIDERS = frozenset((
    "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com",
    "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru", "qq.com", "163.com", "proton.me", "protonmail.com",
))  # fmt: skip
"""Domains that give mailboxes to everybody: bulk mail in their name is refused, by Gmail's and Yahoo's word."""


@dataclass(frozen=True)
class Sending:
    """Who sends: the domain in From, the envelope's, who signs (None: the relay), where the way out leads; and what touches write from (meta.toml)."""

    from_domain: str
    envelope_domain: str
    signer: Signer | None
    base_url: str
    touch_domains: tuple[str, ...] = ()


def read_answers(text: str, name: str) -> Answers:
    """Return the answers in a file as `dig +noall +answer` writes it; Refusal, naming the line, where one is none. `name` is only told."""
    found: dict[tuple[str, str], list[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if not bare or bare.startswith(";"):
            continue
        answer = _ANSWER.match(bare)
        if not answer:
            raise Refusal(f"{name}:{number} is no DNS answer: write lines as `dig +noall +answer TXT example.com` does")
        value = "".join(part.replace('\\"', '"') for part in _QUOTED.findall(answer[3])) if answer[2].upper() == "TXT" else answer[3].strip()
        found.setdefault((_bare(answer[1]), answer[2].upper()), []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def questions(sending: Sending) -> list[str]:
    """Return the names and types that must be asked for, as words for `dig`."""
    names = [f"TXT {sending.envelope_domain}", f"TXT _dmarc.{sending.from_domain}"]
    if (parent := _parent(sending.from_domain)) is not None:
        names.append(f"TXT _dmarc.{parent}")
    if sending.signer is not None:
        names.append(f"TXT {sending.signer.selector}._domainkey.{sending.signer.domain}")
    return [*names, *(f"MX {domain}" for domain in _taking(sending))]


def standing(sending: Sending, answers: Answers) -> Iterator[Seen]:
    """Give what DNS says of a sender, and what it does not."""
    if sending.from_domain in MAILBOX_PROVIDERS:
        yield Seen("From", False, f"{sending.from_domain} is not yours: who is mailed in its name is never reached (DMARC), send from a domain of your own")
    yield from _spf(sending, answers)
    yield from _dkim(sending, answers)
    yield from _dmarc(sending, answers)
    yield from _touches(sending)
    for domain, what in _taking(sending).items():
        has_mail = bool(answers.get((domain, "MX")))
        yield Seen(what.partition(" ")[0], has_mail, f"{domain} {'takes mail' if has_mail else f'has no MX: {what} go nowhere'}")
    is_https = sending.base_url.startswith("https://")
    yield Seen("way out", is_https, "one click, by https" if is_https else "RIPELINE_BASE_URL is no https address: Gmail and Yahoo ask for one (RFC 8058)")
    yield Seen("relay", None, "whether your relay's addresses are in SPF, have a name that leads back to them (PTR) and speak TLS: ask its operator")
    yield Seen("complaints", None, "your rate of complaints, which must stay below 0.3 %: Gmail Postmaster Tools, Yahoo Sender Hub, Microsoft SNDS show it")


def _taking(sending: Sending) -> dict[str, str]:
    """Return what goes to which domain."""
    if sending.envelope_domain == sending.from_domain:
        return {sending.from_domain: "answers and bounces"}
    return {sending.from_domain: "answers", sending.envelope_domain: "bounces"}


def _spf(sending: Sending, answers: Answers) -> Iterator[Seen]:
    domain = sending.envelope_domain
    records = [text for text in answers.get((domain, "TXT"), ()) if text.lower().startswith("v=spf1")]
    if len(records) != 1:
        said = f"{domain} has {len(records)} records v=spf1, and there must be one" if records else f"{domain} has no record v=spf1: name your relay there"
        yield Seen("SPF", False, said)
        return
    record = records[0].lower()
    lookups = len(_LOOKS.findall(record))
    ends = re.search(r"([+?~-]?)all\b", record)
    if lookups > MOST_LOOKUPS:
        yield Seen("SPF", False, f"{domain} asks for {lookups} look-ups, over {MOST_LOOKUPS}: it fails everywhere (RFC 7208)")
    elif ends is None and "redirect=" not in record:
        yield Seen("SPF", False, f"{domain} does not say what holds for all others: end it with ~all or -all")
    elif ends is not None and ends[1] in ("", "+", "?"):
        yield Seen("SPF", False, f"{domain} lets everybody send ({ends[0]}): end it with ~all or -all")
    else:
        yield Seen("SPF", True, f"{domain}: {records[0]} ({lookups} look-up{'' if lookups == 1 else 's'}; what includes add is not seen here)")


def _dkim(sending: Sending, answers: Answers) -> Iterator[Seen]:
    signer = sending.signer
    if signer is None:
        yield Seen("DKIM", None, "no key is configured (RIPELINE_DKIM_KEY): your relay must sign, List-Unsubscribe and List-Unsubscribe-Post too")
        return
    name = f"{signer.selector}._domainkey.{signer.domain}"
    records = answers.get((name, "TXT"), ())
    key = key_of_record(records[0]) if len(records) == 1 else None
    if len(records) != 1:
        yield Seen("DKIM", False, f"{name} has {len(records)} TXT records, and there must be one: publish the public half of RIPELINE_DKIM_KEY")
    elif key is None:
        yield Seen("DKIM", False, f"{name} holds no usable key (p=): the key was withdrawn, or the record is cut off")
    elif key != signer.modulus:
        yield Seen("DKIM", False, f"{name} holds another key than RIPELINE_DKIM_KEY: no signature of ours verifies")
    else:
        bits = key.bit_length()
        yield Seen("DKIM", bits >= GOOD_BITS, f"{name} fits our key, {bits} bits{'' if bits >= GOOD_BITS else f': providers ask for {GOOD_BITS}'}")


def _dmarc(sending: Sending, answers: Answers) -> Iterator[Seen]:
    domain = sending.from_domain
    place, records = next(((name, found) for name in _dmarc_names(domain) if (found := _dmarc_at(name, answers))), (f"_dmarc.{domain}", ()))
    if len(records) != 1:
        said = f"{place} has {len(records)} records v=DMARC1, and there must be one"
        yield Seen("DMARC", False, said if records else f"{place} is missing: Gmail, Yahoo and Microsoft ask for at least v=DMARC1; p=none; rua=mailto:…")
        return
    tags = {name.strip().lower(): value.strip() for name, _, value in (part.partition("=") for part in records[0].split(";"))}
    policy = tags.get("p", "").lower()
    is_known = policy in ("none", "quarantine", "reject")
    yield Seen(
        "DMARC", is_known, f"{place}: p={policy}{'' if 'rua' in tags else ', and nobody gets the reports (rua)'}" if is_known else f"{place} has no policy (p=)"
    )
    by_spf = _aligned(sending.envelope_domain, domain, tags.get("aspf", "r"))
    by_dkim = sending.signer is not None and _aligned(sending.signer.domain, domain, tags.get("adkim", "r"))
    ways = [("the envelope", by_spf), *([("our signature", by_dkim)] if sending.signer else [])]
    told = [f"{way} {'is' if holds else 'is not'} aligned with From ({domain})" for way, holds in ways]
    yield Seen("alignment", by_spf or by_dkim, "; ".join(told) + ("" if sending.signer else "; the relay's signature is not seen here"))


def _touches(sending: Sending) -> Iterator[Seen]:
    """Give the domains that a meta.toml writes from, which the envelope and the signature must be aligned with as well."""
    signs = [sending.signer.domain] if sending.signer else []
    for domain in sending.touch_domains:
        if domain != sending.from_domain:
            holds = any(_aligned(each, domain, "r") for each in (sending.envelope_domain, *signs))
            said = f"a touch writes from {domain} (sender in its meta.toml), and neither the envelope nor a signature of ours is aligned with it"
            yield Seen("touches", holds, f"a touch writes from {domain}, aligned" if holds else said)


def _dmarc_names(domain: str) -> list[str]:
    parent = _parent(domain)
    return [f"_dmarc.{domain}", *([f"_dmarc.{parent}"] if parent else [])]


def _dmarc_at(name: str, answers: Answers) -> tuple[str, ...]:
    return tuple(text for text in answers.get((name, "TXT"), ()) if text.lower().startswith("v=dmarc1"))


def _aligned(one: str, other: str, mode: str) -> bool:
    """Strict: the same domain; relaxed: one within the other. Which part of a name is for sale (the public suffix list) is not known here."""
    return one == other if mode.lower() == "s" else one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _parent(domain: str) -> str | None:
    parent = domain.partition(".")[2]
    return parent if "." in parent else None


def _bare(name: str) -> str:
    return name.rstrip(".").lower()
