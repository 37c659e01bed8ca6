"""The card of card.toml in plain Python, one lead after the other, as one would write it without thinking of speed: lists, loops and ifs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

_DAY = timedelta(days=1)
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


class Happening(NamedTuple):
    """One event of a lead."""

    at: datetime
    id: int
    kind: str
    path: str | None
    asset: str | None
    touch: str | None
    form: str | None
    seconds: int | None


class Change(NamedTuple):
    """One change of an attribute."""

    at: datetime
    attribute: str


@dataclass
class Person:
    """A lead with all that is known of it; events in the order of time."""

    id: int
    domain: str
    seniority: str | None
    industry: str | None
    employees: int | None
    country: str | None
    created_at: datetime
    events: list[Happening] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def total(lead: Person, lists: Mapping[str, Collection[str]], now: datetime) -> int:
    """Return the lead's total in hundredths."""
    if lead.domain in lists["competitors"] or lead.seniority == "student":
        return 0
    return min(12500, max(0, _fit(lead, lists, now) + _pages(lead, now) + _papers(lead, now) + _rest(lead, lists, now)))


def _fit(lead: Person, lists: Mapping[str, Collection[str]], now: datetime) -> int:
    ranks = {"c_level": 2000, "vp": 2000, "director": 1500, "manager": 1000}
    known_for = (now - lead.created_at) // _DAY
    given = ranks.get(lead.seniority or "", 0) + min(3000, _firm(lead))
    given += 500 if lead.country in lists["home_countries"] else 0
    given -= 500 if lead.domain in lists["private_mail"] else 0
    given += 300 if known_for <= 30 else -200 if known_for >= 300 else 0
    return given - (250 if lead.industry is None else 0)


def _firm(lead: Person) -> int:
    industries = {"Technology": 1500, "Software": 1500, "Finance": 800, "Retail": 800}
    given = industries.get(lead.industry or "", 0)
    if lead.employees is None:
        return given + 200
    given += -500 if lead.employees <= 9 else 1000 if 50 <= lead.employees <= 500 else 400 if lead.employees >= 501 else 0
    return given + (600 if lead.employees > 500 and lead.seniority in ("c_level", "vp", "director") else 0)


def _pages(lead: Person, now: datetime) -> int:
    views = [event for event in lead.events if event.kind == "page_viewed"]
    paths = [(event, event.path or "") for event in views]
    pricing = _newest_each(_day, [event for event, path in paths if path == "/pricing"])
    product = _newest_each(lambda event: event.path, [event for event, path in paths if path.startswith("/product/")])
    contact = _newest_each(_day, [event for event, path in paths if path == "/contact" and event.at > now - 180 * _DAY])
    given = min(3000, sum(_half(1500, event.at, 30, now) for event in pricing)) + 400 * min(3, len(product)) + (2000 if len(contact) >= 2 else 0)
    given -= min(1500, 500 * sum(path.startswith("/careers") for _, path in paths))
    given += _half(500, views[0].at, 365, now) if views else 0
    return given + _visits(views, now)


def _visits(views: Sequence[Happening], now: datetime) -> int:
    of_late = sum(event.at > now - 30 * _DAY for event in views)
    given = 300 if 2 <= of_late <= 3 else 600 if of_late >= 4 else 0
    if not views:
        return given - 600
    days = (now - views[-1].at) // _DAY
    return given + (400 if days <= 7 else -400 if days >= 90 else 0)


def _papers(lead: Person, now: datetime) -> int:
    studies = _newest_each(lambda event: event.asset, _of(lead, "asset_downloaded", lambda event: (event.asset or "").startswith("case-study")))
    webinars = _newest_each(_day, _of(lead, "webinar_attended"))
    demos = _of(lead, "link_clicked", lambda event: event.asset == "product-demo")[-1:]
    links = _of(lead, "link_clicked", lambda event: event.asset == "newsletter" and event.at > now - 90 * _DAY)
    given = sum(_half(1000, event.at, 60, now) for event in studies[:2]) + sum(_half(2000, event.at, 60, now) for event in webinars[:2])
    given += sum(_half(2500, event.at, 45, now) for event in demos) + min(1200, 400 * len(links))
    return given + min(2500, _reading(lead, now)) + min(2000, max(0, _mails(lead, now)))


