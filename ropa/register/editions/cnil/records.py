"""What a record (fiche) of the CNIL layout says: one activity of the model, in the rows and words of the layout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from retention.declare.words import Language
from ropa.register.editions.cnil.labels import LABELS
from ropa.register.editions.cnil.rows import MEASURE_TYPES, RECIPIENT_TYPES, ROWS, SENSITIVE, SUBJECT_TYPES, Row, by_row
from ropa.register.editions.official import Says, bullets
from ropa.register.model import Activity, ActivityCategory, Controller, Named, Register, ScheduleLine, Transfer

SUBPURPOSES = 5  # the layout has room for; further ones get further lines


@dataclass(frozen=True)
class Actor:
    """Someone who answers for the processing."""

    role: str
    name: str
    address: str
    postcode: str
    city: str
    country: str
    telephone: str
    email: str


@dataclass(frozen=True)
class ListActor:
    """Someone who answers for the processing, as the head of sheet 2 names them."""

    role: str
    text: str


@dataclass(frozen=True)
class DataRow:
    """A category of data in the CNIL's terms: what of it is processed, and how long it is kept."""

    label: str
    description: str
    retention: str


@dataclass(frozen=True)
class TypedRow:
    """A person concerned, recipient or measure: its type, as sheet 5 offers them, and the policy's own words."""

    label: str
    type: str
    detail: str


@dataclass(frozen=True)
class TransferRow:
    """A transfer outside the Union, or a place of which the policy does not say whether it is one."""

    label: str
    recipient: str
    country: str
    safeguards: str
    documentation: str


@dataclass(frozen=True)
class FindingRow:
    """What the runs found of a category of data in the activity."""

    category: str
    records: int | str
    oldest: dt.date | str
    overdue: int | str
    held: int | str
    disposed: int | str
    verdict: str
    counted: dt.date | str


@dataclass(frozen=True)
class Complements:
    """What the CNIL's model has no field for."""

    basis: str
    limit: str
    archive: str
    verdict: str
    why: str
    source: str


@dataclass(frozen=True)
class Fiche:
    """One record, part by part, in one language."""

    name: str
    ref: str
    created: dt.date
    updated: dt.date
    actors: tuple[Actor, ...]
    purpose: str
    subpurposes: tuple[str, ...]
    data: tuple[DataRow, ...]
    sensitive: tuple[DataRow, ...]
    subjects: tuple[TypedRow, ...]
    recipients: tuple[TypedRow, ...]
    measures: tuple[TypedRow, ...]
    transfers: tuple[TransferRow, ...]
    complements: Complements
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True)
class ListLine:
    """A line of sheet 2."""

    name: str
    ref: str
    created: dt.date
    updated: dt.date
    purpose: str
    sensitive: str


@dataclass(frozen=True)
class CnilRegister:
    """Everything the layout says of a register."""

    actors: tuple[ListActor, ...]
    lines: tuple[ListLine, ...]
    fiches: tuple[Fiche, ...]


def cnil_register(register: Register, language: Language) -> CnilRegister:
    """The register in the terms of the layout."""
    says = Says(LABELS, language)
    roles = {"actor.controller": "list.controller", "actor.representative": "actor.representative", "actor.dpo": "list.dpo"}
    return CnilRegister(
        actors=tuple(_list_actor(_actor(register.controller, says, of, says(label)), says) for of, label in roles.items()),
        lines=tuple(_line(register, activity, says) for activity in register.activities),
        fiches=tuple(fiche(register, activity, language) for activity in register.activities),
    )


def fiche(register: Register, activity: Activity, language: Language) -> Fiche:
    """The record of one activity."""
    says = Says(LABELS, language)
    lines = _lines(register, activity)
    return Fiche(
        name=says.of(activity.title),
        ref=activity.ref,
        created=register.grounding.created_on,
        updated=register.grounding.updated_on,
        actors=tuple(
            _actor(register.controller, says, f"actor.{role}", says(f"actor.{role}"))
            for role in ("controller", "dpo", "dpo_company", "representative", "joint")
        ),
        purpose=says.of(activity.purpose),
        subpurposes=tuple(says.of(purpose.title) for purpose in activity.purposes),
        data=tuple(_data(register, activity, lines, says)),
        sensitive=tuple(DataRow(says(f"sensitive.{row}"), says("sensitive.no"), says("not_applicable")) for row in SENSITIVE),
        subjects=_subjects(activity, says),
        recipients=_recipients(register, activity, says),
        measures=_measures(register, activity, says),
        transfers=_transfers(register, activity, says),
        complements=_complements(activity, lines, says),
        findings=tuple(_finding(each, says) for each in activity.found),
    )


