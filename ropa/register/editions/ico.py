"""The register in the layout of the ICO's controller template: one line per activity, in the template's columns.

The French edition carries each original label as a comment of its header. In print the sheet goes over several pages, side by
side, each of which repeats the activity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from openpyxl.comments import Comment
from openpyxl.worksheet.pagebreak import Break

from retention.declare.words import Language
from retention.typography import Words
from retention.workbook import Book, Sheet
from ropa.register.editions import official
from ropa.register.editions.ico_labels import COLUMNS, HEADERS, LABELS, PAGES, PARTIES
from ropa.register.editions.official import Says, bullets, file_name
from ropa.register.model import Activity, Register, ScheduleLine
from ropa.register.publication import Publication

NAMES: dict[Language, str] = {"fr": "registre-ico", "en": "register-ico"}


@dataclass(frozen=True)
class IcoLine:
    """A line of the template, in its order."""

    function: str
    purpose: str
    joint_controller: str
    individuals: str
    data: str
    recipients: str
    processor_contract: str
    third_countries: str
    safeguards: str
    schedule: str
    measures: str
    basis: str
    article9: str
    interests: str
    interests_record: str
    rights: str
    automated: str
    source: str
    consent_record: str
    location: str
    dpia_required: str
    dpia_progress: str
    dpia_link: str
    breach: str
    breach_record: str
    schedule1: str
    basis_again: str
    policy_document: str
    adhered: str
    not_adhered: str


@dataclass(frozen=True)
class Party:
    """The controller, its officer or its representative, as the head of the template names them."""

    role: str
    name: str
    address: str
    email: str
    telephone: str


@dataclass(frozen=True)
class IcoRegister:
    """Everything the layout says of a register."""

    parties: tuple[Party, ...]
    lines: tuple[IcoLine, ...]


def write(publication: Publication, language: Language, folder: Path) -> Path:
    """Writes the workbook and answers where."""
    return filled(publication, language).save(folder, file_name(NAMES, publication, language, "xlsx"))


def ico_register(register: Register, language: Language) -> IcoRegister:
    """The register in the terms of the layout."""
    says = Says(LABELS, language)
    return IcoRegister(_parties(register, says), tuple(_line(register, activity, says) for activity in register.activities))


def _parties(register: Register, says: Says) -> tuple[Party, ...]:
    controller, silent = register.controller, says.not_stated
    address = f"{controller.street}, {controller.postcode} {controller.city}, {says.of(controller.country)}"
    return (
        Party(says("controller"), controller.name, address, silent, silent),
        Party(says("dpo"), says.of(controller.dpo.title), silent, silent, silent),
        Party(says("representative"), silent, silent, silent, silent),
    )


def _line(register: Register, activity: Activity, says: Says) -> IcoLine:
    rules = {rule.id for rule in activity.rules}
    lines = [line for line in register.schedule if line.id in rules]
    silent = says.not_stated
    return IcoLine(
        function=f"{activity.ref} – {says.of(activity.title)}",
        purpose=bullets([says.of(text) for text in (activity.purpose, *(each.title for each in activity.purposes))]),
        joint_controller=silent,
        individuals=says.inferred(says.names(activity.subjects), activity.subjects_inferred),
        data=_data(register, activity, says),
        recipients=_recipients(register, activity, says),
        processor_contract=silent,
        third_countries=_places(register, activity, says),
        safeguards=_safeguards(register, activity, says),
        schedule=says.limits(lines) or says.of(activity.time_limit),
        measures=says.names(activity.security),
        basis=says.bases(activity),
        article9=says("cell.article9"),
        interests=_interests(activity, says),
        interests_record=_assessments(register, activity, says),
        rights=_rights(register, says),
        automated=silent,
        source=_sources(register, activity, says),
        consent_record=_consent(activity, says),
        location=_location(register, activity, lines, says),
        dpia_required=silent,
        dpia_progress=silent,
        dpia_link=silent,
        breach=silent,
        breach_record=silent,
        schedule1=says("cell.schedule1"),
        basis_again=says.bases(activity),
        policy_document=_policy(register, says),
        adhered=_adhered(activity, says),
        not_adhered=_reasons(activity, says),
    )


# what the cells say


def _data(register: Register, activity: Activity, says: Says) -> str:
    """Categories, each with those of its elements that the activity names."""
    if activity.categories.kind == "not_stated":
        return says.not_stated
    of_category = {element.id: element.category for element in register.elements}

    def elements(category: str) -> str:
        named = [says.of(item.title) for item in activity.elements.items if of_category.get(item.id) == category]
        return ", ".join(named) or says.not_stated

    return bullets([
        says("cell.elements", category=says.of(item.title), elements=elements(item.id)) for item in activity.categories.items
    ])  # fmt: skip


def _recipients(register: Register, activity: Activity, says: Says) -> str:
    kinds = {recipient.id: recipient.kind for recipient in register.recipients}
    if not activity.recipients.items:
        return says.names(activity.recipients)
    return bullets([
        says("cell.recipient", name=says.of(item.title), kind=says(f"kind.{kinds[item.id]}"))
        if item.id in kinds
        else says.of(item.title)
        for item in activity.recipients.items
    ])  # fmt: skip


def _places(register: Register, activity: Activity, says: Says) -> str:
    """Where data is said to go: contradictions of the policy are given as they are."""
    countries = {transfer.id: says.stated(transfer.country) for transfer in register.transfers}
    if not activity.transfers.items:
        return says.names(activity.transfers)
    return bullets([
        says("cell.country", title=says.of(item.title), country=countries.get(item.id, says.not_stated))
        for item in activity.transfers.items
    ])  # fmt: skip


def _safeguards(register: Register, activity: Activity, says: Says) -> str:
    named = {item.id for item in activity.transfers.items}
    stated = [
        f"{says.of(transfer.title)}{says.colon}{says.stated(transfer.safeguards)}"
        for transfer in register.transfers
        if transfer.id in named and transfer.safeguards != "not stated"
    ]
    return bullets(stated) or says.not_stated


def _interests(activity: Activity, says: Says) -> str:
    """The interest pursued is the purpose, where legitimate interest is a basis."""
    if isinstance(activity.bases, str):
        return says.not_stated
    if not any(basis.basis == "legitimate_interest" for basis in activity.bases):
        return says("cell.not_interest")
    notes = [says.of(basis.note) for basis in activity.bases if basis.basis == "legitimate_interest" and basis.note]
    return bullets([says.of(activity.purpose), *notes])


def _assessments(register: Register, activity: Activity, says: Says) -> str:
    """The assessments that the activity's rules rest on: they are decisions, by their id."""
    if isinstance(activity.bases, str):
        return says.not_stated
    if not any(basis.basis == "legitimate_interest" for basis in activity.bases):
        return says("cell.not_interest")
    rules = {rule.id for rule in activity.rules}
    found = []
    for decision in register.decisions:
        if not decision.id.endswith(".assessment") or not rules & {rule.id for rule in decision.rules}:
            continue
        value = says.of(decision.value) if decision.value else ""
        source = says.of(decision.source) if decision.source else says.not_stated
        state = "decided" if decision.decided else "awaited"
        found.append(says(f"cell.assessment.{state}", id=decision.id, value=value, source=source))
    return bullets(found) or says.not_stated


