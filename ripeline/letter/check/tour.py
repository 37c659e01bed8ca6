"""The tour of a check: every letter and page, in every locale, for every lead; each fault told once, with whom it showed first."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from ripeline.letter.check.catalogues import catalogue_faults
from ripeline.letter.check.fault import Fault, fault_of
from ripeline.letter.check.leads import HOSTILE_LEADS, NOTHING_KNOWN, SAMPLE, SOMEBODY, cases
from ripeline.letter.check.rendered import Rendered, look_faults, structure_faults
from ripeline.letter.check.sources import source_faults
from ripeline.letter.check.speech import Speech
from ripeline.letter.enumerations import examples_in
from ripeline.letter.folder import templates_in
from ripeline.letter.sample import SAMPLE_LEAD, sample_data
from ripeline.letter.version import version_of
from ripeline.letter.writing import complete_locales, letter_asks, letter_meta, page_asks, write_letter, write_page
from ripeline.render import NOT_READ, RenderError, Shape

_FIGURE = re.compile(r"\d+")

Stop = tuple[str, str]
"""A letter or page and a locale."""


def letter_faults(files: Mapping[str, str], fields: Iterable[str] = (), *, only: str | None = None) -> Iterator[Fault]:
    """Give what is wrong with the letters, pages and catalogues of a playbook's files; nothing means they can go out.

    `fields` are the lead attributes that fields.toml declares; `only` restricts to one template.
    """
    found = list(chain(*(file_faults(files),) if only is None else ()))
    stops, broken = stops_of(files, only)
    ground = Ground(files, tuple(fields), Speech(files))
    yield from found
    written = merged([*broken, *(each for stop in stops for each in faults_at(ground, stop))])
    yield from without(list(written), found)


def file_faults(files: Mapping[str, str]) -> Iterator[Fault]:
    """Give what can be seen without writing a letter."""
    yield from catalogue_faults(files)
    yield from source_faults(files)


def stops_of(files: Mapping[str, str], only: str | None = None) -> tuple[list[Stop], list[Fault]]:
    """Return every letter and page with each locale it can go out in; and the faults of those that cannot go out at all."""
    stops: list[Stop] = []
    broken: list[Fault] = []
    for template in (only,) if only else templates_in(files):
        try:
            stops += [(template, locale) for locale in complete_locales(files, template)]
        except RenderError as error:
            broken.append(fault_of(error))
    return stops, broken


@dataclass(frozen=True)
class Ground:
    """What stays the same over a tour: the files, the attributes declared, the words of all languages, and which branches were walked already."""

    files: Mapping[str, str]
    fields: tuple[str, ...]
    speech: Speech
    walked: set[Shape] = field(default_factory=set)


def faults_at(ground: Ground, stop: Stop) -> list[Fault]:
    """Return what is wrong with one letter or page in one locale."""
    return list(_page_faults(ground, stop) if stop[0].startswith("web/") else _letter_faults(ground, stop))


def _page_faults(ground: Ground, stop: Stop) -> Iterator[Fault]:
    (template, locale), files, fields = stop, ground.files, ground.fields
    try:
        conditions = page_asks(files, template, locale)
    except RenderError as error:
        yield _for(SAMPLE, locale, fault_of(error))
        return
    for what, data in cases(template, fields, conditions):
        try:
            write_page(files, template, locale, data)
        except RenderError as error:
            yield _for(what, locale, fault_of(error))
    yield from _branch_faults(ground, stop, conditions)


def _letter_faults(ground: Ground, stop: Stop) -> Iterator[Fault]:
    (template, locale), files, fields = stop, ground.files, ground.fields
    try:
        asks, is_bulk = letter_asks(files, template, locale), letter_meta(files, template).is_bulk
    except RenderError as error:
        yield _for(SAMPLE, locale, fault_of(error))
        return
    for what, data in cases(template, fields, asks.conditions):
        try:
            written = Rendered(files, template, write_letter(files, template, locale, data), data, is_bulk)
        except RenderError as error:
            yield _for(what, locale, fault_of(error))
            continue
        yield from (_for(what, locale, fault) for fault in structure_faults(written))
        if what.startswith(SAMPLE):
            yield from (_for(what, locale, fault) for fault in look_faults(written, ground.speech))
    yield from _branch_faults(ground, stop, asks.conditions)


def _branch_faults(ground: Ground, stop: Stop, conditions: tuple[str, ...]) -> Iterator[Fault]:
    """Give what is wrong where none of our leads comes by."""
    (template, locale), files, fields = stop, ground.files, ground.fields
    unwalked = [each for each in version_of(files).branches(template, locale) if each.shape not in ground.walked]
    if not unwalked:
        return
    ground.walked.update(each.shape for each in unwalked)
    readers = [data for what, data in cases(template, fields, conditions) if what not in HOSTILE_LEADS or what == NOTHING_KNOWN]
    known = sample_data({**examples_in(files), **SAMPLE_LEAD}, fields=fields) | {"answers": dict.fromkeys(conditions, True)}
    for branches in unwalked:
        yield from (_for(SOMEBODY, locale, fault_of(error)) for error in branches.faults(readers, known))


def _for(what: str, locale: str, fault: Fault) -> Fault:
    return Fault(fault.path, fault.line, f"for {what}, in {locale}: {fault.what}", fault.remedy, fault.is_warning)


def merged(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Give each fault once: the same one for other leads or in other locales is counted, not told again."""
    first: dict[tuple[str, int, str], Fault] = {}
    more: dict[tuple[str, int, str], int] = {}
    for fault in faults:
        key = (fault.path, fault.line, _core(fault.what))
        more[key] = more.get(key, -1) + 1
        first.setdefault(key, fault)
    for key, fault in first.items():
        also = f" The same in {more[key]} other case{'' if more[key] == 1 else 's'}." if more[key] else ""
        yield Fault(fault.path, fault.line, fault.what, (fault.remedy + also).strip(), fault.is_warning)


def without(faults: Iterable[Fault], seen: Iterable[Fault]) -> list[Fault]:
    """Return the faults but those that say of the same file what was `seen` there already, to the line, or only that MJML stumbled over it."""
    told = {(fault.path, fault.what.rstrip(".")) for fault in seen if fault.line}
    return [fault for fault in faults if not any(fault.path == path and (what in fault.what or NOT_READ in fault.what) for path, what in told)]


def _core(what: str) -> str:
    """Return a sentence without whom it showed with, and without figures that hang on them."""
    return _FIGURE.sub("0", what.partition(": ")[2] if what.startswith("for ") else what)
