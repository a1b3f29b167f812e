"""What is missing, contradictory or doubtful, the most urgent first: what would close it, and who owes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from retention.declare.activities import Activity, ActivityBasis
from retention.declare.decisions import Decision
from retention.declare.policy import Gap
from retention.declare.rules import Rule, decision_ids
from retention.workbook import Area, Column, Field, Marked, Sheet, Tone
from ropa.register.context import Register

BLOCKS, REVIEW, CONTRADICTION, DOUBT, SILENCE, SETTLED = range(1, 7)
TONES: dict[int, Tone] = {
    BLOCKS: "bad",
    REVIEW: "bad",
    CONTRADICTION: "warn",
    DOUBT: "warn",
    SILENCE: "plain",
    SETTLED: "muted",
}


@dataclass(frozen=True)
class Item:
    """One thing to settle. `rank` says how urgent, `waiting` how many records stay without a term because of it."""

    rank: int
    title: str
    detail: str
    closes: str
    owner: str
    where: str | None
    lines: str | None
    waiting: int | None = None


def write(register: Register) -> tuple[Sheet, Area]:
    """The ranked list."""
    wanted = fields(register)
    sheet = register.sheet("gaps", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, ranked(register), main=True)


def fields(register: Register) -> tuple[Field[Item], ...]:
    say = register.say
    return (
        Field(
            Column(say("gaps.rank"), 21),
            lambda item: Marked(f"{item.rank} – {say(f'gaps.rank.{item.rank}')}", TONES[item.rank]),
        ),
        Field(Column(say("gaps.matter"), 27, "strong"), lambda item: item.title),
        Field(Column(say("gaps.detail"), 45), lambda item: item.detail),
        Field(Column(say("gaps.closes"), 34), lambda item: item.closes),
        Field(Column(say("gaps.owner"), 16), lambda item: item.owner),
        Field(Column(say("gaps.waiting"), 16, "count"), lambda item: item.waiting),
        Field(Column(say("gaps.where"), 14), lambda item: item.where),
        Field(Column(say("source"), 13), lambda item: item.lines),
    )


def ranked(register: Register) -> list[Item]:
    """Everything to settle, the most urgent first."""
    items = [*_decisions(register), *_policy(register), *_doubts(register)]
    return sorted(items, key=lambda item: (item.rank, -(item.waiting or 0)))


def _decisions(register: Register) -> Iterator[Item]:
    """Decisions that are missing or past their review date."""
    declared = {decision.id for decision in register.bundle.decisions.decisions}
    owed = {name for rule in register.bundle.rules.rules for name in decision_ids(rule)}
    for decision in register.bundle.decisions.decisions:
        if not decision.decided or register.overdue_for_review(decision):
            yield _open(register, decision)
    for name in sorted(owed - declared):
        yield _absent(register, name)


def _open(register: Register, decision: Decision) -> Item:
    say = register.say
    rules = _rules(register, decision.id)
    titles = ", ".join(say.of(rule.title) for rule in rules)
    where = say("gaps.rules", names=titles) if rules else None
    gap = _gap_of(register, decision.id)
    owner = say.of(gap.owner) if gap else say("gaps.operator")
    lines = gap.lines if gap else None
    if not decision.decided:
        detail = say.of(decision.undecided) if decision.undecided else ""
        rank = BLOCKS if rules else SILENCE
        closes = say.of(gap.closes) if gap else say("gaps.decide", id=decision.id)
        return Item(rank, say.of(decision.question), detail, closes, owner, where, lines, _waiting(register, rules))
    detail = say("gaps.review", value=register.decided(decision), date=say.date(decision.review_by or register.as_of))
    return Item(REVIEW, say.of(decision.question), detail, say("gaps.review_again", id=decision.id), owner, where, lines)


def _absent(register: Register, name: str) -> Item:
    say, rules = register.say, _rules(register, name)
    return Item(
        BLOCKS, name, say("gaps.absent"), say("gaps.decide", id=name), say("gaps.operator"),
        say("gaps.rules", names=", ".join(say.of(rule.title) for rule in rules)), None, _waiting(register, rules),
    )  # fmt: skip


def _policy(register: Register) -> Iterator[Item]:
    """What the policy leaves out or contradicts. A gap that a missing decision would close is told once, as that decision."""
    say, decisions = register.say, register.bundle.decisions
    for gap in register.bundle.policy.gaps:
        decision = decisions.get(gap.decision) if gap.decision else None
        if decision is not None and not decision.decided and gap.kind == "gap":
            continue
        refs = [a.ref for a in register.bundle.activities.activities if gap.id in a.gaps]
        refs += [p.ref for p in register.bundle.processor.activities if gap.id in p.gaps]
        rank = CONTRADICTION if gap.kind == "contradiction" else SILENCE
        closes = say.of(gap.closes)
        if decision is not None and decision.decided:
            rank, closes = SETTLED, say("gaps.settled", id=decision.id, value=register.decided(decision))
        yield Item(rank, say.of(gap.title), say.of(gap.detail), closes, say.of(gap.owner), ", ".join(refs) or None, gap.lines)


def _doubts(register: Register) -> Iterator[Item]:
    """Activities whose legal basis is hard to defend, or missing."""
    for activity in register.bundle.activities.activities:
        if isinstance(activity.bases, str):
            yield _doubt(register, activity, register.say("gaps.no_basis"))
            continue
        for basis in activity.bases:
            if isinstance(basis, ActivityBasis) and (basis.doubtful or basis.inferred):
                yield _doubt(register, activity, _why(register, basis))


def _why(register: Register, basis: ActivityBasis) -> str:
    say = register.say
    mark = say("doubtful") if basis.doubtful else say("inferred")
    words = f"{say(f'basis.{basis.basis}')} ({register.article(basis.article)}) – {mark}"
    return f"{words}{say.colon}{say.of(basis.note)}" if basis.note else words


def _doubt(register: Register, activity: Activity, detail: str) -> Item:
    say = register.say
    title = say("gaps.basis", ref=activity.ref, title=say.of(activity.title))
    return Item(DOUBT, title, detail, say("gaps.basis.closes"), say("gaps.compliance"), activity.ref, activity.lines)


def _rules(register: Register, decision_id: str) -> list[Rule]:
    return [rule for rule in register.bundle.rules.rules if decision_id in decision_ids(rule)]


def _gap_of(register: Register, decision_id: str) -> Gap | None:
    return next((gap for gap in register.bundle.policy.gaps if gap.decision == decision_id), None)


def _waiting(register: Register, rules: list[Rule]) -> int | None:
    """Records that the last nights kept because these rules await a decision; None without evidence."""
    figures = [night.figures for night in register.nights.values() if night.figures]
    if not rules or not figures:
        return None
    names = {rule.id for rule in rules}
    lines = (line for each in figures for line in each.latest)
    return sum(line.rows for line in lines if line.reason == "undecided" and line.rule in names)
