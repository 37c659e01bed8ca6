"""A contact sheet: every letter in every locale on one page, to be looked over at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ripeline.render import direction_of

_STYLE = """
body { margin: 0; padding: 24px; font: 14px/1.4 system-ui, sans-serif; background: #eef0f3; color: #1d2430; }
h1 { font-size: 22px; } h2 { font-size: 17px; margin: 28px 0 8px; position: sticky; top: 0; background: #eef0f3; padding: 6px 0; }
nav a { margin-right: 10px; } .row { display: flex; flex-wrap: wrap; gap: 16px; }
figure { margin: 0; width: 300px; background: #fff; border-radius: 8px; overflow: hidden; box-shadow: 0 1px 3px #0003; }
figcaption { padding: 8px 10px; height: 104px; overflow: hidden; } figcaption b { display: block; } figcaption span { display: block; color: #555e6d; }
.single section { display: inline-block; width: 316px; vertical-align: top; } .single h2 { position: static; font-size: 14px; }
.frame { width: 300px; height: 420px; overflow: hidden; position: relative; }
iframe { border: 0; width: 640px; height: 896px; transform: scale(.46875); transform-origin: 0 0; pointer-events: none; }
"""


@dataclass(frozen=True)
class Print:
    """One letter on the sheet: where its HTML lies, beside the sheet."""

    template: str
    locale: str
    subject: str
    preheader: str
    file: str


def contact_sheet(prints: Sequence[Print], missing: Mapping[str, Sequence[str]]) -> str:
    """Return the page, letters in rows, locales beside each other; `missing` are locales a letter is not complete in. Pictures load as one scrolls."""
    rows: dict[str, list[Print]] = {}
    for each in sorted(prints, key=lambda each: (each.template, each.locale)):
        rows.setdefault(each.template, []).append(each)
    links = "".join(f'<a href="#{escape(template)}">{escape(template.removeprefix("email/"))}</a>' for template in rows)
    body = "".join(_row(template, row, missing.get(template, ())) for template, row in rows.items())
    single = ' class="single"' if len(prints) == len(rows) else ""  # in one language, letters stand beside each other
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Letters</title>'
    title = f"{len(rows)} letters, {len(prints)} with their languages"
    page = f"<h1>{title}</h1><nav>{links}</nav><main{single}>{body}</main>"
    return f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{page}</body></html>\n'


def _row(template: str, row: Sequence[Print], missing: Sequence[str]) -> str:
    told = f"<p>Falls back as a whole in: {escape(', '.join(missing))}</p>" if missing else ""
    figures = "".join(map(_figure, row))
    return f'<section><h2 id="{escape(template)}">{escape(template)}</h2>{told}<div class="row">{figures}</div></section>'


def _figure(each: Print) -> str:
    its = f'lang="{each.locale.replace("_", "-")}" dir="{direction_of(each.locale)}"'
    frame = f'<iframe src="{escape(each.file)}" loading="lazy" sandbox="" title="{escape(each.subject)}"></iframe>'
    said = f"<span>{escape(each.locale)}</span><b {its}>{escape(each.subject)}</b><span {its}>{escape(each.preheader)}</span>"
    return f'<figure><figcaption>{said}</figcaption><a href="{escape(each.file)}"><div class="frame">{frame}</div></a></figure>'