def empty_fiche(language: Language) -> Fiche:
    """The model to be copied: every label, no value."""
    says = Says(LABELS, language)

    def typed(label: str, count: int) -> tuple[TypedRow, ...]:
        return tuple(TypedRow(says(label, number=number), "", "") for number in range(1, count + 1))

    roles = ("controller", "dpo", "dpo_company", "representative", "joint")
    return Fiche(
        name="", ref="", created=dt.date.min, updated=dt.date.min,
        actors=tuple(Actor(says(f"actor.{role}"), *[""] * (len(fields(Actor)) - 1)) for role in roles),
        purpose="", subpurposes=("",) * SUBPURPOSES,
        data=tuple(DataRow(says(f"row.{row}"), "", "") for row in ROWS),
        sensitive=tuple(DataRow(says(f"sensitive.{row}"), "", "") for row in SENSITIVE),
        subjects=typed("subject.number", 4), recipients=typed("recipient.number", 4), measures=typed("measure.number", 4),
        transfers=tuple(TransferRow(says("transfer.number", number=number), "", "", "", "") for number in range(1, 5)),
        complements=Complements(*[""] * len(fields(Complements))), findings=(),
    )  # fmt: skip


def _line(register: Register, activity: Activity, says: Says) -> ListLine:
    return ListLine(
        name=says.of(activity.title),
        ref=activity.ref,
        created=register.grounding.created_on,
        updated=register.grounding.updated_on,
        purpose=says.of(activity.purpose),
        sensitive=says("sensitive.short"),
    )


def _lines(register: Register, activity: Activity) -> list[ScheduleLine]:
    rules = {rule.id for rule in activity.rules}
    return [line for line in register.schedule if line.id in rules]


def _actor(controller: Controller, says: Says, role: str, label: str) -> Actor:
    silent = says("silent")
    if role == "actor.controller":
        return Actor(
            label, controller.name, controller.street, controller.postcode, controller.city, says.of(controller.country),
            silent, silent,
        )  # fmt: skip
    name = says.of(controller.dpo.title) if role == "actor.dpo" else silent
    return Actor(label, name, *[silent] * 6)


def _list_actor(actor: Actor, says: Says) -> ListActor:
    known = actor.address != says("silent")
    place = (actor.address, f"{actor.postcode} {actor.city}", actor.country) if known else ()
    return ListActor(actor.role, ", ".join([actor.name, *place]))


def _data(register: Register, activity: Activity, lines: Sequence[ScheduleLine], says: Says) -> Iterator[DataRow]:
    """The CNIL's six rows, and a seventh for what none of them is known to take."""
    rows = by_row(activity.elements.items)
    silent = activity.elements.kind == "not_stated"
    for row in ROWS:
        label, found = says(f"row.{row}"), rows.get(row)
        if silent:
            yield DataRow(label, says.not_stated, says.not_stated)
        elif found is None:
            yield DataRow(label, says("data.no"), says("not_applicable"))
        else:
            yield _data_row(register, activity, lines, says, row, found)
    if None in rows:
        yield _data_row(register, activity, lines, says, None, rows[None])


def _data_row(
    register: Register, activity: Activity, lines: Sequence[ScheduleLine], says: Says, row: Row | None, elements: list[Named]
) -> DataRow:
    """A row and the lines of the schedule that govern its elements; where none does, what the activity announces."""
    names = {element.id for element in elements}
    categories = {element.category for element in register.elements if element.id in names and element.category}
    governing = [line for line in lines if categories & set(line.categories) and (not line.only or names & set(line.only))]
    return DataRow(
        label=says(f"row.{row or 'other'}"),
        description=bullets([says.of(element.title) for element in elements]),
        retention=says.limits(governing) or says.of(activity.time_limit),
    )


