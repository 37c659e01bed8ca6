"""What `ripeline explain --to` shows: the ways to a total, and the dates on which age alone takes it away."""

from typing import TYPE_CHECKING, Any

from ripeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ripeline.decide.counterfactual.reach import Way
    from ripeline.decide.counterfactual.step import Step
    from ripeline.sweep.supposing import Supposed


def show(told: "Supposed") -> None:
    """Print it for a person."""
    from ripeline.decide.counterfactual.step import CHANGED, DONE, LEARNED
    from ripeline.decide.points import to_points

    reach = told.reach
    if reach.ways:
        screen.say(f"\nTo reach {to_points(reach.target)} from {to_points(reach.total)}, the cheapest first:\n")
        rows = [(way.cost, to_points(way.total), way.grade, way.at, _said(way, told.known)) for way in reach.ways]
        screen.table(["cost", "total", "grade", "reached", "by"], rows)
        screen.say(f"\nAn action of the lead costs {DONE}, a fact that becomes known {LEARNED}, a known one that becomes another {CHANGED}.")
    elif reach.total >= reach.target:
        screen.say(f"\n{to_points(reach.total)} is {to_points(reach.target)} or more already.")
    else:
        screen.say(f"\nNo way to {to_points(reach.target)} was found: the most that came of anything this card counts is {to_points(reach.most)}.")
    if not reach.is_whole:
        screen.say("Not every set of steps was tried: there may be a cheaper one.")
    screen.say("\nIf nothing happens any more:\n")
    names = [f"{each.boundary[0]} below {to_points(each.boundary[1])}" for each in told.falls]
    asked = [", ".join(told.asked[each.boundary]) for each in told.falls]
    screen.table(["when", "what", "asked about by"], [(each.at or "not within ten years", *both) for each, *both in zip(told.falls, names, asked, strict=True)])


def as_json(told: "Supposed") -> dict[str, Any]:
    """Return it for a program."""
    from ripeline.decide.points import to_points

    reach = told.reach
    return {
        "to": to_points(reach.target),
        "ways": [_way_as_json(way) for way in reach.ways],
        "most": to_points(reach.most),
        "is_whole": reach.is_whole,
        "falls": [
            {"field": each.boundary[0], "below": to_points(each.boundary[1]), "at": each.at, "asked_by": list(told.asked[each.boundary])} for each in told.falls
        ],
    }


def _said(way: "Way", known: "Mapping[str, object]") -> str:
    return "; ".join(f"{rule}: {_step(step, known)}" for rule, step in zip(way.because, way.steps, strict=True))


def _step(step: "Step", known: "Mapping[str, object]") -> str:
    from ripeline.decide.counterfactual.step import Fact

    if isinstance(step, Fact):
        before = known.get(step.attribute)
        return f"{step.attribute} = {_plain(step.value)} (now {'unknown' if before is None else _plain(before)})"
    later = f" in {step.after.days} day{'' if step.after.days == 1 else 's'}" if step.after.days else ""
    return step.kind + "".join(f" {name}={_plain(value)}" for name, value in step.said) + later


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _way_as_json(way: "Way") -> dict[str, Any]:
    from ripeline.decide.points import to_points

    steps = [_step_as_json(rule, step) for rule, step in zip(way.because, way.steps, strict=True)]
    return {"cost": way.cost, "total": to_points(way.total), "grade": way.grade, "reached_at": way.at, "steps": steps}


def _step_as_json(rule: str, step: "Step") -> dict[str, Any]:
    from ripeline.decide.counterfactual.step import Fact

    if isinstance(step, Fact):
        return {"what": "fact", "rule": rule, "attribute": step.attribute, "value": step.value}
    return {"what": "action", "rule": rule, "event": step.kind, "said": dict(step.said), "after_days": step.after.days}
