"""Funnel stages: when a lead moves from one to the next; playbook/stages.toml as values."""

from datetime import timedelta
from typing import Self

from pydantic import field_validator, model_validator

from models.lead import Stage
from ripeline.decide.duration import Duration, Elapsed, Unit
from ripeline.decide.entry import Entry


class StageRule(Entry):
    """How a lead comes into a stage and falls out of it again.

    enter: a lead in a lower stage moves up as soon as it holds. leave: a lead in this stage falls to the next lower one that will
    have it, at the earliest after `stay`; between the two conditions nothing moves. on: kinds of events that move a lead up to
    this stage when they come, such as handoff_accepted. A stage with neither `enter` nor `on` is one to rest in. back_on: kinds of events that
    bring a lead back down to this stage, such as deal_lost; for `cooling` days from then on it is in no track, and no score lifts it.
    """

    enter: str | None = None
    leave: str | None = None
    stay: Elapsed | None = None
    on: tuple[str, ...] = ()
    back_on: tuple[str, ...] = ()
    cooling: Duration | None = None

    @field_validator("cooling")
    @classmethod
    def _counts_days(cls, cooling: Duration | None) -> Duration | None:
        if cooling is not None and cooling.unit not in (Unit.DAY, Unit.WEEK):
            raise ValueError("'cooling' counts days: write it in days or weeks")
        return cooling

    @model_validator(mode="after")
    def _cools_from_something(self) -> Self:
        if self.cooling and not self.back_on:
            raise ValueError("'cooling' of whom? Name the events that bring a lead back, such as back_on = [\"deal_lost\"]")
        return self

    @property
    def stays(self) -> timedelta:
        """Return the shortest stay."""
        return self.stay.span if self.stay else timedelta()


class OnHold(Entry):
    """Of whom `when` holds, nothing is sent for now."""

    when: str


class Stages(Entry):
    """All of playbook/stages.toml. A stage that is not named is only reached by hand (an event `stage_set`)."""

    subscriber: StageRule | None = None
    lead: StageRule | None = None
    marketing_qualified: StageRule | None = None
    sales_accepted: StageRule | None = None
    sales_qualified: StageRule | None = None
    opportunity: StageRule | None = None
    customer: StageRule | None = None
    disqualified: StageRule | None = None
    on_hold: OnHold | None = None

    @model_validator(mode="after")
    def _has_a_floor(self) -> Self:
        for stage, rule in self.rules.items():
            if rule.leave and not self.below(stage):
                raise ValueError(f"a lead that leaves {stage.value} has no lower stage to go to: add a table [lead] without 'enter'")
        return self

    @property
    def rules(self) -> dict[Stage, StageRule]:
        """Return the rules in the order of the funnel."""
        said = {stage: getattr(self, stage.value) for stage in Stage}
        return {stage: rule for stage, rule in said.items() if rule is not None}

    def below(self, stage: Stage) -> list[Stage]:
        """Return the stages that a lead may fall to from `stage`, the highest first, down to the first one to rest in; none without such."""
        order = list(Stage)
        lower = [each for each in reversed(self.rules) if order.index(each) < order.index(stage) and not self.rules[each].on]
        rest = next((at for at, each in enumerate(lower) if self.rules[each].enter is None), None)
        return [] if rest is None else lower[: rest + 1]
