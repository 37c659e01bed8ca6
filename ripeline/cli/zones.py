"""`ripeline zones`: where leads are taken to live, and how we know."""

from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ripeline.sweep.zoning import Lives


def zones(
    certainty: Annotated[str | None, typer.Option(help="Only leads whose zone is stated, placed, likely or assumed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000_000, help="At most so many leads.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Count leads by where their time zone came from and how sure it is, and list them, the least sure first.

    stated: the lead's own zone. placed: its city, its region, a country with one zone, or a fixed telephone line. likely: the hours at which it is
    active, with how likely its clock is right to within an hour, or a mobile number. assumed: what playbook/limits.toml says of the country, or of
    everybody. Telephones and hours are asked when a lead's next touch is planned. `ripeline zones --certainty assumed` shows whom a city or region
    in playbook/places.toml would help.
    """
    from dataclasses import asdict

    from ripeline.decide.certainty import Certainty
    from ripeline.playbook.applied import applied_playbook
    from ripeline.sweep.zoning import zones_of_leads
    from ripeline.values import Refusal

    if certainty is not None and certainty not in list(Certainty):
        raise Refusal(f"no certainty '{certainty}': {', '.join(Certainty)}")
    with screen.session(writes=False) as session:
        found = zones_of_leads(session, applied_playbook(session))
    order = list(Certainty)[::-1]
    shown = sorted((each for each in found if certainty in (None, each.certainty)), key=lambda each: (order.index(each.certainty), each.lead))[:limit]
    if json:
        screen.show_json({"sources": _counted(found), "leads": [asdict(each) for each in shown]})
        return
    screen.table(["certainty", "source", "leads"], [list(row.values()) for row in _counted(found)])
    screen.table(["lead", "country", "zone", "source", "certainty", "likely (%)"], [list(asdict(each).values()) for each in shown])


def _counted(found: "Sequence[Lives]") -> list[dict[str, str | int]]:
    """Return how many leads there are for each certainty and source, the surest first."""
    from collections import Counter

    from ripeline.decide.certainty import Certainty

    counts = Counter((each.certainty, each.source) for each in found)
    ordered = sorted(counts.items(), key=lambda each: (list(Certainty).index(each[0][0]), -each[1], each[0][1]))
    return [{"certainty": str(certainty), "source": source, "leads": count} for (certainty, source), count in ordered]
