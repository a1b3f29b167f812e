"""`explain`: why one record is kept, or gone. `prove`: a proof of it for others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.panel import Panel
from rich.text import Text

from retention.cli.frame import AsOf, Frame, Lang, Store, command, date_of, language_of
from retention.cli.tables import key_values, moment, styled, table
from retention.errors import EvidenceError, NotFound

if TYPE_CHECKING:
    from retention.declare.words import Language
    from retention.evidence.records import Receipt
    from retention.explain import Explanation, Ground, RuleSays


def register(app: typer.Typer) -> None:
    command(app, "explain")(explain)
    command(app, "prove")(prove)


def explain(
    frame: Frame,
    store: Store,
    record: Annotated[
        str, typer.Option("--record", "-r", metavar="[POPULATION:]KEY", help="The record; a bare key is looked up everywhere.")
    ],
    as_of: AsOf = None,
    lang: Lang = "en",
) -> None:
    """Say why one record is kept, or when and why it went. Nothing of the record itself is shown but the dates that count."""
    from retention.explain import explain as ask

    language = language_of(lang)
    found = ask(frame.workspace, frame.bundle, frame.evidence, store, record, as_of=date_of(as_of), language=language)
    frame.answer([_document(explanation) for explanation in found])
    for explanation in found:
        frame.show(_panel(explanation, language))


def prove(
    frame: Frame,
    store: Store,
    record: Annotated[str, typer.Option("--record", "-r", metavar="POPULATION:KEY", help="The record.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where the proof is written.")] = None,
) -> None:
    """Write a proof that one record was disposed of, which anybody can check with docs/verify_proof.py.

    It shows which of the 256 keys around the record's went in the same batch, and nothing else of any record.
    """
    from retention.explain.reader import named
    from retention.proof import prove as ask
    from retention.proof import write
    from retention.stores.keys import KEY_WORDS, normal_key

    if frame.evidence is None:
        raise EvidenceError("there is no evidence database yet", mend="run a night first: `retention run`")
    populations, typed_in = named(frame.bundle.store(store).declared.populations, record)
    if len(populations) != 1:
        raise NotFound("the record's population is not named, or unknown", mend="name it: `--record POPULATION:KEY`")
    key = normal_key(populations[0], typed_in)
    if key is None:
        words = KEY_WORDS[populations[0].key_type]
        raise NotFound(f"population {populations[0].name} has no such record: its keys are {words}", mend="check the key")
    document = ask(frame.workspace, frame.evidence, store, populations[0], key)
    if output is None:
        frame.answer(document)
        frame.show(Text(json.dumps(document, ensure_ascii=False, indent=2)))
        return
    write(document, output)
    frame.answer({"proof": output})
    frame.show(Text(f"{document['what']}\n{output}: to be checked with docs/verify_proof.py"))


def _document(explanation: Explanation) -> dict[str, Any]:
    from retention.cli.frame import plain

    document: dict[str, Any] = plain(explanation) | {"exists": explanation.exists}
    if explanation.rule is not None:
        document["rule"]["due_on"] = plain(explanation.rule.due_on)
    for said, rule in zip(document["rules"], explanation.rules, strict=True):
        said["due_on"] = plain(rule.due_on)
    return document


def _panel(explanation: Explanation, language: Language) -> Panel:
    from rich.console import Group

    parts: list[Any] = [key_values(_head(explanation, language))]
    if explanation.rule is not None:
        parts += ["", Text("What it rests on", style="bold"), key_values(_grounds(explanation.rule))]
    others = [rule for rule in explanation.rules if explanation.rule is None or rule.rule != explanation.rule.rule]
    if others:
        parts += ["", _rules(others)]
    if explanation.children:
        parts += ["", _children(explanation)]
    if explanation.holds:
        parts += ["", _holds(explanation)]
    if explanation.receipts:
        parts += ["", *_receipts(explanation.receipts, language)]
    if explanation.notes:
        parts += ["", *(Text(note, style="dim") for note in explanation.notes)]
    title = Text(f"{explanation.store} · {explanation.population} · {explanation.record_key}")
    return Panel(Group(*parts), title=title, title_align="left", padding=(1, 2), border_style="dim")


def _head(explanation: Explanation, language: Language) -> Iterator[tuple[str, Any]]:
    from retention.report import reasons

    judged, rule = explanation.judged, explanation.rule
    if judged is None:
        yield "outcome", styled("due", f"gone since {moment(explanation.receipts[-1].disposed_at)}")
        yield "why", explanation.why
        return
    word = reasons.words(reasons.DISPOSITIONS, judged.disposition, language)
    yield "outcome", styled(judged.disposition, word + (", overdue: due, and lawfully frozen" if judged.overdue else ""))
    yield "as of", explanation.as_of
    yield "why", explanation.why
    if judged.action:
        yield "then", reasons.words(reasons.ACTIONS, judged.action, language)
    if rule is not None:
        yield "rule", f"{rule.title} ({rule.rule})"
        yield from _dates(rule)


def _dates(rule: RuleSays) -> Iterator[tuple[str, Any]]:
    if rule.anchor_title:
        day = "no end agreed" if rule.open_ended else rule.anchor_date or "not known"
        yield "counts from", f"{rule.anchor_title}: {day}"
    yield "period", rule.period
    yield "last day", rule.last_day
    yield "due on", rule.due_on


def _grounds(rule: RuleSays) -> Iterator[tuple[str, Any]]:
    for clause in rule.clauses:
        quotes = "\n".join(f"“{quote}”" for quote in clause.quotes)
        yield f"policy {clause.lines}", f"{clause.title}\n{quotes}"
    yield "law", rule.law
    for decision in rule.decisions:
        yield "decision", _decision(decision)


def _decision(ground: Ground) -> str:
    if ground.value is None:
        return f"{ground.question}\nundecided: {ground.awaited}"
    checked = f"{ground.source}\n{ground.approver}, checked {ground.checked_on}, review by {ground.review_by}"
    return f"{ground.question}\n{ground.value} ({ground.decision})\n{checked}"


def _rules(rules: list[RuleSays]) -> Any:
    words = {"keeps": "keeps it", "due": "lets go of it", "done": "carried out already", "undecided": "undecided: keeps it"}
    made = table("What the other rules say", "rule", "says", "counts from", "last day", "due on")
    for rule in rules:
        anchor = f"{rule.anchor_title}: {'no end agreed' if rule.open_ended else rule.anchor_date or '–'}"
        made.add_row(rule.title, words[rule.outcome], anchor, str(rule.last_day or "–"), str(rule.due_on or "–"))
    return made


def _children(explanation: Explanation) -> Any:
    made = table("Records that depend on it", "population", "records", "outcome", "why", right=("records",))
    for child in explanation.children:
        made.add_row(child.population, str(child.rows), styled(child.disposition), child.why)
    return made


def _holds(explanation: Explanation) -> Any:
    made = table("Holds and requests on it", "id", "kind", "reference", "review by", "in the store")
    for hold in explanation.holds:
        made.add_row(hold.hold_id, hold.title, hold.reference, str(hold.review_by), "yes" if hold.delivered else "not yet")
    return made


def _receipts(receipts: tuple[Receipt, ...], language: Language) -> Iterator[Any]:
    from retention.report import reasons

    yield Text("Receipts that name it", style="bold")
    for receipt in receipts:
        action = reasons.words(reasons.ACTIONS, receipt.action, language)
        yield key_values(
            (
                (f"{moment(receipt.disposed_at)}", f"{action} under {receipt.rule}, as of {receipt.as_of}"),
                ("run", f"{receipt.run_id}, batch {receipt.batch} of {receipt.population} ({receipt.rows} records)"),
                ("root", receipt.root),
            )
        )