def _subjects(activity: Activity, says: Says) -> tuple[TypedRow, ...]:
    items = activity.subjects.items
    if not items:
        return (TypedRow(says("subject.number", number=1), says.not_stated, says.not_stated),)
    return tuple(
        TypedRow(
            says("subject.number", number=number),
            says(f"choice.subject.{SUBJECT_TYPES.get(item.id, 'other')}"),
            says.inferred(says.of(item.title), activity.subjects_inferred),
        )
        for number, item in enumerate(items, start=1)
    )


def _recipients(register: Register, activity: Activity, says: Says) -> tuple[TypedRow, ...]:
    kinds = {recipient.id: recipient for recipient in register.recipients}
    if not activity.recipients.items:
        silent = says.names(activity.recipients)
        return (TypedRow(says("recipient.number", number=1), silent, silent),)
    return tuple(
        TypedRow(
            says("recipient.number", number=number),
            says(f"choice.recipient.{RECIPIENT_TYPES[kinds[item.id].kind] if item.id in kinds else 'other'}"),
            f"{says.of(item.title)}{says.colon}{says.of(kinds[item.id].purpose)}" if item.id in kinds else says.of(item.title),
        )
        for number, item in enumerate(activity.recipients.items, start=1)
    )


def _measures(register: Register, activity: Activity, says: Says) -> tuple[TypedRow, ...]:
    stated = {measure.id: measure for measure in register.security}
    if not activity.security.items:
        silent = says.names(activity.security)
        return (TypedRow(says("measure.number", number=1), silent, silent),)

    def detail(item: Named) -> str:
        lines = f" ({stated[item.id].lines})" if item.id in stated else ""
        return says.of(item.title) + lines

    return tuple(
        TypedRow(
            says("measure.number", number=number), says(f"choice.measure.{MEASURE_TYPES.get(item.id, 'other')}"), detail(item)
        )
        for number, item in enumerate(activity.security.items, start=1)
    )


def _transfers(register: Register, activity: Activity, says: Says) -> tuple[TransferRow, ...]:
    stated = {transfer.id: transfer for transfer in register.transfers}
    items = activity.transfers.items
    if not items:
        silent = says.names(activity.transfers)
        return (TransferRow(says("transfer.number", number=1), *[silent] * 4),)
    return tuple(
        _transfer(stated.get(item.id), item, says, says("transfer.number", number=number))
        for number, item in enumerate(items, start=1)
    )


def _transfer(transfer: Transfer | None, item: Named, says: Says, label: str) -> TransferRow:
    """What the policy says of a place. Statements that contradict each other are given as they are."""
    if transfer is None:
        return TransferRow(label, says.of(item.title), says.not_stated, says.not_stated, says.not_stated)
    who = [says.of(recipient.title) for recipient in transfer.recipients.items if recipient.title != transfer.title]
    lines = ", ".join(citation.lines for citation in transfer.citations)
    return TransferRow(
        label=label,
        recipient=says.of(item.title) + (f" ({', '.join(who)})" if who else ""),
        country=says.stated(transfer.country),
        safeguards=says("transfer.inside") if transfer.third_country is False else says.stated(transfer.safeguards),
        documentation=f"{says.not_stated} ({lines})" if lines else says.not_stated,
    )


def _complements(activity: Activity, lines: Sequence[ScheduleLine], says: Says) -> Complements:
    return Complements(
        basis=says.bases(activity),
        limit=says.of(activity.time_limit),
        archive=says.limits(line for line in lines if line.action == "archive") or says("archive.none"),
        verdict=says(f"verdict.{activity.verdict}"),
        why=bullets(says.reasons(activity)),
        source=says("sheet.lines", lines=activity.lines),
    )


def _finding(found: ActivityCategory, says: Says) -> FindingRow:
    finding, none = found.finding, says("no_run")

    def counted(number: int | None) -> int | str:
        return number if number is not None else none

    return FindingRow(
        category=says.of(found.category.title),
        records=counted(finding.records),
        oldest=finding.oldest or (says("none") if finding.records is not None else none),
        overdue=finding.overdue.rows if finding.overdue else none,
        held=counted(finding.held),
        disposed=finding.months_12.total if finding.months_12 else none,
        verdict=says(f"verdict.{finding.verdict}"),
        counted=finding.counted_on or none,
    )
