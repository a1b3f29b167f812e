"""The processing activities, each with what the runs found of it; and the processor's, kept apart."""

from __future__ import annotations

from retention.declare.activities import Activity as Declared
from retention.declare.activities import ActivityBasis
from retention.declare.policy import NOT_STATED, NotStated
from retention.declare.words import CATEGORIES, Category, Text
from ropa.register.making import findings
from ropa.register.making.context import Making, citations
from ropa.register.model import (
    WORST_LAST,
    Activity,
    ActivityCategory,
    Basis,
    Named,
    ProcessorActivity,
    ProcessorRecord,
    Verdict,
)
from ropa.register.phrases import article


def activities(making: Making) -> tuple[Activity, ...]:
    """The controller's activities, in the order they are declared."""
    return tuple(_activity(making, declared) for declared in making.bundle.activities.activities)


def _activity(making: Making, declared: Declared) -> Activity:
    policy = making.bundle.policy
    rules = {rule.id: rule.title for rule in making.bundle.rules.rules}
    transfers = {transfer.id: transfer.title for transfer in policy.transfers}
    found = tuple(_found(making, declared))
    verdict, why = _verdict(making, found)
    return Activity(
        id=declared.id,
        ref=declared.ref,
        title=declared.title,
        purpose=declared.purpose,
        purposes=making.names(declared.purposes, making.statement_titles).items,
        subjects=making.names(declared.subjects, {subject.id: subject.title for subject in policy.subjects}),
        subjects_inferred=declared.subjects_inferred,
        categories=making.categories(declared.categories),
        elements=making.names(declared.elements, _elements(making, declared)),
        recipients=making.names(declared.recipients, making.recipient_titles),
        transfers=making.names(declared.transfers, transfers),
        bases=_bases(making, declared),
        time_limit=declared.time_limit,
        rules=tuple(making.named(name, rules) for name in declared.rules),
        security=making.names(declared.security, making.measure_titles),
        gaps=tuple(making.named(name, making.gap_titles) for name in declared.gaps),
        notes=declared.notes,
        lines=declared.lines,
        citations=citations(declared.cites),
        found=found,
        verdict=verdict,
        why=why,
    )


def _elements(making: Making, declared: Declared) -> dict[str, Text]:
    """The elements an activity may name; of `all`, those of its categories."""
    if declared.elements != "all":
        return making.bundle.policy.elements()
    wanted = _categories(declared)
    return {
        element.id: element.title
        for category in making.bundle.policy.categories
        if category.id in wanted
        for element in category.elements
    }


def _categories(declared: Declared) -> tuple[Category, ...]:
    if declared.categories == NOT_STATED:
        return ()
    return CATEGORIES if isinstance(declared.categories, str) else declared.categories


def _bases(making: Making, declared: Declared) -> tuple[Basis, ...] | NotStated:
    if isinstance(declared.bases, str):
        return NOT_STATED
    return tuple(basis(making, each) for each in declared.bases)


def basis(making: Making, declared: ActivityBasis) -> Basis:
    """A legal basis of an activity."""
    return Basis(
        basis=declared.basis,
        title=making.say(f"basis.{declared.basis}"),
        article=article(declared.article),
        doubtful=declared.doubtful,
        inferred=declared.inferred,
        note=declared.note,
    )


def _found(making: Making, declared: Declared) -> list[ActivityCategory]:
    rules = [rule for rule in making.bundle.rules.rules if rule.id in declared.rules]
    return [
        ActivityCategory(
            category=Named(id=category, title=making.category_titles[category]),
            finding=findings.of_activity(making, rules, category),
        )
        for category in _categories(declared)
    ]


def _verdict(making: Making, found: tuple[ActivityCategory, ...]) -> tuple[Verdict, tuple[Text, ...]]:
    """The worst of its categories' verdicts, with all their reasons."""
    if not found:
        return "unknown", (making.say("why.no_category"),)
    worst = max((each.finding.verdict for each in found), key=WORST_LAST.index)
    return worst, tuple(dict.fromkeys(text for each in found for text in each.finding.why))


def processor(making: Making) -> ProcessorRecord:
    """The processor's record (article 30(2))."""
    declared = making.bundle.processor
    return ProcessorRecord(
        title=declared.title,
        notice=declared.notice,
        created_on=declared.created_on,
        updated_on=declared.updated_on,
        activities=tuple(
            ProcessorActivity(
                id=each.id,
                ref=each.ref,
                title=each.title,
                processing=each.processing,
                controllers=each.controllers,
                transfers=each.transfers,
                security=making.names(each.security, making.measure_titles),
                missing=tuple(Named(id=missing.id, title=missing.title) for missing in each.not_stated),
                gaps=tuple(making.named(name, making.gap_titles) for name in each.gaps),
                lines=each.lines,
            )
            for each in declared.activities
        ),
    )
