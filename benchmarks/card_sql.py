"""The card of card.toml as SQL, written by hand for speed: window functions where events are counted by cells or in order, one plain pass for the rest.

It computes totals alone and puts them into the table of scores. One text for both databases: what they say differently is spelled out
by `_Words`. Parameters are `now`, and `ago_<days>`, an instant so many days before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SPANS = (30, 60, 90, 180)
"""Days of the windows that the card asks for."""


@dataclass(frozen=True)
class _Words:
    """What a database calls things. `age` is a float, of the instant put in for {}, in whole ticks of which a day has `ticks`.

    A share of a span is one division of two whole numbers, as the card has it: after two, a tie may be none any more and be rounded the other way.
    `hour` to `month` number the cell an event lies in.
    """

    age: str
    ticks: int
    whole_days: str
    hour: str
    day: str
    week: str
    month: str
    low: str
    high: str
    rounded: str
    span: str
    domain: str

    def half(self, points: int, days: int, at: str = "at") -> str:
        return self.rounded.format(f"{points} * power(0.5, {self.age.format(at)} / {days * self.ticks})")

    def to_zero(self, points: int, days: int) -> str:
        return self.rounded.format(f"{points} * {self.high}(0.0, 1.0 - {self.age.format('at')} / {days * self.ticks})")


_WORDS: Mapping[str, _Words] = {
    "sqlite": _Words(
        age="(:now - {} + 0.0)",
        ticks=86_400_000_000,
        whole_days="((:now - {}) / 86400000000)",
        hour="at / 3600000000",
        day="at / 86400000000",
        week="(at / 86400000000 + 3) / 7",
        month="CAST(strftime('%Y%m', at / 1000000, 'unixepoch') AS INTEGER)",
        low="min",
        high="max",
        rounded="CAST(({}) + 6755399441055744.0 - 6755399441055744.0 AS INTEGER)",  # half to even, as IEEE 754 adds; round() goes away from zero
        span="{} * 86400000000",
        domain="substr(address_key, instr(address_key, '@') + 1)",
    ),
    "postgresql": _Words(
        age="extract(epoch FROM :now - {})::float8",
        ticks=86_400,
        whole_days="floor(extract(epoch FROM :now - {}) / 86400)",
        hour="floor(extract(epoch FROM at) / 3600)::bigint",
        day="floor(extract(epoch FROM at) / 86400)::bigint",
        week="floor((extract(epoch FROM at) / 86400 + 3) / 7)::bigint",
        month="(extract(year FROM at AT TIME ZONE 'UTC') * 12 + extract(month FROM at AT TIME ZONE 'UTC'))::bigint",
        low="least",
        high="greatest",
        rounded="round({})::bigint",
        span="interval '{} days'",
        domain="split_part(address_key, '@', 2)",
    ),
}


def statement(dialect: str, lists: Mapping[str, frozenset[str]]) -> str:
    """Return the statement for `sqlite` or `postgresql`; `lists` are the playbook's."""
    words = _WORDS[dialect]
    parts = {"counted": _counted(words), "chained": _chained(words), "plain": _plain(words), "changed": _changed(words), "given": _given(words, lists)}
    with_parts = ",\n".join(f"{name} AS ({part})" for name, part in parts.items())
    total = f"{words.low}(12500, {words.high}(0, fit + engagement))"
    return f"""
INSERT INTO score (lead_id, role, fit, engagement, total, grade, reasons, version, as_of, scored_seq, revision)
WITH {with_parts}
SELECT id, 'live', 0, 0, CASE WHEN is_excluded THEN 0 ELSE {total} END, '', '', '', :now, 0, 1 FROM given WHERE true
ON CONFLICT (lead_id, role) DO UPDATE SET total = excluded.total
"""


def parameters(now: datetime, dialect: str) -> dict[str, Any]:
    """Return what the statement is run with; SQLite keeps instants as whole microseconds since 1970."""
    instants = {"now": now} | {f"ago_{days}": now - timedelta(days=days) for days in SPANS}
    return {name: int(at.timestamp()) * 1_000_000 if dialect == "sqlite" else at for name, at in instants.items()}


