"""Whether a lead may go to sales, stay there, and be invited: each answer is a reason, or nothing."""

from dataclasses import dataclass

from models.handoff import HandoffState
from models.lead import Stage
from ripeline.decide.points import to_points

BEFORE_SALES = (Stage.SUBSCRIBER, Stage.LEAD, Stage.MARKETING_QUALIFIED)
WITH_SALES = (Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED, Stage.OPPORTUNITY, Stage.CUSTOMER)


@dataclass(frozen=True)
class Standing:
    """What a lead is worth and where it stands. `total` in hundredths, None: nobody may score it; `excluded` None: it is not."""

    stage: Stage
    total: int | None
    excluded: str | None
    is_erased: bool = False


@dataclass(frozen=True)
class Reachable:
    """What decides whether a lead may be invited by mail. `suppressed` is the first standing reason not to write; None: none."""

    suppressed: str | None
    has_consent: bool
    is_on_hold: bool


def withdrawn_because(state: HandoffState, standing: Standing, leave_at: int) -> str | None:
    """Return why an open handoff must end without an answer, or None if it goes on.

    A score below `leave_at` (hundredths) ends only a handoff that waits: once a rep has the card, people decide.
    """
    if standing.is_erased:
        return "the lead was erased"
    if standing.stage is Stage.DISQUALIFIED:
        return "the lead was disqualified"
    if standing.excluded is not None:
        return f"the lead is excluded: {standing.excluded}"
    if standing.total is None:
        return "the lead objects to being scored"
    if state is HandoffState.WAITING and standing.total < leave_at:
        return f"the score fell to {to_points(standing.total)} while nobody was free"
    return None


def taken_because(standing: Standing) -> str | None:
    """Return why an open handoff counts as accepted though nobody answered it, or None if it does not."""
    return f"the lead became {standing.stage.value.replace('_', ' ')}" if standing.stage in WITH_SALES else None


def not_invited_because(total: int, invite_at: int, reachable: Reachable) -> str | None:
    """Return why a lead gets no invite though a rep gets the card, or None if it is invited. Both figures in hundredths."""
    if reachable.suppressed is not None:
        return f"no invite: the lead must not be written to ({reachable.suppressed.replace('_', ' ')})"
    if not reachable.has_consent:
        return "no invite: the lead has not agreed to be written to"
    if reachable.is_on_hold:
        return "no invite: the lead is on hold"
    if total < invite_at:
        return f"no invite: the score is below {to_points(invite_at)}"
    return None