def _reading(lead: Person, now: datetime) -> int:
    docs = _newest_each(lambda event: (event.at - _MONDAY) // (7 * _DAY), _of(lead, "page_viewed", lambda event: event.path == "/docs"))
    blog = _newest_each(lambda event: event.at.replace(minute=0, second=0), _of(lead, "page_viewed", lambda event: (event.path or "").startswith("/blog/")))
    guides = _newest_each(lambda event: (event.at.year, event.at.month), _of(lead, "asset_downloaded", lambda event: event.asset == "guide"))
    checklists = _of(lead, "asset_downloaded", lambda event: event.asset == "checklist")[-2:]
    views = _of(lead, "page_viewed", lambda event: event.at > now - 60 * _DAY)
    given = sum(_to_zero(300, event.at, 90, now) for event in docs) + min(1000, 100 * len(blog)) + 500 * len(guides) + 300 * len(checklists)
    return given + min(1000, sum(round(max(0, event.seconds or 0) / 60 * 100) for event in views))


def _mails(lead: Person, now: datetime) -> int:
    opened = _of(lead, "mail_opened")
    given = sum(_half(300, event.at, 30, now) for event in _newest_each(lambda event: event.touch, opened))
    given += 500 if sum(event.at > now - 90 * _DAY for event in opened) >= 2 else 0
    return given - (1000 if _of(lead, "unsubscribed", lambda event: event.at > now - 180 * _DAY) else 0)


def _rest(lead: Person, lists: Mapping[str, Collection[str]], now: datetime) -> int:
    wrote = _of(lead, "form_sent", lambda event: event.form == "contact")[-1:]
    trial = _newest_each(_day, _of(lead, "product_used", lambda event: event.at > now - 30 * _DAY))
    help_wanted = _of(lead, "support_ticket", lambda event: event.form == "login")
    buying = _of(lead, "support_ticket", lambda event: event.form == "purchase" and event.at > now - 60 * _DAY)
    given = sum(_half(2000, event.at, 60, now) for event in wrote) + min(2000, 400 * len(trial)) + 800 * len(buying)
    given += max(-900, sum(_to_zero(-300, event.at, 60, now) for event in help_wanted))
    return given + _in_order(lead, now) + _silence(lead, now) + _changes(lead, lists, now)


def _in_order(lead: Person, now: datetime) -> int:
    product = began = opened = asked_at = None
    followed = False
    for event in lead.events:
        if event.kind == "page_viewed" and (event.path or "").startswith("/product/"):
            product = event.at
        elif event.kind == "page_viewed" and event.path == "/pricing":
            began = product or began
        elif event.kind == "page_viewed" and event.path == "/contact" and began and event.at - began <= 60 * _DAY:
            asked_at = event.at
        elif event.kind == "mail_opened":
            opened = event.at
        elif event.kind == "asset_downloaded" and opened and event.at - opened <= 14 * _DAY:
            followed = True
    return (_half(2000, asked_at, 45, now) if asked_at else 0) + (800 if followed else 0)


def _silence(lead: Person, now: datetime) -> int:
    ours = ("mail_sent", "mail_bounced", "handoff_accepted", "handoff_rejected", "stage_set")
    did_at = [event.at for event in lead.events if event.kind not in ours] or [lead.created_at]
    opened_at = [event.at for event in lead.events if event.kind == "mail_opened"] or [lead.created_at]
    return (-1000 if now - did_at[-1] >= 30 * _DAY else 0) + (-500 if now - opened_at[-1] >= 120 * _DAY else 0)


def _changes(lead: Person, lists: Mapping[str, Collection[str]], now: datetime) -> int:
    titles = [change.at for change in lead.changes if change.attribute == "title" and change.at > now - 180 * _DAY]
    moved = any(change.attribute == "company" for change in lead.changes) and lead.domain in lists["private_mail"]
    return (_half(600, max(titles), 90, now) if titles else 0) - (800 if moved else 0)


def _of(lead: Person, kind: str, when: Callable[[Happening], bool] = lambda _: True) -> list[Happening]:
    return [event for event in lead.events if event.kind == kind and when(event)]


def _newest_each(cell: Callable[[Happening], Any], events: Sequence[Happening]) -> list[Happening]:
    """Return the newest event of each cell, the newest first."""
    newest: dict[Any, Happening] = {}
    for event in reversed(events):
        newest.setdefault(cell(event), event)
    return list(newest.values())


def _day(event: Happening) -> Any:
    return event.at.date()


def _half(points: int, at: datetime, days: int, now: datetime) -> int:
    left: float = 0.5 ** ((now - at) / (days * _DAY))
    return round(points * left)


def _to_zero(points: int, at: datetime, days: int, now: datetime) -> int:
    return round(points * max(0.0, 1 - (now - at) / (days * _DAY)))