_KNOWN = "actor = 'human' AND at <= :now AND received_at <= :now"


def _counted(words: _Words) -> str:
    """Events that count once a cell, or so many times: the newest of each cell first, then the newest of a rule."""
    return f"""
    SELECT lead_id,
           {words.low}(3000, sum(CASE WHEN rule = 1 THEN {words.half(1500, 30)} ELSE 0 END)) AS pricing,
           sum(CASE WHEN rule = 2 AND nth <= 3 THEN 400 ELSE 0 END) AS product,
           sum(CASE WHEN rule = 3 THEN {words.to_zero(300, 90)} ELSE 0 END) AS docs,
           {words.low}(1000, sum(CASE WHEN rule = 4 THEN 100 ELSE 0 END)) AS blog,
           CASE WHEN sum(CASE WHEN rule = 5 THEN 1 ELSE 0 END) >= 2 THEN 2000 ELSE 0 END AS contact,
           sum(CASE WHEN rule = 6 AND nth <= 2 THEN {words.half(1000, 60)} ELSE 0 END) AS case_study,
           sum(CASE WHEN rule = 7 THEN 500 ELSE 0 END) AS guide,
           sum(CASE WHEN rule = 8 AND nth <= 2 THEN 300 ELSE 0 END) AS checklist,
           sum(CASE WHEN rule = 9 AND nth <= 2 THEN {words.half(2000, 60)} ELSE 0 END) AS webinar,
           sum(CASE WHEN rule = 10 AND nth = 1 THEN {words.half(2500, 45)} ELSE 0 END) AS demo,
           sum(CASE WHEN rule = 11 THEN {words.half(300, 30)} ELSE 0 END) AS opened,
           sum(CASE WHEN rule = 12 AND nth = 1 THEN -1000 ELSE 0 END) AS unsubscribed,
           sum(CASE WHEN rule = 13 AND nth = 1 THEN {words.half(2000, 60)} ELSE 0 END) AS wrote,
           {words.low}(2000, sum(CASE WHEN rule = 14 THEN 400 ELSE 0 END)) AS trial
    FROM (
        SELECT lead_id, rule, at, row_number() OVER (PARTITION BY lead_id, rule ORDER BY at DESC, id DESC) AS nth
        FROM (
            SELECT lead_id, rule, at, id, row_number() OVER (
                PARTITION BY lead_id, rule,
                    CASE WHEN rule IN (1, 5, 9, 14) THEN {words.day} WHEN rule = 3 THEN {words.week} WHEN rule = 4 THEN {words.hour}
                         WHEN rule = 7 THEN {words.month} WHEN rule IN (8, 10, 12, 13) THEN id END,
                    CASE rule WHEN 2 THEN path WHEN 6 THEN asset WHEN 11 THEN touch END
                ORDER BY at DESC, id DESC) AS in_cell
            FROM (
                SELECT lead_id, at, id, path, asset, touch, CASE kind
                    WHEN 'page_viewed' THEN CASE WHEN path = '/pricing' THEN 1 WHEN path LIKE '/product/%' THEN 2 WHEN path = '/docs' THEN 3
                                                 WHEN path LIKE '/blog/%' THEN 4 WHEN path = '/contact' AND at > :ago_180 THEN 5 END
                    WHEN 'asset_downloaded' THEN CASE WHEN asset LIKE 'case-study%' THEN 6 WHEN asset = 'guide' THEN 7 WHEN asset = 'checklist' THEN 8 END
                    WHEN 'webinar_attended' THEN 9
                    WHEN 'link_clicked' THEN CASE WHEN asset = 'product-demo' THEN 10 END
                    WHEN 'mail_opened' THEN 11
                    WHEN 'unsubscribed' THEN CASE WHEN at > :ago_180 THEN 12 END
                    WHEN 'form_sent' THEN CASE WHEN form = 'contact' THEN 13 END
                    WHEN 'product_used' THEN CASE WHEN at > :ago_30 THEN 14 END END AS rule
                FROM event WHERE {_KNOWN}
            ) AS named WHERE rule IS NOT NULL
        ) AS celled WHERE in_cell = 1
    ) AS numbered GROUP BY lead_id"""


