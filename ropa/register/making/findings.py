"""What the runs found and did of a rule, a category or an activity, and whether that is in accordance with the policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from retention.declare.rules import Rule
from retention.declare.stores import Population
from retention.declare.words import Category, Text
from retention.evidence.figures import LastNight, NightFigures, Overdue, oldest
from retention.evidence.records import Disposed as DisposedRows
from retention.evidence.records import ScanLine
from retention.status import LATE_DAYS
from ropa.register.making import criteria
from ropa.register.making.context import Making
from ropa.register.model import WORST_LAST, Checks, Disposed, Finding, Ground, Late, Named, Verdict

ERASURE = "erasure-request"  # the built-in rule of approved erasure requests
NOTHING = Disposed(deleted=0, anonymised=0, minimised=0, archived=0)
Reason = tuple[Verdict, Text]


@dataclass(frozen=True)
class Question:
    """What a finding is about: rows of some populations of some stores that were told one of some rules."""

    populations: Mapping[str, frozenset[str]]  # store -> populations
    rules: frozenset[str | None] | None  # None: whatever they were told

    def about(self, store: str) -> Callable[[ScanLine | DisposedRows], bool]:
        names = self.populations.get(store, frozenset())

        def asked(line: ScanLine | DisposedRows) -> bool:
            return line.population in names and (self.rules is None or line.rule in self.rules)

        return asked


def of_rule(making: Making, rule: Rule) -> Finding:
    """The finding of a declared rule."""
    return _finding(making, Question(_populations(making, lambda p: concerns(rule, p)), frozenset([rule.id])), [rule])


def of_erasure(making: Making) -> Finding:
    """The finding of approved erasure requests."""
    return _finding(making, Question(_populations(making, lambda p: True), frozenset([ERASURE])), [])


def without_rule(making: Making) -> Finding:
    """The finding of records no rule spoke about."""
    return _finding(making, Question(_populations(making, lambda p: True), frozenset([None])), [])


def of_category(making: Making, category: Category) -> Finding:
    """The finding of all records of a category, whatever rule they were told."""
    rules = [rule for rule in making.bundle.rules.rules if category in rule.scope.categories]
    return _finding(making, Question(_populations(making, lambda p: p.category == category), None), rules, whole=True)


def of_activity(making: Making, rules: list[Rule], category: Category) -> Finding:
    """The finding of what an activity's rules govern in one category."""
    rules = [rule for rule in rules if category in rule.scope.categories]
    populations = _populations(making, lambda p: p.category == category and any(concerns(rule, p) for rule in rules))
    found = _finding(making, Question(populations, frozenset(rule.id for rule in rules)), rules)
    if rules:
        return found
    return found.model_copy(update={"verdict": "unknown", "why": (making.say("why.no_rule"),)})


def concerns(rule: Rule, population: Population) -> bool:
    """Whether the rule can be about a population, going by category and kind."""
    scope = rule.scope
    return (
        population.category in scope.categories
        and (not scope.kinds or population.kind in scope.kinds)
        and population.kind not in scope.except_kinds
    )


def _populations(making: Making, wanted: Callable[[Population], bool]) -> dict[str, frozenset[str]]:
    stores = making.bundle.stores.items()
    named = {name: frozenset(p.name for p in store.declared.populations if wanted(p)) for name, store in stores}
    return {name: names for name, names in named.items() if names}


def _finding(making: Making, question: Question, rules: list[Rule], *, whole: bool = False) -> Finding:
    nights = [making.nights[store] for store in question.populations]
    counted = {night.store: night.figures for night in nights if night.figures is not None}
    counts = _counts(making, question, counted)
    reasons = [*_about_rows(making, counts), *_about_rules(making, rules), *_about_nights(making, nights)]
    if whole:
        reasons += _about_all_rows(making, counts)
    if stale := _stale(question, counted):
        reasons.append(("partly", making.say("why.stale", count=stale)))
    if not nights:
        reasons = [("unknown", making.say("why.unmapped"))]
    worst = max((level for level, _ in reasons), key=WORST_LAST.index, default="yes")
    return counts.model_copy(update={"verdict": worst, "why": tuple(dict.fromkeys(text for _, text in reasons))})


def _counts(making: Making, question: Question, counted: Mapping[str, NightFigures]) -> Finding:
    """The numbers, without a verdict yet."""
    figures = list(counted.items())
    if not figures:
        return _NOBODY_COUNTED
    lines = [line for store, each in figures for line in each.latest if question.about(store)(line)]
    tallies = [each.tally(question.about(store), _receipts(question, store)) for store, each in figures]

    def rows(wanted: Callable[[ScanLine], bool]) -> int:
        return sum(line.rows for line in lines if wanted(line))

    return Finding(
        scanned=sum(tally.scanned for tally in tallies),
        records=sum(line.rows for line in lines),
        oldest=min((line.oldest for line in lines if line.oldest is not None), default=None),
        due=sum(tally.due for tally in tallies),
        held=rows(lambda line: line.disposition == "held"),
        quarantined=rows(lambda line: line.disposition == "quarantine"),
        undecided=rows(lambda line: line.disposition == "keep" and line.reason in ("undecided", "no_criterion")),
        spared=sum(tally.spared for tally in tallies),
        overdue=_late(oldest(each.overdue(question.about(store)) for store, each in figures)),
        frozen=_late(oldest(each.frozen(question.about(store)) for store, each in figures)),
        grounds=_grounds(making, lines),
        last_run=_last_run(question, figures),
        days_30=_span(question, making.spans.days_30) if making.spans else NOTHING,
        months_12=_span(question, making.spans.months_12) if making.spans else NOTHING,
        checks=_checks(question, figures),
        verdict="unknown",
        why=(),
        runs=tuple(each.run.run_id for _, each in figures),
        counted_on=min(each.run.as_of for _, each in figures),
    )


