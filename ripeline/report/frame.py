"""What every report page shares: the frame with its style inside, sections, figures, tables; nothing is fetched from anywhere."""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from ripeline.values import Refusal

_FRAME = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
""")


def framed(title: str, sections: Iterable[Markup]) -> str:
    """Return a whole self-contained page of this title, which its first section should tell."""
    style = Markup(files("ripeline.report").joinpath("page.css").read_text(encoding="utf-8"))
    return _FRAME.format(title=f"Ripeline: {title}", style=style, body=Markup("\n").join(sections))


def head(title: str, said: str, figures: Iterable[tuple[str, str]] = ()) -> Markup:
    """Return the top of a page: the one sentence to remember, a paragraph below it, and key figures as label and value."""
    header = Markup('<header>\n<p class="kicker">Ripeline</p>\n<h1>{}</h1>\n<p class="lead">{}</p>\n</header>').format(title, said)
    boxes = Markup().join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(label, value) for label, value in figures)
    return header + Markup('\n<dl class="figures">{}</dl>').format(boxes) if boxes else header


def section(title: str, about: str, body: Markup) -> Markup:
    """Return a part of a page, with what it is about in one paragraph."""
    return Markup("<section>\n<h2>{}</h2>\n<p>{}</p>\n{}\n</section>").format(title, about, body)


def with_code(text: str) -> Markup:
    """Return a text of which what stands in backticks is set as code."""
    parts = text.split("`")
    return Markup().join(Markup("<code>{}</code>").format(part) if number % 2 else Markup("{}").format(part) for number, part in enumerate(parts))


def figure(chart: Markup, caption: str) -> Markup:
    """Return a chart in a card, its caption below."""
    return Markup('<figure class="card">{}<figcaption>{}</figcaption></figure>').format(chart, caption)


def table(columns: Sequence[str], rows: Sequence[Sequence[str | Markup]]) -> Markup:
    """Return a table; a column whose name begins with # holds numbers."""
    kinds = [Markup(' class="number"') if name.startswith("#") else Markup() for name in columns]
    titles = Markup().join(Markup("<th{}>{}</th>").format(kind, name.lstrip("#")) for kind, name in zip(kinds, columns, strict=True))
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(Markup().join(Markup("<td{}>{}</td>").format(kind, cell) for kind, cell in zip(kinds, row, strict=True))) for row in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table>").format(titles, body)


def write_page(file: Path, page: str) -> None:
    """Write a page; raise Refusal where the file cannot be written."""
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write {file} ({error.strerror}): name a file in a folder that is there and writable", 3) from error
