"""The fit on real conversions: the newest 1,500 leads of the X Education set, against plain counting of the file.
from shipped import FILES

The set is never copied here: it is looked for in RIPELINE_SHARED_DATA, else in ../shared/data beside the clone.
"""

import csv
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from people import NOW
from shipped import FILES

from ripeline.database import engine_for, open_session
from ripeline.decide.condition import parse_condition
from ripeline.playbook.mapping import LeadsMap
from ripeline.playbook.playbook import CARD, Playbook, parse_playbook
from ripeline.report.fit.numbers import Verdict
from ripeline.report.fit.reading import read_fit
from ripeline.settings import CLONE, Settings
from ripeline.sweep.backtest import Trial
from ripeline.sweep.ingest import Intake, import_leads

DATA = Path(os.environ.get("RIPELINE_SHARED_DATA", CLONE.parent / "shared" / "data")) / "xeducation" / "Leads.csv"
SOME = 1_500
CUT = datetime(2026, 2, 28, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not DATA.is_file(), reason=f"the X Education set is not there ({DATA}): set RIPELINE_SHARED_DATA to the folder that holds xeducation/"
)

CARD_BY_HAND = """
title = "X Education, by hand"
[[fit]]
name   = "Works already"
when   = "title = 'Working Professional'"
points = 30
[[fit]]
name   = "Came by a reference"
when   = "source = 'Reference'"
points = 30
[[engagement]]
name   = "Spent time on our pages"
event  = "page_viewed"
points = { give = 2, per = 60, of = "seconds" }
limit  = { points = 40 }
"""

CONVERTED = """
[[event]]
from = "Converted"
is   = "1"
kind = "meeting_booked"
at   = 2026-03-01T00:00:00Z

"""


@pytest.fixture
def rows() -> list[dict[str, str]]:
    """Give the first rows as the file has them."""
    with DATA.open(newline="", encoding="utf-8") as file:
        return [row for _, row in zip(range(SOME), csv.DictReader(file), strict=False)]


@pytest.fixture
def playbook() -> Playbook:
    """Give the shipped playbook with a card for these leads."""
    files = {path: text for path, text in FILES.items() if path.startswith("playbook/") and "/markets/" not in path}
    return parse_playbook({**files, CARD: CARD_BY_HAND})


def bring(url: str, playbook: Playbook, settings: Settings, folder: Path) -> None:
    """Import the first rows by the shipped map, with their conversions as dated events and without what was known only after sales had called."""
    shipped = (CLONE / "playbook/imports/xeducation.toml").read_text(encoding="utf-8")
    late = shipped[shipped.index('[[event]]\nfrom = "Last Activity"') : shipped.index("[[suppression]]")]
    own_map, some = folder / "xeducation.toml", folder / "Leads.csv"
    own_map.write_text(shipped.replace(late, CONVERTED).replace("[lead]\n", '[lead]\ncreated_at = { constant = "2026-02-01T00:00:00Z" }\n'), encoding="utf-8")
    with DATA.open(encoding="utf-8") as file:
        some.write_text("".join(line for line, _ in zip(file, range(SOME + 1), strict=False)), encoding="utf-8")
    with open_session(url) as session:
        intake = Intake(session, playbook.files, playbook.fields, NOW, settings.key, (settings.var_folder,))
        import_leads(intake, some, intake.read_map(LeadsMap, own_map))


def test_real_conversions_are_counted_as_the_file_has_them_and_rules_are_told_apart(
    sqlite_url: str, playbook: Playbook, settings: Settings, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    bring(sqlite_url, playbook, settings, tmp_path)
    goal = parse_condition("did('meeting_booked')", playbook.fields.lead, playbook.fields.event)

    fit = read_fit(engine_for(sqlite_url), "live", playbook, Trial(CUT, CUT + timedelta(days=1), goal, hindsight=True), NOW)

    plain = Counter((row["Lead Source"] == "Reference", row["Converted"] == "1") for row in rows)
    reference = next(rule for rule in fit.rules if rule.name == "Came by a reference")
    assert (fit.everybody.leads, fit.everybody.converted) == (SOME, sum(row["Converted"] == "1" for row in rows))
    assert (reference.given.leads, reference.given.converted) == (plain[True, True] + plain[True, False], plain[True, True])
    assert (reference.others.leads, reference.others.converted) == (plain[False, True] + plain[False, False], plain[False, True])
    assert reference.verdict is Verdict.LIFTS
    assert fit.concordance is not None
    assert fit.concordance[1].low > 0.5, "a card by hand knows something of who converts"
