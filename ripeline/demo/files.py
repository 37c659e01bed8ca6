"""The files a user would bring: leads as CSV with a map that says what they agreed to, events, a list of people never to be written to."""

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from ripeline.demo.people import Person

LEADS = ("address", "id", "first_name", "last_name", "company", "title", "seniority", "industry", "employees", "country", "region", "city", "locale", "zone")

MAP = """\
# How people.csv is read: columns called like a field are that field; the last two prove a consent.
title  = "People of the demonstration"
source = "demonstration"

[lead]
address = "address"
id      = "id"
locale  = "locale"

[[consent]]
from    = "consent_at"
purpose = "marketing"
text    = "consent_text"
at      = "consent_at"
locale  = "locale"
"""


def write_leads(file: Path, crowd: Iterable[Person]) -> None:
    """Write people as CSV, with the words they agreed to and when, and a map of the same name beside it; blank cells are gaps."""
    file.with_suffix(".toml").write_text(MAP, encoding="utf-8")
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow([*LEADS, "created_at", "consent_at", "consent_text"])
        for person in crowd:
            known = [f"P{person.number:04}" if name == "id" else getattr(person, name) for name in LEADS]
            rows.writerow([*known, _instant(person.known_at), _instant(person.consented_at), person.consent_words if person.consented_at else ""])


def write_suppressions(file: Path, crowd: Iterable[Person]) -> None:
    """Write the addresses that must never be written to, whatever else is known, as CSV; without any there is no file."""
    never = [person for person in crowd if person.is_suppressed]
    if not never:
        return
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["address", "reason", "at"])
        rows.writerows([person.address, "do_not_email", _instant(person.known_at)] for person in never)


def write_events(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write events as JSON Lines, oldest first; the file appears whole or not at all, and without any there is none."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in sorted(rows, key=lambda row: (row["at"], row["id"]))]
    if lines:
        draft = file.with_suffix(".draft")
        draft.write_text("".join(lines), encoding="utf-8")
        draft.rename(file)


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
