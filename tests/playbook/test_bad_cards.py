"""Bad cards: each refused by `check` in the marketer's words, with file and line, before it can do harm."""

import pytest
import shipped

from ripeline.playbook.playbook import CARD, examine

LEFT_OUT = ("/markets/", "/scoring/", "/tracks/", "/imports/")
FILES = {path: text for path, text in shipped.FILES.items() if path.startswith("playbook/") and not any(folder in path for folder in LEFT_OUT)}

PAGE = '[[engagement]]\nname = "Pricing"\nevent = "page_viewed"\nwhen = "path = \'/pricing\'"\npoints = 10\n'
DUTCH = '[[fit]]\nname = "Dutch"\nwhen = "{}"\npoints = 10\n'
SIZE = '[[fit]]\nname = "Size"\nnumber = "employees"\nbins = [{}]\n'
NESTED = "country = 'NL'" + " AND (country = 'NL'" * 10_000 + ")" * 10_000


def findings(card: str, **markets: str) -> list[str]:
    """Return what is found with a card of these lines, line and sentence."""
    files = FILES | {CARD: f'title = "Test"\n{card}'} | {f"playbook/markets/{name}.toml": text for name, text in markets.items()}
    found = [finding for finding in examine(files, letters=False)[1] if "/scoring/" in finding.path or "/markets/" in finding.path]
    return [f"{finding.path.rpartition('/')[2]}:{finding.line} {'warning ' if finding.is_warning else ''}{finding.what} {finding.remedy}" for finding in found]


