"""An address at which nobody can ever be reached: suppressed in the transaction that rejects the message."""

from models import Actor, Message, SuppressionReason
from ripeline.sweep.deliver.pending import suppress_pending
from ripeline.sweep.deliver.tour import Tour
from ripeline.sweep.ingest.record import NewEvent, record_events
from ripeline.sweep.suppressing import suppress

SOURCE = "deliver"


def suppress_dead_address(tour: Tour, message: Message) -> None:
    """Suppress the address a message went to; of a lead, record the bounce and suppress what else waits. The caller commits."""
    suppress(tour.session, message.recipient_key, SuppressionReason.BOUNCED, SOURCE, at=tour.now, now=tour.now, pepper=tour.settings.key)
    if message.recipient != "lead":
        return
    touch = {"touch": message.touch} if message.touch else {}
    bounced = NewEvent(message.lead_id, "mail_bounced", tour.now, SOURCE, message.id.hex, touch, Actor.MACHINE, message.id)
    record_events(tour.session, [bounced], tour.now)
    suppress_pending(tour.session, message.lead_id, SuppressionReason.BOUNCED.value)