def _chained(words: _Words) -> str:
    """Both sequences in one walk in the order of time: the latest beginning of a chain is carried along."""
    order = "(PARTITION BY lead_id ORDER BY at, id ROWS UNBOUNDED PRECEDING)"
    return f"""
    SELECT lead_id, CASE WHEN asked_at IS NULL THEN 0 ELSE {words.half(2000, 45, "asked_at")} END AS asked,
           CASE WHEN read_at IS NULL THEN 0 ELSE 800 END AS followed
    FROM (
        SELECT lead_id, max(CASE WHEN step = 3 AND at - began <= {words.span.format(60)} THEN at END) AS asked_at,
               max(CASE WHEN step = 5 AND at - opened <= {words.span.format(14)} THEN at END) AS read_at
        FROM (
            SELECT lead_id, step, at, opened, max(CASE WHEN step = 2 THEN product END) OVER {order} AS began
            FROM (
                SELECT lead_id, at, id, step, max(CASE WHEN step = 1 THEN at END) OVER {order} AS product,
                       max(CASE WHEN step = 4 THEN at END) OVER {order} AS opened
                FROM (
                    SELECT lead_id, at, id, CASE kind
                        WHEN 'page_viewed' THEN CASE WHEN path LIKE '/product/%' THEN 1 WHEN path = '/pricing' THEN 2 WHEN path = '/contact' THEN 3 END
                        WHEN 'mail_opened' THEN 4 WHEN 'asset_downloaded' THEN 5 END AS step
                    FROM event WHERE {_KNOWN}
                ) AS steps WHERE step IS NOT NULL
            ) AS first_steps
        ) AS next_steps GROUP BY lead_id
    ) AS ends"""


def _plain(words: _Words) -> str:
    """What one pass by lead tells: sums, counts, first and last times."""
    first = words.half(500, 365, "min(CASE WHEN kind = 'page_viewed' THEN at END)")
    return f"""
    SELECT lead_id,
           {words.high}(-1500, sum(CASE WHEN kind = 'page_viewed' AND path LIKE '/careers%' THEN -500 ELSE 0 END)) AS careers,
           {words.low}(1000, sum(CASE WHEN kind = 'page_viewed' AND at > :ago_60 AND seconds > 0 THEN {words.rounded.format("seconds / 60.0 * 100")}
                                      ELSE 0 END)) AS reading,
           {words.low}(1200, sum(CASE WHEN kind = 'link_clicked' AND asset = 'newsletter' AND at > :ago_90 THEN 400 ELSE 0 END)) AS newsletter,
           {words.high}(-900, sum(CASE WHEN kind = 'support_ticket' AND form = 'login' THEN {words.to_zero(-300, 60)} ELSE 0 END)) AS help,
           sum(CASE WHEN kind = 'support_ticket' AND form = 'purchase' AND at > :ago_60 THEN 800 ELSE 0 END) AS buying,
           coalesce({first}, 0) AS first_visit,
           sum(CASE WHEN kind = 'page_viewed' AND at > :ago_30 THEN 1 ELSE 0 END) AS visits,
           sum(CASE WHEN kind = 'mail_opened' AND at > :ago_90 THEN 1 ELSE 0 END) AS openings,
           max(CASE WHEN kind = 'page_viewed' THEN at END) AS visited_at,
           max(CASE WHEN kind = 'mail_opened' THEN at END) AS opened_at,
           max(CASE WHEN kind NOT IN ('mail_sent', 'mail_bounced', 'handoff_accepted', 'handoff_rejected', 'stage_set') THEN at END) AS did_at
    FROM event WHERE {_KNOWN} GROUP BY lead_id"""


