"""The handoff sweep: leads that are ready go to a rep once, with a card that says why and an invite to talk.

It closes what was answered or overtaken, opens what crossed the threshold, and offers what waits. It sends nothing: cards and
invites are Messages, and `deliver` is the one door out. Reps answer by events (handoff_accepted, handoff_rejected, `form` = the
handoff's id), leads by meeting_booked and meeting_declined.
"""

from ripeline.sweep.handoff.due import due
from ripeline.sweep.handoff.handing import handoff

__all__ = ["due", "handoff"]
