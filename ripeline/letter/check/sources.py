"""What can be seen in a template as its author wrote it, to the line: tags, attributes, pictures, addresses, what mail programs do not show."""

import re
from collections.abc import Iterator, Mapping

from ripeline.letter.check.fault import Fault, line_at
from ripeline.letter.check.mjml_names import ATTRIBUTES
from ripeline.letter.check.tables import CLIENTS, SPAM
from ripeline.letter.folder import is_locale, templates_in, variants_in
from ripeline.render import FOLDER, did_you_mean

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_PICTURES = ("img", "mj-image", "mj-carousel-image")
_ADDRESSES = ("href", "src", "background", "background-url", "action")
_GOOD = re.compile(r"https://|mailto:|tel:|cid:|#|x{5}|$", re.IGNORECASE)


def source_faults(files: Mapping[str, str]) -> Iterator[Fault]:
    """Give what is wrong in the text of templates, in path order; what Jinja writes there is not looked into."""
    for template in templates_in(files):
        yield from _variants(files, template)
    for path in sorted(files):
        if path.startswith(FOLDER) and path.endswith((".mjml", ".html")):
            yield from _in_markup(path, _bare(files[path]), is_mail=not path.startswith(f"{FOLDER}web/"))


def _variants(files: Mapping[str, str], template: str) -> Iterator[Fault]:
    found = list(variants_in(files, template))
    for path, locale in found:
        if not is_locale(locale):
            yield Fault(path, 0, f"'{locale}' is no locale, so nobody would get this file.", "Name it by a CLDR id, such as body.ja.mjml or body.zh_Hans.mjml.")
    texts = {locale for path, locale in found if path.endswith(".txt") and "/body." in path}
    for path, locale in found:
        if path.endswith((".mjml", ".html")) and "/body." in path and locale not in texts:
            remedy = f"Write body.{locale}.txt beside it: both parts of a letter say the same."
            yield Fault(path, 0, f"the HTML has words of its own in {locale}, and the text part has not.", remedy, is_warning=True)


def _bare(text: str) -> str:
    """Return a template with Jinja and comments blotted out, every line where it was: what shows something as x, the rest as blanks."""
    return _COMMENT.sub(_blank, _JINJA.sub(_blot, text))


def _blot(found: re.Match[str]) -> str:
    sign = "x" if found[0].startswith("{{") else " "
    return "".join("\n" if character == "\n" else sign for character in found[0])


def _blank(found: re.Match[str]) -> str:
    return "".join("\n" if character == "\n" else " " for character in found[0])


def _in_markup(path: str, text: str, *, is_mail: bool) -> Iterator[Fault]:
    for tag in _TAG.finditer(text):
        line = line_at(text, tag.start())
        yield from (Fault(path, line, what, remedy) for what, remedy in _in_tag(tag[1].lower(), tag[2], is_mjml=path.endswith(".mjml")))
    for habit in (*CLIENTS, *(each for each in SPAM if each.where == "source")) if is_mail else ():
        found = habit.pattern.search(text)
        if found:
            yield Fault(path, line_at(text, found.start()), f"{habit.what}.", habit.remedy, is_warning=True)


def _in_tag(tag: str, inside: str, *, is_mjml: bool) -> Iterator[tuple[str, str]]:
    attributes = [(found[1].lower(), found[2]) for found in _ATTRIBUTE.finditer(inside)]
    names = [name for name, _ in attributes]
    if is_mjml and tag.startswith("mj"):
        yield from _unknown(tag, names)
    if tag in _PICTURES and "alt" not in names:
        yield f"<{tag}> has no alt: who sees no pictures learns nothing.", 'Say what it shows: alt="…", or alt="" where it only decorates.'
    for name, value in attributes:
        if value is not None and value[0] not in "\"'":
            yield f"<{tag}> has {name} without quotes: a value could end it and begin another.", f'Write {name}="…".'
        elif value is not None and name in _ADDRESSES and not _GOOD.match(value[1:-1].strip()):
            yield f"<{tag}> leads to {value[1:-1][:60]!r}, and not to https://.", "Begin it with https://, mailto: or tel:, or with {{ link.site }}."


def _unknown(tag: str, names: list[str]) -> Iterator[tuple[str, str]]:
    if tag not in ATTRIBUTES:
        yield f"MJML has no <{tag}>.", did_you_mean(tag, ATTRIBUTES).strip() or "docs/authoring-letters.md names the tags."
        return
    for name in names:
        if name not in ATTRIBUTES[tag] and name.strip("x"):
            yield f"<{tag}> has no attribute '{name}', and MJML would drop it in silence.", did_you_mean(name, ATTRIBUTES[tag]).strip()