_COUNTS = (
    *("scanned", "records", "oldest", "due", "held", "quarantined", "undecided", "spared", "overdue", "frozen"),
    *("last_run", "days_30", "months_12", "checks", "counted_on"),
)
_NOBODY_COUNTED = Finding(**dict.fromkeys(_COUNTS), grounds=(), verdict="unknown", why=(), runs=())


def _receipts(question: Question, store: str) -> Callable[[object], bool]:
    asked = question.about(store)
    return lambda receipt: asked(receipt)  # type: ignore[arg-type]  # a receipt has a population and a rule too


def _late(overdue: Overdue) -> Late:
    return Late(rows=overdue.rows, since=overdue.since)


def _grounds(making: Making, lines: Iterable[ScanLine]) -> tuple[Ground, ...]:
    titles = {hold.id: hold.title for hold in making.bundle.rules.holds}
    rows: dict[str, int] = {}
    for line in lines:
        if line.disposition == "held" and line.hold_kind:
            rows[line.hold_kind] = rows.get(line.hold_kind, 0) + line.rows
    known = ((kind, titles[kind]) for kind in titles if kind in rows)  # in the order they are declared
    return tuple(Ground(kind=Named(id=kind, title=title), rows=rows[kind]) for kind, title in known)


def _last_run(question: Question, figures: list[tuple[str, NightFigures]]) -> Disposed:
    def gone(action: str) -> int:
        return sum(each.disposed(action, _receipts(question, store)) for store, each in figures)

    return Disposed(deleted=gone("delete"), anonymised=gone("anonymise"), minimised=gone("minimise"), archived=gone("archive"))


def _span(question: Question, done: Iterable[DisposedRows]) -> Disposed:
    rows = {"delete": 0, "anonymise": 0, "minimise": 0, "archive": 0}
    for each in done:
        if question.about(each.store)(each):
            rows[each.action] += each.rows
    return Disposed(deleted=rows["delete"], anonymised=rows["anonymise"], minimised=rows["minimise"], archived=rows["archive"])


def _checks(question: Question, figures: list[tuple[str, NightFigures]]) -> Checks:
    lines = [
        line for store, each in figures for line in each.validation if line.population in question.populations.get(store, ())
    ]
    failed = [line for line in lines if line.outcome == "FAIL"]
    warnings = sum(line.severity == "warning" for line in failed)
    passed, errors = (sum(line.outcome == outcome for line in lines) for outcome in ("PASS", "ERROR"))
    return Checks(passed=passed, warnings=warnings, failed=len(failed) - warnings, errors=errors)


# reasons


def _about_rows(making: Making, found: Finding) -> Iterator[Reason]:
    say = making.say
    if found.overdue and found.overdue.rows:
        since = found.overdue.since or say("unknown_date")
        yield "no", say("why.overdue", count=found.overdue.rows, date=since)
    if found.checks and (refused := found.checks.failed + found.checks.errors):
        yield "unknown", say("why.blocking", count=refused)
    if found.checks and found.checks.warnings:
        yield "partly", say("why.warnings", count=found.checks.warnings)
    if found.frozen and found.frozen.rows:
        yield "yes", say("why.frozen", count=found.frozen.rows)
    if found.spared:
        yield "yes", say("why.spared", count=found.spared)


def _about_all_rows(making: Making, found: Finding) -> Iterator[Reason]:
    """What a rule cannot say of itself: rows that no rule could be applied to."""
    if found.quarantined:
        yield "partly", making.say("why.quarantined", count=found.quarantined)
    if found.undecided:
        yield "unknown", making.say("why.kept_undecided", count=found.undecided)


def _about_rules(making: Making, rules: Iterable[Rule]) -> Iterator[Reason]:
    for rule in rules:
        if missing := criteria.awaited(making, rule):
            yield "unknown", making.say("why.undecided", names=", ".join(missing))


def _about_nights(making: Making, nights: Iterable[LastNight]) -> Iterator[Reason]:
    say = making.say
    for night in nights:
        store = making.store(night.store).title
        if night.last is None:
            yield "unknown", say("why.never", store=store)
        elif night.last.status in ("failed", "running", "waiting"):
            yield "unknown", say("why.failed", store=store, status=_lower(say(f"status.{night.last.status}")))
        elif night.figures is not None and night.figures.run.status == "rehearsal":
            yield "unknown", say("why.rehearsal", store=store)
        elif night.last.policy_hash != making.bundle.policy_hash:
            yield "unknown", say("why.other_declaration", store=store)
        if (days := late_days(night, making.as_of)) is not None and days > LATE_DAYS:
            assert night.figures is not None
            yield "unknown", say("why.old", store=store, date=night.figures.run.as_of, days=days)


def late_days(night: LastNight, as_of: dt.date) -> int | None:
    """How old a store's figures are; None where it has none."""
    return (as_of - night.figures.run.as_of).days if night.figures is not None else None


def _lower(text: Text) -> Text:
    return Text(fr=text.fr.lower(), en=text.en.lower())


def _stale(question: Question, counted: Mapping[str, NightFigures]) -> int:
    lines = (line for store, each in counted.items() for line in each.latest if question.about(store)(line))
    return sum(line.rows for line in lines if line.reason == "facts_stale")
