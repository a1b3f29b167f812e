"""The answer to why one record is kept, or gone, as the page shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from retention.airflow.page.overview import Tone, moment
from retention.evidence.records import Receipt
from retention.explain import Explanation, RuleSays
from retention.report import reasons
from retention.typography import Words

TONES: dict[str, Tone] = {"keep": "good", "held": "warn", "quarantine": "warn", "due": "bad"}


@dataclass(frozen=True)
class RuleShown:
    """What a rule says of the record, its dates in words."""

    said: RuleSays
    says: str
    anchor: str
    last_day: str
    due_on: str


@dataclass(frozen=True)
class ReceiptShown:
    when: str
    what: str
    receipt: Receipt


@dataclass(frozen=True)
class HoldOnIt:
    hold_id: str
    title: str
    reference: str
    review_by: str
    delivered: bool


@dataclass(frozen=True)
class Answer:
    """Outcome, reason, what it rests on, and everything else there is to say."""

    explained: Explanation
    name: str
    tone: Tone
    outcome: str
    as_of: str
    then: str
    rule: RuleShown | None
    others: tuple[RuleShown, ...]
    holds: tuple[HoldOnIt, ...]
    children: tuple[tuple[str, int, str, str], ...]
    receipts: tuple[ReceiptShown, ...]


def answer(explained: Explanation, say: Words) -> Answer:
    judged, rule = explained.judged, explained.rule
    others = [each for each in explained.rules if rule is None or each.rule != rule.rule]
    then = reasons.words(reasons.ACTIONS, judged.action, say.language) if judged is not None and judged.action else ""
    return Answer(
        explained=explained,
        name=f"{explained.population}:{explained.record_key}",
        tone=TONES[judged.disposition] if judged is not None else "quiet",
        outcome=_outcome(explained, say),
        as_of=say.date(explained.as_of),
        then=then,
        rule=_rule(rule, say) if rule is not None else None,
        others=tuple(_rule(each, say) for each in others),
        holds=tuple(
            HoldOnIt(hold.hold_id, hold.title, hold.reference, say.date(hold.review_by), hold.delivered)
            for hold in explained.holds
        ),
        children=tuple(
            (child.population, child.rows, reasons.words(reasons.DISPOSITIONS, child.disposition, say.language), child.why)
            for child in explained.children
        ),
        receipts=tuple(
            ReceiptShown(
                moment(receipt.disposed_at, say), reasons.words(reasons.ACTIONS, receipt.action, say.language), receipt
            )
            for receipt in explained.receipts
        ),
    )


def _outcome(explained: Explanation, say: Words) -> str:
    judged = explained.judged
    if judged is None:
        return say("explain.gone", when=moment(explained.receipts[-1].disposed_at, say))
    word = reasons.words(reasons.DISPOSITIONS, judged.disposition, say.language)
    return say("explain.overdue", outcome=word) if judged.overdue else word


def _rule(said: RuleSays, say: Words) -> RuleShown:
    def day(value: dt.date | None) -> str:
        return say.date(value) if value else "–"

    anchor = say("explain.no_end") if said.open_ended else day(said.anchor_date)
    return RuleShown(said, say(f"explain.says.{said.outcome}"), anchor, day(said.last_day), day(said.due_on))
