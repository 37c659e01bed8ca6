"""Ingest: what the world says, into leads, events, consents and suppressions. The only writer of a lead's facts."""

from ripeline.sweep.ingest.consent import record_consent
from ripeline.sweep.ingest.record import NewEvent, record_events, unsubscribe
from ripeline.sweep.suppressing import suppress, suppressions_of

__all__ = ["NewEvent", "record_consent", "record_events", "suppress", "suppressions_of", "unsubscribe"]
