"""A simulation says the same on a terminal, on a page and to a program; the page needs nothing from anywhere."""

import json
import re
from datetime import date
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.console import Console

from ripeline.report.heatmap import calendar_chart
from ripeline.report.sankey import Stream, sankey
from ripeline.simulate.page import simulation_page
from ripeline.simulate.plain import as_plain
from ripeline.simulate.run import Outcome
from ripeline.simulate.terminal import show_simulation
from ripeline.simulate.words import in_difference, key_figures


def printed(outcome: Outcome) -> str:
    out = StringIO()
    show_simulation(Console(file=out, width=160), outcome)
    return out.getvalue()


def test_terminal_page_and_program_tell_the_same_figures(outcome: Outcome) -> None:
    page, terminal, plain = simulation_page(outcome), printed(outcome), as_plain(outcome)

    for label, value in key_figures(outcome.figures[0]):
        assert f"<dt>{label}</dt><dd>{value:,}</dd>" in page
        assert re.search(rf"{label} +{value:,}\n", terminal)
        assert plain["playbooks"][0]["key_figures"][label.replace(" ", "_")] == value


def test_the_figures_are_json_with_text_for_keys(outcome: Outcome) -> None:
    told = json.loads(json.dumps(as_plain(outcome), default=str))

    assert told["base"]["changed"] == {}
    assert told["playbooks"][0]["by_day"]["2026-03-03"] == outcome.figures[0].by_day[date(2026, 3, 3)]


def test_two_playbooks_stand_side_by_side(both: Outcome) -> None:
    live, other = both.figures

    assert re.search(rf"mails +{live.mails} +{other.mails} +{re.escape(in_difference(other.mails - live.mails))}\n", printed(both))
    assert simulation_page(both).count('aria-label="Mails by day"') == 2


@pytest.mark.parametrize(("difference", "told"), [(1200, "+1,200"), (-3, "−3"), (0, "0")])
def test_a_difference_is_told_with_its_sign(difference: int, told: str) -> None:
    assert in_difference(difference) == told


def test_the_page_holds_all_it_needs_and_nobody_by_name(outcome: Outcome) -> None:
    page = simulation_page(outcome)

    assert not re.search(r'(src|href)="(?!data:)', page)
    assert not re.search(r"Ada|Neumann|example\.(com|org|net)", page)
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(picture)


def test_a_name_cannot_break_a_picture() -> None:
    picture = sankey([Stream(0, "<script>", 'a"b', 3)], ["then", "now"], "flows")

    assert "<script>" not in picture
    assert ElementTree.fromstring(picture).findtext(".//title") == '<script> → a"b: 3'


@pytest.mark.parametrize(("streams", "said"), [([], "nobody moves"), ([Stream(0, "a", "a", 2)], "a 2")])
def test_a_flow_diagram_can_always_be_drawn(streams: list[Stream], said: str) -> None:
    assert said in sankey(streams, ["then", "now"], "flows")


def test_a_calendar_has_every_day_of_the_time_and_no_other() -> None:
    picture = calendar_chart({date(2026, 3, 4): 7}, date(2026, 3, 3), date(2026, 3, 10), "mails")

    assert picture.count('class="band"') == 8
    assert picture.count(">7<") == 2
