"""The report as one HTML page: style, charts and sample mail inside, nothing fetched from anywhere."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from ripeline.report.charts import Bar, bars_chart, hours_chart
from ripeline.report.frame import figure, framed, section, table
from ripeline.report.grid import grid_section
from ripeline.report.heat import heat_table
from ripeline.report.numbers import GRADES, HandoffLine, Numbers, RepLine, Sample
from ripeline.report.words import STAGES, coverage, figures, headline, period, plain, points


def report_page(numbers: Numbers, mail: Sample | None = None, invite: Sample | None = None, commands: Sequence[tuple[str, str]] = ()) -> str:
    """Return the whole page. Samples and commands are left out where there are none."""
    sections = [_head(numbers), _hours(numbers), _languages(numbers), _people(numbers)]
    sections += [grid_section(coverage(numbers))] if numbers.coverage else []
    sections += [_sales(numbers)]
    sections += [_mail(mail)] if mail else []
    sections += [_invite(invite)] if invite else []
    sections += [_commands(commands)] if commands else []
    return framed(headline(numbers), sections)


def _head(numbers: Numbers) -> Markup:
    boxes = Markup().join(
        Markup('<div{}><dt>{}</dt><dd>{}</dd></div>').format(Markup(' class="good"') if "outside" in label and value == "0" else "", label, value)
        for label, value in figures(numbers)
    )  # fmt: skip
    said = Markup('<header>\n<p class="kicker">Ripeline</p>\n<h1>{}</h1>\n<p class="lead">{}.{}</p>\n</header>')
    runs = sum(numbers.runs.values())
    ran = f" {runs:,} flow runs did the work." if runs else ""
    return said.format(headline(numbers), period(numbers), ran) + Markup('\n<dl class="figures">{}</dl>').format(boxes)


def _hours(numbers: Numbers) -> Markup:
    local = hours_chart(numbers.by_local_hour, "Letters by local hour", numbers.window)
    world = hours_chart(numbers.by_utc_hour, "Letters by UTC hour")
    body = figure(local, "On the reader’s clock. The band is the hours in which the playbook lets touches go.")
    body += figure(world, "The same letters on one clock, UTC: the world’s office hours one after the other.")
    about = f"Every letter waits for its reader’s office hours, in {numbers.zones} time zones, weekends and holidays of each country left out. "
    return section("When they were written to", about + _verdict(numbers), Markup('<div class="pair">{}</div>').format(body))


def _verdict(numbers: Numbers) -> str:
    return "None went out outside them." if not numbers.outside else f"{numbers.outside:,} went out outside them: `ripeline messages` tells why."


def _languages(numbers: Numbers) -> Markup:
    letters = bars_chart([Bar(locale, count) for locale, count in numbers.by_locale.items()], "Letters by language")
    body = figure(letters, "Letters by the language they were written in.")
    if numbers.fallback:
        missing = bars_chart([Bar(locale, 0, count) for locale, count in numbers.fallback.items()], "Letters in the fallback language")
        body += figure(missing, "Letters in English, by the language the reader would have liked: there is no catalogue for it yet.")
    about = "A reader gets the language asked for; where nobody has translated it yet, the whole letter is English, never a mix."
    return section("In which language", about, Markup('<div class="pair">{}</div>').format(body))


def _people(numbers: Numbers) -> Markup:
    heat = _grade_table(numbers)
    tracks = _counts("Track", "leads in it", numbers.tracks)
    states = _counts("Message", "", {plain(state): count for state, count in numbers.states.items()})
    held = _counts("Not sent because", "", numbers.held_back) if numbers.held_back else Markup()
    about = (
        f"{numbers.scored:,} leads by stage and grade: A to D is fit, 1 to 4 is engagement, A1 the best. "
        f"{numbers.on_hold:,} are on hold; {numbers.without_consent:,} never agreed to mail and get none."
    )
    if numbers.objected:
        about += f" {numbers.objected:,} objected to profiling and have no score."
    rest = Markup('<div class="pair" style="margin-top:1.25rem">{}</div>').format(
        Markup().join(Markup('<div class="card scroll">{}</div>').format(part) for part in (tracks, states, held) if part)
    )
    return section("Where they stand", about, Markup('<div class="card scroll">{}</div>').format(heat) + rest)


def _grade_table(numbers: Numbers) -> Markup:
    counts = {(stage, grade): count for stage, grades in numbers.stages.items() for grade, count in grades.items()}
    return heat_table("Stage", [stage for stage in STAGES if stage in numbers.stages], GRADES, counts, STAGES)


def _counts(what: str, unit: str, counts: Mapping[str, int]) -> Markup:
    return table((what, f"#{unit}"), [(word, f"{count:,}") for word, count in counts.items()])


def _sales(numbers: Numbers) -> Markup:
    about = "Leads at the threshold go once to a rep who speaks their language and has room, with a card that says why and an invite inside both working days."
    if not numbers.handoffs:
        return section("Handed to sales", about, Markup("<p>Nobody was ready yet.</p>"))
    reps = table(("Rep", "#Leads", "#Took", "#Gave back", "First meeting, lead’s clock", "The same, rep’s clock"), [_rep(each) for each in numbers.reps])
    lines = table(("Rep", "Lead", "Score", "State", "Meeting, lead’s clock", "Meeting, rep’s clock"), [_handoff(line) for line in numbers.handoffs])
    every = Markup("<details><summary>Every one of them</summary>{}</details>").format(lines)
    return section("Handed to sales", about, Markup('<div class="card scroll">{}{}</div>').format(reps, every))


def _rep(each: RepLine) -> Sequence[str | Markup]:
    return each.rep or "nobody fits yet", f"{each.count}", f"{each.accepted}", f"{each.rejected}", *_meeting(each.first)


def _handoff(line: HandoffLine) -> Sequence[str | Markup]:
    lead = Markup("{} <small>{}</small>").format(line.lead_id, line.country)
    score = Markup("{}").format(line.withheld) if line.total is None else Markup("{} <small>{}</small>").format(points(line.total), line.grade)
    return line.rep or "nobody fits yet", lead, score, plain(line.state), *_meeting(line)


def _meeting(line: HandoffLine | None) -> tuple[Markup, Markup]:
    if line is None or line.starts_lead is None or line.starts_rep is None:
        return Markup(), Markup()
    clock = Markup("{:%a %-d %b, %H:%M} <small>{}</small>")
    return clock.format(line.starts_lead, line.zone_lead), clock.format(line.starts_rep, line.zone_rep)


def _mail(mail: Sample) -> Markup:
    about = f"As it lay in the mailbox, in {mail.locale}, written {'right to left' if mail.direction == 'rtl' else 'left to right'}."
    frame = Markup('<iframe sandbox="" title="{}" srcdoc="{}"></iframe>').format(mail.title, mail.html)
    text = Markup('<details style="padding:1rem 1.25rem"><summary>The same as plain text</summary><pre dir="{}">{}</pre></details>').format(
        mail.direction, mail.text
    )
    return section(mail.title, about, Markup('<div class="card mail">{}{}{}</div>').format(_headers(mail), frame, text))


def _headers(mail: Sample) -> Markup:
    rows = (("From", mail.sender), ("Subject", mail.subject), ("File", mail.file))
    return Markup("<dl>{}</dl>").format(Markup().join(Markup('<dt>{}</dt><dd dir="auto">{}</dd>').format(*row) for row in rows if row[1]))


def _invite(invite: Sample) -> Markup:
    body = Markup('<div class="card invite">{}<pre dir="{}">{}</pre>').format(_headers(invite), invite.direction, invite.text)
    body += Markup('<details style="margin-top:1rem"><summary>The calendar part, as calendars read it</summary><pre>{}</pre></details></div>').format(
        invite.calendar
    )
    return section(invite.title, "What the lead received, with a calendar entry that every calendar understands.", body)


def _commands(commands: Sequence[tuple[str, str]]) -> Markup:
    rows = Markup().join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*row) for row in commands)
    return section(
        "Look further",
        "The demonstration’s database stays in its folder until the next run. These show more of it:",
        Markup('<dl class="next">{}</dl>').format(rows),
    )
