"""What a market may lay over the scorecard, and what is refused: in the market's file, on its own line, in the marketer's words."""

import pytest
import shipped
from cards import NOW, facts, views

from ripeline.decide.score import score
from ripeline.decide.scoring import scoring
from ripeline.playbook.finding import Finding
from ripeline.playbook.playbook import examine, parse_playbook

FILES = {path: text for path, text in shipped.FILES.items() if path.startswith("playbook/") and "/markets/" not in path}
JP = "playbook/markets/jp.toml"
HEAD = 'title = "Japan"\nwhen = "country = \'JP\'"\n'
RULE = '\nname = "Came to the Tokyo fair"\nwhen = "city = \'Tokyo\'"\npoints = 10\n'


def findings(*overlays: str) -> list[Finding]:
    """Return what is found with markets jp, m1, m2 …, whose files hold these lines beside the title and the condition."""
    names = ["jp", *(f"m{number}" for number in range(1, len(overlays)))]
    markets = {f"playbook/markets/{name}.toml": HEAD.replace("JP", "JP" if name == "jp" else name) + text for name, text in zip(names, overlays, strict=True)}
    return [finding for finding in examine(FILES | markets, letters=False)[1] if "/markets/" in finding.path]


@pytest.mark.parametrize(("overlay", "line", "said"), [
    pytest.param('extends = "jp"', 3, "market 'jp' extends itself, by way of 'jp'", id="a market over itself"),
    pytest.param('extends = "moon"', 3, "market 'jp' extends 'moon', which is no market", id="a market over none"),
    pytest.param('[scoring.change."Ask for a demo"]\npoints = 1', 3, "Did you mean 'Asked for a demo'?", id="a rule nobody knows"),
    pytest.param('[scoring]\nswitch_off = ["Silent for a moth"]', 4, "Did you mean 'Silent for a month'?", id="a rule nobody knows, switched off"),
    pytest.param('[scoring.change."Company size"]\npoints = 1', 4, "gives its points by 'bins', so 'points' would change nothing", id="points of bins"),
    pytest.param('[scoring.change."Asked for a demo"]\npionts = 1', 4, "unknown key 'pionts'. Did you mean 'points'?", id="a key misspelt"),
    pytest.param('[scoring.change."Asked for a demo"]\npoints = 1e9', 4, "beyond any sane bound", id="absurd points"),
    pytest.param('[scoring.change."Asked for a demo"]\nfades = { half_life = "0 days" }', 4, "would leave nothing", id="a half-life of zero"),
    pytest.param('[scoring.change."Asked for a demo"]\nwhen = "pth = 1"', 4, "unknown field 'pth'", id="a condition of a changed rule"),
    pytest.param('[scoring.change."Asked for a demo"]\nname = "Demo"', 4, "cannot be called otherwise", id="another name"),
    pytest.param('[scoring]\nswitch_off = ["Decides"]\n[scoring.change.Decides]\npoints = 5', 5, "switched off and changed", id="both at once"),
    pytest.param(f"[[scoring.fit]]{RULE}".replace("city", "ctiy"), 5, "Did you mean 'city'?", id="a condition of an added rule"),
    pytest.param(f"[[scoring.fit]]{RULE}".replace("Came to the Tokyo fair", "Decides"), 4, "there is a rule 'Decides' already", id="a name taken"),
    pytest.param(f'[[scoring.fit]]{RULE}group = "mails"', 7, "Fit and engagement are kept apart", id="an added fit rule in a group of engagement"),
    pytest.param("[scoring.group.readin]\ncap = 5", 3, "Did you mean 'reading'?", id="a group nobody knows"),
    pytest.param("[scoring.total]\ncap = -1", 3, "[total]: floor is not below cap", id="a cap below the floor"),
    pytest.param("[scoring.bands]\nfit = { A = 5 }", 3, "the best first", id="bands upside down"),
    pytest.param('[[scoring.exclude]]\nname = "A"\nwhen = "ctiy = 1"', 5, "Did you mean 'city'?", id="an exclusion"),
])  # fmt: skip
def test_an_overlay_that_does_not_fit_is_refused_on_its_line(overlay: str, line: int, said: str) -> None:
    (finding,) = findings(overlay)

    assert (finding.path, finding.line, finding.is_warning) == (JP, line, False)
    assert said in f"{finding.what} {finding.remedy}"


def test_a_circle_of_markets_is_called_one() -> None:
    told = {finding.path: finding.what for finding in findings('extends = "m1"', 'extends = "m2"', 'extends = "jp"')}

    assert told[JP] == "market 'jp' extends itself, by way of 'm1'."
    assert len(told) == 3


def test_a_market_over_another_is_one_level_too_deep() -> None:
    (finding,) = findings('extends = "m1"', "")

    assert finding.remedy == "Overlays are one level deep: leave 'extends' out, and write what differs from the scorecard."


OVERLAY = f"""
[scoring]
switch_off = ["Manages"]
[scoring.change."Company size"]
bins = [{{ from = 10, points = 7 }}]
[scoring.change."Looked at pricing"]
points = 4
limit = {{ times = 1 }}
[[scoring.fit]]{RULE}
[scoring.bands]
fit = {{ A = 17, B = 12 }}
[scoring.total]
cap = 20
"""


def test_a_market_changes_weights_adds_rules_and_moves_thresholds_and_every_rule_keeps_its_number() -> None:
    playbook = parse_playbook(FILES | {JP: HEAD + OVERLAY})
    by = scoring(playbook.scorecard, playbook.markets, playbook.fields, playbook.lists)
    lead = facts({"city": "Tokyo", "seniority": "manager", "employees": 20, "events": views("/pricing", 0, 0)})
    names = [rule.name for rule in by.everywhere.card.rules]

    here, there = (score(lead, bound, NOW).row(0, named=True) for bound in (by.everywhere, by.bound_in("jp")))

    assert (here["fit"], here["total"], here["grade"]) == (1000, 2500, "C3")
    assert (there["fit"], there["total"], there["grade"]) == (1700, 2000, "A4")
    assert there["reasons"] == f"{names.index('Company size')}=700;{names.index('Looked at pricing')}=400;{len(names)}=1000"


def test_an_overlay_that_changes_nothing_is_the_card_itself() -> None:
    playbook = parse_playbook(FILES | {JP: HEAD})
    by = scoring(playbook.scorecard, playbook.markets, playbook.fields, playbook.lists)

    assert by.bound_in("jp") is by.everywhere
