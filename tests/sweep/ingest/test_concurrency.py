"""Two imports of the same files at the same time end as one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col, select

from models import Consent, Event, Lead, Suppression
from ripeline.database import open_session
from ripeline.decide.fields import Fields
from ripeline.playbook.mapping import EventsMap, LeadsMap
from ripeline.playbook.maps import default_map, read_map
from ripeline.sweep.ingest import Intake, import_events, import_leads

MAP = """
[lead]
id = "id"
address = "email"
[[consent]]
purpose = "marketing"
text = { constant = "Yes" }
at = 2026-02-01
[[suppression]]
from = "no mail"
"""


def test_two_imports_at_the_same_time_end_as_one(url: str, an_intake: Callable[..., Intake], files: dict[str, str], fields: Fields, tmp_path: Path) -> None:
    leads, events = tmp_path / "leads.csv", tmp_path / "events.csv"
    leads.write_text("\n".join(["id,email,no mail", *(f"{number},lead{number}@example.com,{number % 3}" for number in range(300))]))
    events.write_text("\n".join(["lead,kind,at", *(f"{number % 300},page_viewed,2026-02-{number % 27 + 1:02}" for number in range(3000))]))

    def both(_: int) -> None:
        with open_session(url) as session:
            import_leads(an_intake(session), leads, read_map("map.toml", MAP, LeadsMap, fields))
            import_events(an_intake(session), events, default_map(files, EventsMap, fields))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(both, range(3)))

    with open_session(url) as session:
        counts = {table.__name__: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (Lead, Event, Consent, Suppression)}
        assert counts == {"Lead": 300, "Event": 3000, "Consent": 300, "Suppression": 200}
        assert {seq > 1 for seq in session.exec(select(col(Lead.facts_seq)))} == {True}