def _rights(register: Register, says: Says) -> str:
    """The rights the policy states; it does not tell them apart by activity."""
    return bullets([f"{says.of(right.title)} ({says.of(right.article)})" for right in register.rights if right.limits is None])


def _sources(register: Register, activity: Activity, says: Says) -> str:
    """Where each category comes from."""
    named = {item.id for item in activity.categories.items}
    found = []
    for category in register.categories:
        if category.id in named:
            stated = () if isinstance(category.sources, str) else category.sources
            sources = ", ".join(f"{says.of(source.title)} ({source.lines})" for source in stated) or says.not_stated
            found.append(says("cell.source", category=says.of(category.title), sources=sources))
    return bullets(found) or says.not_stated


def _consent(activity: Activity, says: Says) -> str:
    if isinstance(activity.bases, str) or any(basis.basis == "consent" for basis in activity.bases):
        return says.not_stated
    return says("cell.not_consent")


def _location(register: Register, activity: Activity, lines: Iterable[ScheduleLine], says: Says) -> str:
    """The stores its rules govern, and the places the policy names."""
    wanted = {store for line in lines for store in line.stores}
    names = [says.of(night.store.title) for night in register.nights if night.store.id in wanted]
    stores = [says("cell.stores", names=", ".join(names))] if names else []
    places = [says.of(item.title) for item in activity.transfers.items] or [says.not_stated]
    return bullets([*stores, *places])