def _changed(words: _Words) -> str:
    """The newest change of a title, and whether the company ever changed."""
    return f"""
    SELECT lead_id, CASE WHEN title_at > :ago_180 THEN {words.half(600, 90, "title_at")} ELSE 0 END AS new_title, company_at FROM (
        SELECT lead_id, max(CASE WHEN attribute = 'title' THEN at END) AS title_at, max(CASE WHEN attribute = 'company' THEN at END) AS company_at
        FROM attribute_change WHERE at <= :now AND received_at <= :now GROUP BY lead_id
    ) AS newest"""


def _given(words: _Words, lists: Mapping[str, frozenset[str]]) -> str:
    """What all parts give together, by section."""

    def is_in(name: str, of: str) -> str:
        return f"{of} IN ({', '.join(repr(each) for each in sorted(lists[name]))})"

    since, low, high = words.whole_days.format, words.low, words.high
    private = f"CASE WHEN {is_in('private_mail', words.domain)} THEN 1 ELSE 0 END"
    return f"""
    SELECT lead.id, ({is_in("competitors", words.domain)}) OR coalesce(seniority = 'student', false) AS is_excluded,
        CASE WHEN seniority IN ('c_level', 'vp') THEN 2000 WHEN seniority = 'director' THEN 1500 WHEN seniority = 'manager' THEN 1000 ELSE 0 END
        + {low}(3000, CASE WHEN industry IN ('Technology', 'Software') THEN 1500 WHEN industry IN ('Finance', 'Retail') THEN 800 ELSE 0 END
            + CASE WHEN employees IS NULL THEN 200 WHEN employees <= 9 THEN -500 WHEN employees BETWEEN 50 AND 500 THEN 1000
                   WHEN employees >= 501 THEN 400 ELSE 0 END
            + CASE WHEN employees > 500 AND seniority IN ('c_level', 'vp', 'director') THEN 600 ELSE 0 END)
        + CASE WHEN {is_in("home_countries", "country")} THEN 500 ELSE 0 END
        - 500 * {private}
        + CASE WHEN {since("created_at")} <= 30 THEN 300 WHEN {since("created_at")} >= 300 THEN -200 ELSE 0 END
        + CASE WHEN industry IS NULL THEN -250 ELSE 0 END AS fit,
        coalesce(pricing + product + contact + case_study + webinar + demo + wrote + trial, 0)
        + {low}(2500, coalesce(docs + blog + guide + checklist, 0) + coalesce(reading, 0))
        + {low}(2000, {high}(0, coalesce(opened + unsubscribed, 0) + CASE WHEN openings >= 2 THEN 500 ELSE 0 END))
        + coalesce(careers + newsletter + help + buying + first_visit, 0)
        + CASE WHEN visits BETWEEN 2 AND 3 THEN 300 WHEN visits >= 4 THEN 600 ELSE 0 END
        + CASE WHEN visited_at IS NULL THEN -600 WHEN {since("visited_at")} <= 7 THEN 400 WHEN {since("visited_at")} >= 90 THEN -400 ELSE 0 END
        + coalesce(asked + followed, 0)
        + CASE WHEN {since("coalesce(did_at, created_at)")} >= 30 THEN -1000 ELSE 0 END
        + CASE WHEN {since("coalesce(opened_at, created_at)")} >= 120 THEN -500 ELSE 0 END
        + coalesce(new_title, 0) + CASE WHEN company_at IS NOT NULL THEN -800 * {private} ELSE 0 END AS engagement
    FROM lead LEFT JOIN counted ON counted.lead_id = lead.id LEFT JOIN chained ON chained.lead_id = lead.id
    LEFT JOIN plain ON plain.lead_id = lead.id LEFT JOIN changed ON changed.lead_id = lead.id
    WHERE erased_at IS NULL"""
