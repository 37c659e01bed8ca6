"""The ground: SQLModel tables, one noun a file, no behaviour."""

from models.attribute_change import AttributeChange
from models.consent import Consent, ConsentState, Purpose
from models.coverage import Coverage
from models.enrolment import Enrolment
from models.event import Actor, Event, ParkedEvent
from models.handoff import Handoff, HandoffState, Meeting, MeetingState
from models.lead import Lead, Stage
from models.message import LIVE_STATES, Message, MessageKind, MessageState, Resolution
from models.news import News
from models.playbook_version import PlaybookApplication, PlaybookVersion, ShadowApplication
from models.score import Role, Score, ScoreChange
from models.suppression import Suppression, SuppressionReason
from models.sweep_run import SweepRun

__all__ = [
    "LIVE_STATES",
    "Actor",
    "AttributeChange",
    "Consent",
    "ConsentState",
    "Coverage",
    "Enrolment",
    "Event",
    "Handoff",
    "HandoffState",
    "Lead",
    "Meeting",
    "MeetingState",
    "Message",
    "MessageKind",
    "MessageState",
    "News",
    "ParkedEvent",
    "PlaybookApplication",
    "PlaybookVersion",
    "Purpose",
    "Resolution",
    "Role",
    "Score",
    "ScoreChange",
    "ShadowApplication",
    "Stage",
    "Suppression",
    "SuppressionReason",
    "SweepRun",
]
