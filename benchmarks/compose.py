"""Letters composed, from a lead's data to checked bytes, beside what Jinja alone takes and beside the naive way.

Ours: the data cleaned, the way out signed, subject, text, preheader and HTML filled, links counted, MIME written, the bytes read again and compared.
Bare Jinja: the same files as their author wrote them, rendered by an environment that knows them compiled, and nothing else: no MJML, no MIME.
Naive: the same by Jinja, then MJML compiled, styles inlined and an `EmailMessage` built for each lead.
"""

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import css_inline
import mjml
from jinja2 import DictLoader, Environment, StrictUndefined, Template

from benchmarks.goals import COMPOSE
from benchmarks.row import Row
from ripeline.letter.catalogue import read_catalogue
from ripeline.letter.data import AssetData, Links, Sender, letter_data
from ripeline.letter.enumerations import FIELDS
from ripeline.letter.folder import PREHEADER, templates_in
from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.writing import letter_asks, letter_meta, write_letter
from ripeline.links import unsubscribe_url
from ripeline.playbook.files import read_folder
from ripeline.render import FOLDER, direction_of
from ripeline.render.formats import formats_for
from ripeline.settings import CLONE, Settings

LOCALES = ("en", "de", "ja", "ar", "pl")
"""Direction, script, greeting and plural forms differ."""

SLOWEST_TO_JINJA, SLOWEST_TO_NAIVE = 2.0, 0.2
FLAT_MIB = 8.0
_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_SENDER = Sender("Nora at Tidewerk", "nora@tidewerk.example", "Tidewerk BV", "Keizersgracht 1, 1015 CN Amsterdam, Netherlands")
_NAMES = (("Ada", "Neumann"), ("健二", "田中"), ("محمد", "الأحمد"), ("Zoë", "O’Neil-Wójcik"), (None, None))


@dataclass(frozen=True)
class Order:
    """A letter to be written: which, in what language, for whose data, in what envelope."""

    template: str
    locale: str
    data: Mapping[str, Any]
    envelope: Envelope


class Desk:
    """Takes orders, the same at every run: every touch in turn, in every language, each for another lead. `most` kinds of them; None: all."""

    def __init__(self, most: int | None) -> None:
        self.files = read_folder(CLONE)
        self.settings = Settings(home=CLONE, secret_key="0123456789abcdef0123456789abcdef", base_url="https://go.tidewerk.example")
        self.declared = tuple(tomllib.loads(self.files[FIELDS])["lead"])
        touches = [each for each in templates_in(self.files) if each.startswith("email/") and letter_meta(self.files, each).is_bulk]
        self.kinds = [(touch, locale) for locale in LOCALES for touch in touches][:most]

    def order(self, number: int) -> Order:
        """Return one order, its data made as `deliver` makes it."""
        template, locale = self.kinds[number % len(self.kinds)]
        first, last = _NAMES[number % len(_NAMES)]
        lead = {"first_name": first, "last_name": last, "company": f"Firm {number}", "industry": "Retail", "address": f"lead{number}@example.com"}
        way_out = unsubscribe_url(self.settings, number)
        asked = dict.fromkeys(letter_asks(self.files, template, locale).conditions, number % 2 == 0)
        asset = AssetData("approvals-case", "Tidewerk", "https://www.example.com/cases/approvals")
        links = Links("https://www.example.com", way_out, "https://go.tidewerk.example/c/x", _AT.date())
        data = letter_data(lead, _SENDER, links, fields=self.declared, answers=asked, next_asset=asset)
        name = " ".join(filter(None, (first, last)))
        mail_id = f"<{number}@tidewerk.example>"
        envelope = Envelope(
            _SENDER.name, _SENDER.address, str(lead["address"]), mail_id, _AT, name, unsubscribe_url=way_out, list_id="nurture.tidewerk.example"
        )
        return Order(template, locale, data, envelope)

    def compose(self, number: int) -> bytes:
        """Return one mail, from the lead on."""
        order = self.order(number)
        return to_bytes(write_letter(self.files, order.template, order.locale, order.data), order.envelope)


