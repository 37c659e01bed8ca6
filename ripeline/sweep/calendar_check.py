"""Checking a playbook's markets against the calendars we know: where nobody tells us the public holidays, mail would go out on them."""

from collections.abc import Iterator

from ripeline.connect.calendars.holidays import known_countries
from ripeline.decide.condition import BadCondition, parse_condition
from ripeline.decide.possible import SOMETHING_ELSE, possible_leads
from ripeline.playbook.finding import Finding
from ripeline.playbook.playbook import Playbook
from ripeline.playbook.positions import line_of, positions


def check_calendars(playbook: Playbook) -> Iterator[Finding]:
    """Yield a warning for each market that names a country whose public holidays nobody knows."""
    for name, market in playbook.markets.items():
        unknown = sorted(_countries(playbook, market.when) - known_countries() - {SOMETHING_ELSE})
        if unknown and not market.blackout:
            path = f"playbook/markets/{name}.toml"
            what = f"market '{name}': no holidays data for {', '.join(unknown)}: only Saturday and Sunday are off there."
            remedy = "Write the ISO 3166 code of the country, or list the public holidays as [[blackout]] dates in this file."
            yield Finding(path, line_of(positions(playbook.files[path]), ("when",)), what, remedy, is_warning=True)


def _countries(playbook: Playbook, when: str) -> set[str]:
    """Return the countries that a market's condition names and holds for; none where it cannot be read, which is told elsewhere."""
    try:
        condition = parse_condition(when, playbook.fields.lead, playbook.fields.event, playbook.lists)
    except BadCondition:
        return set()
    found = possible_leads([condition], playbook.fields.lead, playbook.lists)
    return set(found.filter(condition.holds)["country"].drop_nulls()) if "country" in found.columns else set()
