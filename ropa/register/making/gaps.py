"""What is missing, contradictory or doubtful, the most urgent first: what would close it, and who owes it."""

from __future__ import annotations

from collections.abc import Iterator

from retention.declare.activities import Activity, ActivityBasis
from retention.declare.decisions import Decision
from retention.declare.policy import NOT_STATED, Recipient
from retention.declare.policy import Gap as DeclaredGap
from retention.declare.rules import Rule, decision_ids
from retention.declare.words import Text
from ropa.register.making.activities import basis
from ropa.register.making.context import Making
from ropa.register.making.decisions import resting_on
from ropa.register.model import Gap
from ropa.register.phrases import joined, same

BLOCKS, REVIEW, CONTRADICTION, DOUBT, SILENCE, SETTLED = range(1, 7)


def gaps(making: Making) -> tuple[Gap, ...]:
    """Everything to settle, the most urgent first."""
    items = [*_nights(making), *_decisions(making), *_policy(making), *_recipients(making), *_doubts(making)]
    return tuple(sorted(items, key=lambda item: (item.rank, -(item.waiting or 0))))


def _nights(making: Making) -> Iterator[Gap]:
    """Stores whose last run failed: an undeclared table or column, a schema that changed, a store that was down."""
    say = making.say
    for night in making.nights.values():
        if night.last is None or night.last.status != "failed":
            continue
        store = making.store(night.store).title
        yield Gap(
            id=f"night.{night.store}",
            rank=BLOCKS,
            title=say("gaps.night", store=store),
            detail=say("gaps.night.detail", date=night.last.as_of, note=night.last.note or "–"),
            closes=say("gaps.night.closes", store=night.store),
            owner=say("gaps.engineers"),
            where=say("gaps.run", run=night.last.run_id),
            lines=None,
            waiting=None,
        )


def _decisions(making: Making) -> Iterator[Gap]:
    """Decisions that are missing or past their review date."""
    declared = {decision.id for decision in making.bundle.decisions.decisions}
    owed = {name for rule in making.bundle.rules.rules for name in decision_ids(rule)}
    for decision in making.bundle.decisions.decisions:
        if not decision.decided or making.review_due(decision):
            yield _open(making, decision)
    for name in sorted(owed - declared):
        yield _absent(making, name)


def _open(making: Making, decision: Decision) -> Gap:
    say, rules = making.say, resting_on(making, decision.id)
    gap = next((gap for gap in making.bundle.policy.gaps if gap.decision == decision.id), None)
    review = decision.decided
    if review:
        rank, waiting = REVIEW, None
        detail = say("gaps.review", value=making.decided(decision), date=decision.review_by or making.as_of)
        closes = say("gaps.review_again", id=decision.id)
    else:
        rank, waiting = (BLOCKS if rules else SILENCE), _waiting(making, rules)
        detail = decision.undecided or say("undecided")
        closes = gap.closes if gap else say("gaps.decide", id=decision.id)
    return Gap(
        id=decision.id,
        rank=rank,
        title=decision.question,
        detail=detail,
        closes=closes,
        owner=gap.owner if gap else say("gaps.operator"),
        where=_where(making, rules),
        lines=gap.lines if gap else None,
        waiting=waiting,
    )


def _absent(making: Making, name: str) -> Gap:
    say, rules = making.say, resting_on(making, name)
    return Gap(
        id=name, rank=BLOCKS, title=same(name), detail=say("gaps.absent"), closes=say("gaps.decide", id=name),
        owner=say("gaps.operator"), where=_where(making, rules), lines=None, waiting=_waiting(making, rules),
    )  # fmt: skip


def _where(making: Making, rules: tuple[Rule, ...]) -> Text | None:
    return making.say("gaps.rules", names=joined(rule.title for rule in rules)) if rules else None


def _policy(making: Making) -> Iterator[Gap]:
    """What the policy leaves out or contradicts. A gap that a missing decision would close is told once, as that decision."""
    decisions = making.bundle.decisions
    for gap in making.bundle.policy.gaps:
        decision = decisions.get(gap.decision) if gap.decision else None
        if decision is None or decision.decided or gap.kind != "gap":
            yield _stated(making, gap, decision)


def _stated(making: Making, gap: DeclaredGap, decision: Decision | None) -> Gap:
    refs = [a.ref for a in making.bundle.activities.activities if gap.id in a.gaps]
    refs += [p.ref for p in making.bundle.processor.activities if gap.id in p.gaps]
    rank, closes = CONTRADICTION if gap.kind == "contradiction" else SILENCE, gap.closes
    if decision is not None and decision.decided:
        rank, closes = SETTLED, making.say("gaps.settled", id=decision.id, value=making.decided(decision))
    return Gap(
        id=gap.id, rank=rank, title=gap.title, detail=gap.detail, closes=closes, owner=gap.owner,
        where=same(", ".join(refs)) if refs else None, lines=gap.lines, waiting=None,
    )  # fmt: skip


def _recipients(making: Making) -> Iterator[Gap]:
    """Recipients of which the policy does not say where they are or what safeguards the transfer."""
    for recipient in making.bundle.policy.recipients:
        missing = [name for name in ("country", "safeguards") if getattr(recipient, name) == NOT_STATED]
        if missing:
            yield _recipient(making, recipient, missing)


def _recipient(making: Making, recipient: Recipient, missing: list[str]) -> Gap:
    say = making.say
    refs = [activity.ref for activity in making.bundle.activities.activities if recipient.id in activity.recipients]
    return Gap(
        id=recipient.id,
        rank=SILENCE,
        title=say("gaps.recipient", name=recipient.title),
        detail=say("gaps.recipient.detail", names=joined(say(f"gaps.recipient.{name}") for name in missing)),
        closes=say("gaps.recipient.closes"),
        owner=say("gaps.compliance"),
        where=same(", ".join(refs)) if refs else None,
        lines=recipient.lines,
        waiting=None,
    )


def _doubts(making: Making) -> Iterator[Gap]:
    """Activities whose legal basis is hard to defend, or missing."""
    for activity in making.bundle.activities.activities:
        if isinstance(activity.bases, str):
            yield _doubt(making, activity, making.say("gaps.no_basis"))
            continue
        for each in activity.bases:
            if isinstance(each, ActivityBasis) and (each.doubtful or each.inferred):
                yield _doubt(making, activity, basis_words(making, each))


def basis_words(making: Making, declared: ActivityBasis) -> Text:
    """A legal basis in a sentence: `contract (art. 6(1)(b)) – doubtful: …`."""
    made = basis(making, declared)
    words = making.say(
        "basis.marked",
        title=made.title,
        article=made.article,
        mark=making.say("doubtful" if made.doubtful else "inferred"),
    )
    return joined((words, made.note), "\u00a0: ") if made.note else words


def _doubt(making: Making, activity: Activity, detail: Text) -> Gap:
    say = making.say
    return Gap(
        id=f"basis.{activity.id}",
        rank=DOUBT,
        title=say("gaps.basis", ref=activity.ref, title=activity.title),
        detail=detail,
        closes=say("gaps.basis.closes"),
        owner=say("gaps.compliance"),
        where=same(activity.ref),
        lines=activity.lines,
        waiting=None,
    )


def _waiting(making: Making, rules: tuple[Rule, ...]) -> int | None:
    """Records that the last nights kept because these rules await a decision; None without evidence."""
    figures = [night.figures for night in making.nights.values() if night.figures]
    if not rules or not figures:
        return None
    names = {rule.id for rule in rules}
    lines = (line for each in figures for line in each.latest)
    return sum(line.rows for line in lines if line.reason == "undecided" and line.rule in names)