@pytest.mark.parametrize(("card", "said"), [
    pytest.param(
        DUTCH.format("country IN (SELECT country FROM lead)"),
        "default.toml:4 fit rule 'Dutch': country IN (SELECT country FROM lead): a condition cannot ask another table",
        id="a sub-select",
    ),
    pytest.param(
        DUTCH.format("country = 'NL'; DELETE FROM lead"),
        "default.toml:4 fit rule 'Dutch': this is more than one condition. One condition only: no statements",
        id="a statement after a semicolon",
    ),
    pytest.param(
        DUTCH.format("contry = 'NL'"),
        "default.toml:4 fit rule 'Dutch': unknown field 'contry'. Did you mean 'country'?",
        id="an unknown column",
    ),
    pytest.param(
        DUTCH.format("tims('page_viewed') > 3"),
        "default.toml:4 fit rule 'Dutch': unknown function tims(). Did you mean 'times'?",
        id="an unknown function",
    ),
    pytest.param(
        DUTCH.format("title ~ '(a+)+$'"),
        "default.toml:4 fit rule 'Dutch': \"title ~ '(a+)+$'\" holds a regular expression",
        id="a regular expression that explodes",
    ),
    pytest.param(
        DUTCH.format("title LIKE '" + "%a" * 150 + "'"),
        "default.toml:4 fit rule 'Dutch': a LIKE pattern of 300 characters. Keep it below 200",
        id="a pattern too long",
    ),
    pytest.param(
        DUTCH.format(NESTED),
        "default.toml:4 fit rule 'Dutch': a condition of 210,014 characters. Keep it below 5,000",
        id="ten thousand nested ANDs",
    ),
    pytest.param(
        DUTCH.format("country = 'NL'" + " AND (country = 'NL'" * 90 + ")" * 90),
        "default.toml:4 fit rule 'Dutch': a condition nested too deeply",
        id="fewer, still too deep",
    ),
    pytest.param(
        PAGE.replace("10", "1e12"),
        "default.toml:6 engagement 'Pricing': 1000000000000.0 points are beyond any sane bound: stay within 10,000.",
        id="points beyond a sane bound",
    ),
    pytest.param(
        PAGE.replace("10", "inf"),
        "default.toml:6 engagement 'Pricing': inf is not a number of points: write 15 or 2.5.",
        id="infinite points",
    ),
    pytest.param(
        PAGE + 'fades = { half_life = "0 days" }',
        "default.toml:7 engagement 'Pricing': fading over \"0 days\" would leave nothing: write a longer time.",
        id="a half-life of zero",
    ),
    pytest.param(
        '[[engagement]]\nname = "Silent"\nsilent = { for = "30 days" }\npoints = "many"',
        "default.toml:5 engagement 'Silent': 'many' is not a number of points",
        id="points of a silence",
    ),
    pytest.param(PAGE + PAGE, "default.toml:8 engagement 'Pricing': two rules are called 'Pricing'", id="two rules of one name"),
    pytest.param(PAGE + "pionts = 3", "default.toml:7 engagement 'Pricing': unknown key 'pionts'. Did you mean 'points'?", id="a typo in a key"),
    pytest.param(
        PAGE + "[total]\ncapp = 3",
        "default.toml:8 [total]: unknown key 'capp'. Did you mean 'cap'?",
        id="a typo in a table without a name",
    ),
    pytest.param(
        PAGE.replace("[[engagement]]", "[[engagment]]"),
        "default.toml:2 unknown key 'engagment'. Did you mean 'engagement'?",
        id="a typo in a table's own name",
    ),
    pytest.param(PAGE + "x = " + "[" * 10_000, "default.toml:0 not TOML that anybody could read", id="brackets without end"),
    pytest.param(PAGE + "x = " + "9" * 5_000, "default.toml:0 not TOML: a number of thousands of digits", id="a number without end"),
    pytest.param(
        PAGE + "needs_coverage = 0.4",
        "default.toml:7 engagement rule 'Pricing': needs_coverage is about attributes",
        id="coverage of what cannot be missing",
    ),
    pytest.param(
        DUTCH.format("country = 'NL'") + 'when_thin = "warn"',
        "default.toml:6 fit rule 'Dutch': when_thin goes with needs_coverage",
        id="what to do, and never when",
    ),
    pytest.param(
        DUTCH.format("country = 'NL'") + "needs_coverage = 40",
        "default.toml:6 fit 'Dutch': 'needs_coverage' is 40, and 1 is the most.",
        id="a share in percent",
    ),
    pytest.param(DUTCH.format("country = 'NL' AND"), "\"country = 'NL' AND\" cannot be read: it breaks off after AND.", id="half a condition"),
    pytest.param(DUTCH.format("country = 'NL"), "cannot be read: a quote ' is opened and not closed.", id="a quote left open"),
    pytest.param(DUTCH.format("(country = 'NL'"), "cannot be read: it has more ( than ).", id="a parenthesis left open"),
    pytest.param(
        DUTCH.format("country = 'NL'") + "limit = { times = 2 }",
        "default.toml:6 fit 'Dutch': 'limit' does not go here.",
        id="an option that other rules have",
    ),
    pytest.param(
        PAGE + 'silent = { event = "any", for = "3 days" }',
        "default.toml:2 engagement 'Pricing': a rule is of one kind, and says which by exactly one of event, sequence, silent,",
        id="a rule of two kinds",
    ),
    pytest.param('[[fit]]\nname = "X"\npoints = 5', "default.toml:2 fit 'X': a rule is of one kind", id="a rule of no kind"),
    pytest.param(PAGE.replace("event =", "evnt ="), "default.toml:4 engagement 'Pricing': unknown key 'evnt'. Did you mean 'event'?", id="a mistyped kind"),
    pytest.param(
        '[[engagement]]\nname = "X"\nsequence = [{ event = "page_viewed" }]\nwithin = "7 days"\npoints = 3',
        "default.toml:4 engagement 'X': 'sequence' has 1 of at least 2.",
        id="a sequence of one",
    ),
    pytest.param(PAGE + 'fades = { half_life = "999999999 days" }', "'999999999 days' is longer than anybody waits", id="a half-life without end"),
    pytest.param(DUTCH.replace('"Dutch"', '""').format("country = 'NL'"), "default.toml:3 fit '': 'name' is empty.", id="a rule without a name"),
    pytest.param(
        SIZE.format("{ from = 1, to = 50, points = 1 }, { from = 51, to = inf, points = 3 }"),
        "default.toml:5 fit 'Size': a bin ends at a number, and inf is none: where it has no end, leave out to.",
        id="a bin up to infinity",
    ),
    pytest.param(
        SIZE.format("{ from = -inf, to = 3, points = 1 }").replace("employees", "days_since(known_since)"),
        "default.toml:5 fit 'Size': a bin ends at a number, and -inf is none: where it has no end, leave out from.",
        id="a bin of days down to infinity",
    ),
    pytest.param(SIZE.format("{ from = nan, points = 1 }"), "default.toml:5 fit 'Size': a bin ends at a number, and nan is none", id="a bin from nowhere"),
])  # fmt: skip
def test_a_bad_card_is_refused_on_its_line(card: str, said: str) -> None:
    found = findings(card)

    assert any(said in finding for finding in found), found
    assert not any(finding.startswith("warning") for finding in found)


def test_a_card_that_gives_every_lead_the_same_score_is_warned_of() -> None:
    (told,) = findings(DUTCH.format("country = 'NL'").replace("10", "0"))
    assert told.startswith("default.toml:0 warning every lead would have the same score")


def test_a_market_that_extends_itself_is_refused() -> None:
    market = 'title = "{0}"\nwhen = "country = \'{0}\'"\nextends = "{1}"\n'
    told = findings(PAGE, jp=market.format("JP", "kr"), kr=market.format("KR", "jp"), us=market.format("US", "usa"))
    assert told == [
        "jp.toml:3 market 'jp' extends itself, by way of 'kr'. Overlays are one level deep: leave 'extends' out, and write what differs from the scorecard.",
        "kr.toml:3 market 'kr' extends itself, by way of 'jp'. Overlays are one level deep: leave 'extends' out, and write what differs from the scorecard.",
        "us.toml:3 market 'us' extends 'usa', which is no market. Overlays are one level deep: leave 'extends' out, and write what differs from the scorecard.",
    ]


def test_two_markets_that_want_the_same_lead_are_warned_of() -> None:
    (told,) = findings(PAGE, dach="title = \"A\"\nwhen = \"country IN ('DE', 'AT')\"\npriority = 5", de='title = "B"\nwhen = "country = \'DE\'"\npriority = 5')
    assert told.startswith("de.toml:3 warning market 'de' and market 'dach' have priority 5 and may want the same lead, such as one with country = 'DE'.")
