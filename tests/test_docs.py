"""What the pages promise is there, and what is there is told: commands, settings, rule kinds, playbook files and their keys, links."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from ripeline.cli.main import app
from ripeline.connect.channels import channel_names
from ripeline.connect.channels.maildir import MaildirSettings
from ripeline.connect.mail_server import SmtpSettings
from ripeline.decide.content import Content
from ripeline.decide.handoff import HandoffRules
from ripeline.decide.limits import Limits
from ripeline.decide.market import Market
from ripeline.decide.places import Places
from ripeline.decide.rates import Rates
from ripeline.decide.rules import KINDS
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.stages import Stages
from ripeline.decide.track import Track
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.mapping import EventsMap, LeadsMap, SuppressionsMap
from ripeline.settings import CLONE, Settings
from ripeline.sweep.deliver.pace import Pace

PAGES = [CLONE / "README.md", *sorted((CLONE / "docs").rglob("*.md"))]
GUIDES = [page for page in PAGES if page.parent.name != "decisions"]

SHAPES: dict[str, tuple[type[BaseModel], ...]] = {
    "playbook/fields.toml": (FieldsFile,),
    "playbook/scoring/default.toml": (Scorecard, *KINDS),
    "playbook/stages.toml": (Stages,),
    "playbook/tracks/<name>.toml": (Track,),
    "playbook/limits.toml": (Limits,),
    "playbook/markets/<name>.toml": (Market,),
    "playbook/places.toml": (Places,),
    "playbook/content.toml": (Content,),
    "playbook/rates.toml": (Rates,),
    "playbook/handoff.toml": (HandoffRules,),
    "playbook/imports/<name>.toml": (LeadsMap, EventsMap, SuppressionsMap),
}

SETTINGS: tuple[type[BaseSettings], ...] = (Settings, SmtpSettings, MaildirSettings, Pace)


@cache
def commands() -> dict[tuple[str, ...], Any]:
    """Return every command of the tree by its words, families included."""
    return dict(_below(typer.main.get_command(app), ()))


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if words:
        yield words, command
    children: Mapping[str, Any] = getattr(command, "commands", {})
    for name, child in children.items():
        yield from _below(child, (*words, name))


def leaves() -> list[tuple[str, ...]]:
    """Return the words of every command that does something by itself."""
    return [words for words, command in commands().items() if not getattr(command, "commands", {})]


@cache
def written(page: Path) -> str:
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


@cache
def as_code(text: str) -> str:
    """Return what a page shows as code, in blocks and between backticks."""
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join([*blocks, *spans])


def shown_commands() -> list[tuple[str, str]]:
    """Return every command line that a page shows, with the page's name."""
    return [(page.name, line) for page in GUIDES for line in re.findall(r"\bripeline (?:[a-z][^\n`#|;)]*|--help)", as_code(written(page)))]


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_command_is_told_somewhere(words: tuple[str, ...]) -> None:
    together = re.sub(r"accept\|reject", "accept", "\n".join(map(written, GUIDES)))

    assert re.search(rf"ripeline {' '.join(words)}\b", together), "nobody learns of it from README.md or docs/"


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_command_teaches_by_its_help(words: tuple[str, ...]) -> None:
    command = commands()[words]

    assert len(command.help.split()) >= 5
    assert [option.name for option in command.params if option.param_type_name == "option" and not option.help] == []


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_a_command_that_a_page_shows_is_one(page: str, line: str) -> None:
    words = shlex.split(line.replace("…", "x").replace("'", ""), comments=True)[1:]
    known = commands()

    path = next((tuple(words[:length]) for length in (2, 1) if tuple(words[:length]) in known), None)

    assert path or words[0] == "--help", f"{page}: no such command"
    offered = {name for option in known[path].params for name in option.opts} | {"--help"} if path else {"--help"}
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= offered


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CLONE)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", written(page))

    assert [link for link in links if "://" not in link and not link.startswith("mailto:") and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("shape", SETTINGS, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("page", [".env.example", "docs/operating.md"])
def test_every_setting_is_told(page: str, shape: type[BaseSettings]) -> None:
    text = written(CLONE / page)

    assert [name for name in names_of(shape) if not re.search(rf"\b{name}\b", text)] == []


def test_no_page_tells_of_a_setting_that_is_none() -> None:
    known = {name for shape in SETTINGS for name in names_of(shape)} | {"RIPELINE_TEST_POSTGRES_URL", "RIPELINE_SHARED_DATA"}
    told = {name for page in [*GUIDES, CLONE / ".env.example"] for name in re.findall(r"\bRIPELINE_[A-Z_]+[A-Z]\b(?!\*|_)", written(page))}

    assert told - known == set()


@pytest.mark.parametrize("channel", channel_names())
def test_every_channel_is_told(channel: str) -> None:
    assert channel in written(CLONE / ".env.example")


def names_of(shape: type[BaseSettings]) -> Iterable[str]:
    """Return the environment variables of one part's settings."""
    return [f"{shape.model_config.get('env_prefix')}{name}".upper() for name in shape.model_fields]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.marked_by)
def test_every_kind_of_rule_is_told_by_its_mark(kind: Any) -> None:
    table = [line for line in written(CLONE / "docs/authoring.md").splitlines() if line.startswith("| ")]

    assert any(f"`{kind.marked_by}`" in line for line in table)


@pytest.mark.parametrize("path", SHAPES)
def test_every_file_of_the_playbook_is_told(path: str) -> None:
    assert f": {path}\n" in written(CLONE / "docs/authoring.md")


def test_no_file_of_the_playbook_is_forgotten() -> None:
    patterns = [path.replace("<name>", "*").replace("default", "*") for path in SHAPES]
    shipped = [file.relative_to(CLONE) for file in (CLONE / "playbook").rglob("*.toml")]

    assert [str(file) for file in shipped if not any(file.match(pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("path", SHAPES)
def test_every_key_of_a_playbook_file_is_told(path: str) -> None:
    code = as_code(written(CLONE / "docs/authoring.md"))
    keys = {key for shape in SHAPES[path] for key in _keys(shape.model_json_schema())}

    assert sorted(key for key in keys if not re.search(rf"(?<!\w){re.escape(key)}(?!\w)", code)) == []


def _keys(schema: Any) -> Iterator[str]:
    match schema:
        case dict():
            yield from schema.get("properties", {})
            for inner in schema.values():
                yield from _keys(inner)
        case list():
            for inner in schema:
                yield from _keys(inner)