def _policy(register: Register, says: Says) -> str:
    grounding = register.grounding
    return says(
        "cell.policy",
        title=says.of(grounding.policy_title),
        file=grounding.policy_file,
        sha=grounding.policy_sha256[:12],
        hash=grounding.declaration_hash[:12],
    )


def _adhered(activity: Activity, says: Says) -> str:
    """The verdict on the evidence, with the day of the oldest figures it rests on."""
    verdict = says(f"verdict.{activity.verdict}")
    days = [found.finding.counted_on for found in activity.found if found.finding.counted_on]
    if not days:
        return says("cell.verdict.none", verdict=verdict)
    return says("cell.verdict", verdict=verdict, date=says.date(min(days)))


def _reasons(activity: Activity, says: Says) -> str:
    """Why not, and the runs whose figures say so."""
    runs = sorted({run for found in activity.found for run in found.finding.runs})
    return bullets([*says.reasons(activity), *([says("cell.runs", runs=", ".join(runs))] if runs else [])])


# the book


def filled(publication: Publication, language: Language) -> Book:
    """The book, not yet written."""
    says = Says(LABELS, language)
    book = official.book(publication, says, title=says("book"))
    register = ico_register(publication.register, language)
    _cover(book, says, register)
    ends = _ends()
    widths = [column.width for column in COLUMNS]
    sheet = book.sheet(says("sheet"), says("title"), says("intro"), widths[: ends[0]], left=2)
    sheet.widen(widths[ends[0] :])
    sheet.space()
    area = sheet.records(official.fields(says, COLUMNS), register.lines, main=True)
    sheet.ws.print_title_rows = f"{area.header_row - 1}:{area.header_row}"
    if language == "fr":
        _originals(sheet, area.header_row)
    for last in ends[:-1]:
        sheet.ws.col_breaks.append(Break(id=last))
    sheet.ws.page_setup.fitToWidth = len(ends)
    return book


def _ends() -> list[int]:
    """The last column of each printed page."""
    return list(accumulate(sum(column.group in page for column in COLUMNS) for page in PAGES))


def _cover(book: Book, says: Says, register: IcoRegister) -> None:
    """The parties, which the template has at its head, and how to read the rest."""
    sheet = book.sheet(says("sheet.cover"), says("cover.title"), says("cover.intro"), [column.width for column in PARTIES])
    sheet.space()
    sheet.records(official.fields(says, PARTIES), register.parties)
    sheet.heading(says("cover.reading"))
    sheet.facts(
        (says(f"cover.{key}"), says(f"cover.{key}.text", not_stated=says.not_stated))
        for key in ("silence", "evidence", "british")
    )


def _originals(sheet: Sheet, row: int) -> None:
    """The template's own labels, as comments of their translations."""
    french, english = Words(LABELS, "fr"), Words(LABELS, "en")
    for number, key in enumerate(HEADERS, start=1):
        sheet.ws.cell(row, number).comment = Comment(french("original", label=english(key)), "ICO", width=260, height=70)