class PlainJinja:
    """Jinja as its manual has it, over the same files, compiled once."""

    def __init__(self, desk: Desk) -> None:
        loader = DictLoader({path.removeprefix(FOLDER): text for path, text in desk.files.items()})
        self._at = {(locale, is_html): self._environment(desk, loader, locale, is_html) for locale in LOCALES for is_html in (False, True)}
        self.parts = {(template, locale): list(self._parts(desk, template, locale)) for template, locale in desk.kinds}

    def _environment(self, desk: Desk, loader: DictLoader, locale: str, is_html: bool) -> Environment:
        words = read_catalogue(desk.files, locale)
        found = Environment(loader=loader, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"], autoescape=is_html)
        found.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: words.forms(None, text, None)[0],
            lambda text, plural, count: words.forms(None, text, plural)[words.plural_form(count)],
            newstyle=True,
            pgettext=lambda context, text: words.forms(context, text, None)[0],
        )
        found.filters |= dict(formats_for(locale))
        found.filters["named"] = lambda value: words.named("lead.industry", value)
        found.filters["default"] = found.filters["d"] = _default
        found.globals |= {"locale": locale, "lang": locale.replace("_", "-"), "dir": direction_of(locale), "when": lambda text: True}
        return found

    def _parts(self, desk: Desk, template: str, locale: str) -> Iterator[Template]:
        for name in ("subject.txt", "body.txt", PREHEADER, "body.mjml"):
            own = f"{template}/{name.replace('.', f'.{locale}.')}"
            path = own if FOLDER + own in desk.files else f"{template}/{name}"
            if FOLDER + path in desk.files:
                yield self._at[locale, name.endswith("mjml")].get_template(path)

    def rendered(self, order: Order) -> list[str]:
        """Return the parts of one letter, MJML as MJML."""
        return [part.render(order.data) for part in self.parts[order.template, order.locale]]

    def naive(self, order: Order) -> bytes:
        """Return one mail in which everything is made anew."""
        subject, text, *_, body = self.rendered(order)
        html = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(mjml.mjml2html(body, fonts={}))
        mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
        envelope = order.envelope
        mail["From"], mail["To"], mail["Subject"] = f"{envelope.from_name} <{envelope.from_address}>", envelope.to_address, " ".join(subject.split())
        mail["Message-ID"], mail["List-Unsubscribe"] = envelope.mail_id, f"<{envelope.unsubscribe_url}>"
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
        return mail.as_bytes()


def _default(value: Any, other: Any = "", boolean: bool = False) -> Any:
    return other if value is None or isinstance(value, StrictUndefined) or (boolean and not value) else value


def run(small: bool) -> list[Row]:
    """Return a row against bare Jinja, one against the naive way, and one about memory."""
    letters, naive, many, kinds = (10, 2, 20, 2) if small else (2_000, 200, 100_000, None)
    desk = Desk(kinds)
    plain = PlainJinja(desk)
    orders = [desk.order(number) for number in range(letters)]
    for number in range(len(desk.kinds)):  # what is compiled once is compiled before
        desk.compose(number)
    ours = _each(desk.compose, range(letters))
    bare, naively = _each(plain.rendered, orders), _each(plain.naive, orders[:naive])
    what = f"compose letters, {len(desk.kinds)} of touch × language"
    told = f"{1 / ours:,.0f} a second"
    return [
        Row(COMPOSE, what, told, f"bare Jinja: {1 / bare:,.0f} a second", ours / bare, "at least 0.5 of its rate", ours / bare <= SLOWEST_TO_JINJA),
        Row(COMPOSE, what, told, f"naive: {1 / naively:,.0f} a second", ours / naively, "at least 5 times its rate", ours / naively <= SLOWEST_TO_NAIVE),
        _memory(many, len(desk.kinds)),
    ]


def _each(work: Callable[[Any], Any], over: Any) -> float:
    """Return the seconds of processor time that one takes, the best of three rounds."""
    return min(_round(work, over) for _ in range(3))


def _round(work: Callable[[Any], Any], over: Any) -> float:
    begun = time.process_time()
    for each in over:
        work(each)
    return (time.process_time() - begun) / len(over)


def _memory(letters: int, kinds: int) -> Row:
    """Return what a process holds after a tenth of the letters, and how much more after all of them."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.compose", str(letters), str(kinds)], check=True, stdout=subprocess.PIPE, text=True, cwd=CLONE)
    early, late = json.loads(done.stdout)
    return Row(
        COMPOSE, f"memory over {letters:,} letters", f"{late - early:+.1f} MiB", f"after the first {letters // 10:,}", None,
        f"flat: at most {FLAT_MIB:.0f} MiB more",
        late - early <= FLAT_MIB, late,
    )  # fmt: skip


def _held_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _hold(letters: int, kinds: int) -> list[float]:
    desk, held = Desk(kinds), []
    for number in range(letters):
        desk.compose(number)
        if number + 1 in (letters // 10, letters):
            held.append(_held_mib())
    return held


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_hold(*map(int, sys.argv[1:]))))
