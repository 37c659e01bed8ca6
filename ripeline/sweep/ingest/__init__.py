"""Ingest: what the world says, into leads, events, consents and suppressions. The only writer of a lead's facts.

A sweep over the inbox (`due`, `ingest`), a file at a time (`import_…`), and single facts in the caller's transaction (`record_…`).
"""

from ripeline.sweep.ingest.consent import record_consent
from ripeline.sweep.ingest.events import import_events
from ripeline.sweep.ingest.inbox import due, ingest
from ripeline.sweep.ingest.intake import Intake
from ripeline.sweep.ingest.leads import import_leads
from ripeline.sweep.ingest.outcome import Outcome
from ripeline.sweep.ingest.record import NewEvent, record_events, unsubscribe
from ripeline.sweep.ingest.suppressions import import_suppressions
from ripeline.sweep.suppressing import suppress, suppressions_of

__all__ = [
    "Intake",
    "NewEvent",
    "Outcome",
    "due",
    "import_events",
    "import_leads",
    "import_suppressions",
    "ingest",
    "record_consent",
    "record_events",
    "suppress",
    "suppressions_of",
    "unsubscribe",
]
