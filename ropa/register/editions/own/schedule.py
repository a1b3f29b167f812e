"""The retention schedule: each rule as declared, and beside it what the last run of every store found and did."""

from __future__ import annotations

from retention.declare.words import period_text
from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own import found
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.page import Page, Table, widths_of
from ropa.register.model import Finding, ScheduleLine

ACTIONS = ("deleted", "anonymised", "minimised", "archived")


def page(edition: Edition) -> Page:
    """The schedule; its totals are those of the evidence."""
    declared, beside, lines = _declared(edition), _found(edition), edition.register.schedule
    fields = (*declared, *beside)
    table = Table(fields, lines, main=True, totals=_totals(edition))
    return Page("schedule", widths_of(fields), (table,), len(lines), len(declared))


def _declared(edition: Edition) -> tuple[Field[ScheduleLine], ...]:
    say = edition.say
    group = say("schedule.declared")

    def length(line: ScheduleLine) -> Value:
        if line.months is None:
            return Marked(say("undecided"), "bad") if line.awaited else None
        return Marked(period_text(line.months, say.language), "bad" if line.awaited else "plain")

    def source(line: ScheduleLine) -> Value:
        text = bullets(say.of(each) for each in line.sources)
        return Marked(f"{say('schedule.undecided')}\n{text}", "alert") if line.awaited else text or None

    def latest(line: ScheduleLine) -> Value:
        return line.cutoff or (Marked(say("undecided"), "bad") if line.awaited else None)

    return (
        Field(Column(say("schedule.rule"), 19, "strong", group), lambda line: say.of(line.title)),
        Field(Column(say("schedule.scope"), 26, "text", group), lambda line: bullets(say.of(each) for each in line.scope)),
        Field(Column(say("schedule.criterion"), 32, "text", group), lambda line: say.of(line.criterion)),
        Field(Column(say("schedule.period"), 11, "text", group), length),
        Field(Column(say("schedule.source"), 40, "text", group), source),
        Field(Column(say("schedule.action"), 15, "text", group), lambda line: _action(edition, line)),
        Field(Column(say("schedule.cutoff"), 12, "date", group), latest),
    )


def _found(edition: Edition) -> tuple[Field[ScheduleLine], ...]:
    group = edition.say("schedule.found")

    def of_rule(line: ScheduleLine, value: Value) -> Value:
        return value if line.declared else None

    return (
        _count(edition, "scanned", 9.5),
        _count(edition, "due", 7.5),
        *(_count(edition, name, width) for name, width in zip(ACTIONS, (10.5, 12, 10.5, 9.5), strict=True)),
        found.field(edition, "frozen", 7.5, _finding, group=group),
        found.field(edition, "overdue", 9.5, _finding, group=group),
        found.field(edition, "since", 11.5, _finding, group=group),
        Field(
            Column(edition.say("schedule.nights"), 20, "text", group),
            lambda line: _nights(edition, line) if line.declared else edition.say("schedule.all_stores"),
        ),
        Field(
            Column(edition.say("holdings.checks"), 14, "text", group),
            lambda line: of_rule(line, found.checks(edition, line.finding)),
        ),
        Field(
            Column(edition.say("holdings.verdict"), 16, "text", group),
            lambda line: of_rule(line, found.verdict(edition, line.finding.verdict)),
        ),
        Field(
            Column(edition.say("holdings.why"), 26, "text", group),
            lambda line: of_rule(line, found.why(edition, line.finding)),
        ),
    )


def _finding(line: ScheduleLine) -> Finding:
    return line.finding


def _count(edition: Edition, name: str, width: float) -> Field[ScheduleLine]:
    def of(line: ScheduleLine) -> Value:
        count = _number(line, name)
        return Marked(edition.say("holdings.uncounted"), "muted") if count is None else count

    return Field(Column(edition.say(f"schedule.{name}"), width, "count", edition.say("schedule.found")), of)


def _number(line: ScheduleLine, name: str) -> int | None:
    """What was seen, due or, by action, disposed of in the last run."""
    finding = line.finding
    if name in ACTIONS:
        return None if finding.last_run is None else int(getattr(finding.last_run, name))
    return finding.scanned if name == "scanned" else finding.due


def _action(edition: Edition, line: ScheduleLine) -> Value:
    """What becomes of a record; of one that a floor keeps, where it is kept."""
    return edition.say(f"action.{line.action}") if line.action else None


def _nights(edition: Edition, line: ScheduleLine) -> Value:
    """The last run of each store concerned; where the figures are another run's, whose."""
    return bullets(_night(edition, store) for store in line.stores) or None


def _night(edition: Edition, store: str) -> str:
    say, night = edition.say, edition.register.night(store)
    title = say.of(night.store.title)
    if night.last is None:
        return f"{title}{say.colon}{say('status.never').lower()}"
    status = say(f"status.{night.last.status}").lower()
    words = say("holdings.run", store=title, date=say.date(night.last.as_of), status=status)
    if night.counted is not None and night.counted.run_id != night.last.run_id:
        words += " " + say("schedule.figures_from", date=say.date(night.counted.as_of))
    return words


def _totals(edition: Edition) -> tuple[Value, ...]:
    """A total for every column of counts."""
    lines = edition.register.schedule

    def add(numbers: list[int | None]) -> Value:
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) else None

    counts = [add([_number(line, name) for line in lines]) for name in ("scanned", "due", *ACTIONS)]
    findings = [line.finding for line in lines]
    late = [found.total(name, findings) for name in ("frozen", "overdue")]
    return (edition.say("total"), *[""] * 6, *counts, *late, *[""] * 5)
