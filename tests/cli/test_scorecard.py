"""`ripeline scorecard show` as somebody types it."""

from pathlib import Path

from commands import Run

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def test_a_market_is_shown_with_the_origin_of_each_value(run: Run) -> None:
    answer = run("scorecard", "show", "--market", "jp", database_url=NOWHERE)
    lines = answer.out.splitlines()

    assert answer.exit_code == 0
    place = lines.index(next(line for line in lines if line.startswith('name   = "Asked for a demo"')))
    points = next(line for line in lines[place:] if line.startswith("points"))
    assert points.startswith("points = 15 ")
    assert points.endswith("(everywhere: 35)")
    assert "# playbook/markets/jp.toml:" in points
    assert "# playbook/scoring/default.toml:" in lines[place]
    assert any(line.startswith("invite_at = 80") and "markets/jp.toml" in line for line in lines)


def test_without_a_market_it_is_the_card_everywhere(run: Run) -> None:
    told = run("scorecard", "show", "--json", database_url=NOWHERE).told

    assert {"table", "name", "key", "value", "everywhere", "path", "line", "is_off"} == set(told[0])
    assert {value["everywhere"] for value in told} == {None}
    assert {"path": "playbook/scoring/default.toml", "value": 35, "is_off": False}.items() <= _of("Asked for a demo", "points", told).items()


def test_every_value_of_a_market_names_the_line_it_stands_on(run: Run, home: Path) -> None:
    for value in run("scorecard", "show", "--market", "jp", "--json").told:
        line = (home / value["path"]).read_text().splitlines()[value["line"] - 1]
        assert value["key"].split(".")[-1] in line or value["key"].split(".")[0] in line, value


def test_what_a_market_switches_off_and_adds_is_told(run: Run, own_home: Path, spoil) -> None:
    added = '[[scoring.fit]]\nname = "In Tokyo"\nwhen = "city = \'Tokyo\'"\npoints = 3\n'
    spoil("playbook/markets/jp.toml", "[scoring.change", f'[scoring]\nswitch_off = ["Opened a mail"]\n{added}[scoring.change')

    told = run("scorecard", "show", "--market", "jp", "--json", home=own_home).told
    shown = run("scorecard", "show", "--market", "jp", home=own_home).out

    assert _of("Opened a mail", "points", told)["is_off"] is True
    assert _of("In Tokyo", "points", told)["path"] == "playbook/markets/jp.toml"
    assert "# switched off by playbook/markets/jp.toml:" in shown


def test_what_is_live_is_shown_while_the_files_move_on(live: Run, own_home: Path, spoil) -> None:
    spoil("playbook/scoring/default.toml", "points = 35", "points = 36")

    edited, in_use = (_of("Asked for a demo", "points", live("scorecard", "show", "--json", *also, home=own_home).told) for also in ([], ["--live"]))

    assert (edited["value"], in_use["value"]) == (36, 35)


def test_an_unknown_market_gets_the_nearest_one(run: Run) -> None:
    answer = run("scorecard", "show", "--market", "jpp")

    assert answer.exit_code == 2
    assert "no market 'jpp'. Did you mean 'jp'?" in answer.err


def _of(rule: str, key: str, told: list[dict[str, object]]) -> dict[str, object]:
    return next(value for value in told if value["name"] == rule and value["key"] == key)
