"""The register as tables. A column is an attribute of the model under its own name: header and value belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ropa.register.editions.package.columns import Column, Table, columns
from ropa.register.model import NOT_STATED, Finding
from ropa.register.publication import Publication


class Of(NamedTuple):
    """The `position`-th item of something, from 1."""

    owner: Any
    position: int
    item: Any


class About(NamedTuple):
    """A finding, and what it is about: a rule, a category, or a category in an activity."""

    id: str
    rule: str | None
    category: str | None
    activity: str | None
    finding: Finding


def _table(
    name: str, rows: Callable[[Publication], Iterable[Any]], spec: str, key: str, links: dict[str, str] | None = None
) -> Table:
    return Table(name, rows, columns(spec), tuple(key.split()), links or {})


def _part(name: str) -> Callable[[Publication], Iterable[Any]]:
    """Rows of a part of the register: `activities`, `processor.activities`."""

    def rows(publication: Publication) -> Iterable[Any]:
        found: Any = publication.register
        for each in name.split("."):
            found = getattr(found, each)
        return found if isinstance(found, tuple) else (found,)

    return rows


def _items(part: str, field: str) -> Callable[[Publication], Iterable[Any]]:
    """Rows of what the parts of the register list in a field; nothing where the policy does not state it."""

    def rows(publication: Publication) -> Iterator[Of]:
        for owner in _part(part)(publication):
            found = Column("", field, "string", asked=False).value(owner)
            for position, item in enumerate(() if found == NOT_STATED else found, start=1):
                yield Of(owner, position, item)

    return rows


def _listed(name: str, part: str, field: str, owner: str, item: str, key: str, links: dict[str, str]) -> Table:
    """A table of what the parts of the register list, in their order."""
    return _table(name, _items(part, field), f"{owner} position:i {item}", f"{key} position", links)


def _runs(publication: Publication) -> Iterable[Any]:
    runs = (run for night in publication.register.nights for run in (night.last, night.counted) if run is not None)
    return {run.run_id: run for run in runs}.values()


def _findings(publication: Publication) -> Iterator[About]:
    register = publication.register
    for line in register.schedule:
        yield About(f"rule/{line.id}", line.id, None, None, line.finding)
    for category in register.categories:
        yield About(f"category/{category.id}", None, category.id, None, category.finding)
    for activity in register.activities:
        for found in activity.found:
            name = f"activity/{activity.ref}/{found.category.id}"
            yield About(name, None, found.category.id, activity.ref, found.finding)


def _found(field: str) -> Callable[[Publication], Iterable[Any]]:
    def rows(publication: Publication) -> Iterator[Of]:
        for about in _findings(publication):
            for position, item in enumerate(getattr(about.finding, field), start=1):
                yield Of(about, position, item)

    return rows


def _disclosed(publication: Publication) -> Iterator[Of]:
    """Each element disclosed, or one row without an element for a category that is disclosed whole."""
    for recipient in publication.register.recipients:
        data = () if recipient.data == NOT_STATED else recipient.data
        rows = [(each.category, element) for each in data for element in each.only or (None,)]
        for position, (category, element) in enumerate(rows, start=1):
            yield Of(recipient, position, Of(category, position, element))


_ACTIVITY = ("activity=owner.ref", "activity", {"activity": "activities"})
_STATEMENT = "id title detail lines"
_DISPOSED = " ".join(
    f"{span}_{action}=finding.{span}.{action}:i"
    for span in ("last_run", "days_30", "months_12")
    for action in ("deleted", "anonymised", "minimised", "archived")
)


def _of_activity(name: str, field: str, item: str, links: dict[str, str] | None = None) -> Table:
    owner, key, back = _ACTIVITY
    return _listed(name, "activities", field, owner, item, key, back | (links or {}))


TABLES: tuple[Table, ...] = (
    _table(
        "publication", lambda publication: (publication,),
        "number published_at:t draft:b content_hash approver=approval.approver approved_at=approval.at:t"
        " approval_note=approval.note approved_number=approval.number title=register.title as_of=register.as_of:d"
        " policy=register.grounding.policy_title policy_file=register.grounding.policy_file"
        " policy_sha256=register.grounding.policy_sha256 decision_set=register.grounding.decision_set.id"
        " decision_set_title=register.grounding.decision_set.title example=register.grounding.example:b"
        " policy_hash=register.grounding.policy_hash declaration_hash=register.grounding.declaration_hash"
        " created_on=register.grounding.created_on:d updated_on=register.grounding.updated_on:d",
        "number",
    ),
    _table(
        "controller", _part("controller"),
        "name registration_number street postcode city country sites dpo=dpo.title dpo_detail=dpo.detail dpo_lines=dpo.lines"
        " lines",
        "registration_number",
    ),
    _table("controller_roles", _part("controller.roles"), _STATEMENT, "id"),
    _table("controller_missing", _part("controller.missing"), "id title", "id"),
    _table(
        "stores", _part("nights"),
        "id=store.id title=store.title last_run=last.run_id counted_run=counted.run_id same_declaration:b late_days:i", "id",
        {"last_run": "runs", "counted_run": "runs"},
    ),
    _table("runs", _runs, "run_id as_of:d status started_at:t policy_hash", "run_id"),
    _table(
        "activities", _part("activities"),
        "ref id title purpose subjects.kind subjects_inferred:b categories.kind elements.kind recipients.kind transfers.kind"
        " bases_stated=bases?:b time_limit security.kind notes lines verdict why", "ref",
    ),
    _of_activity("activity_purposes", "purposes", "purpose=item.id title=item.title"),
    _of_activity("activity_subjects", "subjects.items", "subject=item.id title=item.title"),
    _of_activity("activity_categories", "categories.items", "category=item.id title=item.title", {"category": "categories"}),
    _of_activity("activity_elements", "elements.items", "element=item.id title=item.title", {"element": "elements"}),
    _of_activity("activity_recipients", "recipients.items", "recipient=item.id title=item.title", {"recipient": "recipients"}),
    _of_activity("activity_transfers", "transfers.items", "transfer=item.id title=item.title", {"transfer": "transfers"}),
    _of_activity(
        "activity_bases", "bases",
        "basis=item.basis title=item.title article=item.article doubtful=item.doubtful:b inferred=item.inferred:b"
        " note=item.note",
    ),
    _of_activity("activity_rules", "rules", "rule=item.id title=item.title", {"rule": "schedule"}),
    _of_activity("activity_measures", "security.items", "measure=item.id title=item.title", {"measure": "measures"}),
    _of_activity("activity_gaps", "gaps", "gap=item.id title=item.title"),
    _table("categories", _part("categories"), "id title subjects_inferred:b sources_stated=sources?:b lines", "id"),
    _listed(
        "category_subjects", "categories", "subjects", "category=owner.id", "subject=item.id title=item.title", "category",
        {"category": "categories"},
    ),
    _listed(
        "category_purposes", "categories", "purposes", "category=owner.id",
        "purpose=item.id title=item.title detail=item.detail lines=item.lines", "category", {"category": "categories"},
    ),
    _listed(
        "category_bases", "categories", "bases", "category=owner.id",
        "title=item.title article=item.article lines=item.lines", "category", {"category": "categories"},
    ),
    _listed(
        "category_sources", "categories", "sources", "category=owner.id",
        "source=item.id title=item.title detail=item.detail lines=item.lines", "category", {"category": "categories"},
    ),
    _table("elements", _part("elements"), "id title category note lines", "id", {"category": "categories"}),
    _listed("element_columns", "elements", "columns", "element=owner.id", "column=item", "element", {"element": "elements"}),
    _table(
        "recipients", _part("recipients"), "id name kind data_stated=data?:b purpose country safeguards activities lines", "id"
    ),
    _table(
        "recipient_data", _disclosed,
        "recipient=owner.id position:i category=item.owner.id element=item.item.id", "recipient position",
        {"recipient": "recipients", "category": "categories", "element": "elements"},
    ),
    _table(
        "transfers", _part("transfers"),
        "id title country third_country:b recipients.kind safeguards activities", "id",
    ),
    _listed(
        "transfer_recipients", "transfers", "recipients.items", "transfer=owner.id", "recipient=item.id title=item.title",
        "transfer", {"transfer": "transfers", "recipient": "recipients"},
    ),
    _table("schedule", _part("schedule"), "id title declared:b scope criterion months:i sources action cutoff:d", "id"),
    _listed("schedule_awaited", "schedule", "awaited", "rule=owner.id", "decision=item", "rule", {"rule": "schedule"}),
    _listed(
        "schedule_elements", "schedule", "only", "rule=owner.id", "element=item", "rule",
        {"rule": "schedule", "element": "elements"},
    ),
    _listed(
        "schedule_categories", "schedule", "categories", "rule=owner.id", "category=item", "rule",
        {"rule": "schedule", "category": "categories"},
    ),
    _listed(
        "schedule_stores", "schedule", "stores", "rule=owner.id", "store=item", "rule", {"rule": "schedule", "store": "stores"}
    ),
    _table(
        "findings", _findings,
        "id rule category activity scanned=finding.scanned:i records=finding.records:i oldest=finding.oldest:d"
        " due=finding.due:i held=finding.held:i quarantined=finding.quarantined:i undecided=finding.undecided:i"
        " spared=finding.spared:i"
        " overdue=finding.overdue.rows:i overdue_since=finding.overdue.since:d frozen=finding.frozen.rows:i"
        f" frozen_since=finding.frozen.since:d {_DISPOSED}"
        " checks_passed=finding.checks.passed:i check_warnings=finding.checks.warnings:i checks_failed=finding.checks.failed:i"
        " check_errors=finding.checks.errors:i verdict=finding.verdict why=finding.why counted_on=finding.counted_on:d",
        "id", {"rule": "schedule", "category": "categories", "activity": "activities"},
    ),
    _table(
        "finding_grounds", _found("grounds"),
        "finding=owner.id position:i ground=item.kind.id title=item.kind.title held=item.rows:i", "finding position",
        {"finding": "findings"},
    ),
    _table(
        "finding_runs", _found("runs"), "finding=owner.id position:i run=item", "finding position",
        {"finding": "findings", "run": "runs"},
    ),
    _table("measures", _part("security"), _STATEMENT, "id"),
    _table("rights", _part("rights"), "id title limits article scope effect", "id"),
    _table("exercise", _part("exercise"), _STATEMENT, "id"),
    _table("cookies", _part("cookies"), "id title setter own:b count:i lifetime recipient", "id"),
    _table("cookie_practice", _part("cookie_practice"), _STATEMENT, "id"),
    _table(
        "decisions", _part("decisions"),
        "id question decided:b value source awaited approver checked_on:d review_by:d review_due:b", "id",
    ),
    _listed(
        "decision_rules", "decisions", "rules", "decision=owner.id", "rule=item.id title=item.title", "decision",
        {"decision": "decisions", "rule": "schedule"},
    ),
    _table("gaps", _part("gaps"), "id rank:i title detail closes owner where lines waiting:i", "id"),
    _table(
        "processor", _part("processor.activities"),
        "ref id title processing controllers transfers security.kind lines", "ref",
    ),
    _listed(
        "processor_measures", "processor.activities", "security.items", "activity=owner.ref",
        "measure=item.id title=item.title", "activity", {"activity": "processor", "measure": "measures"},
    ),
    _listed(
        "processor_missing", "processor.activities", "missing", "activity=owner.ref", "missing=item.id title=item.title",
        "activity", {"activity": "processor"},
    ),
    _listed(
        "processor_gaps", "processor.activities", "gaps", "activity=owner.ref", "gap=item.id title=item.title", "activity",
        {"activity": "processor"},
    ),
    _table(
        "processor_record", _part("processor"), "title notice created_on:d updated_on:d", "title",
    ),
    _table(
        "quotations", lambda publication: (Of(None, *each) for each in enumerate(publication.register.quotations, start=1)),
        "position:i section=item.section id=item.id title=item.title lines=item.citation.lines quote=item.citation.quote",
        "position",
    ),
    _table("checks", _part("checks"), "id title article legal:b outcome", "id"),
    _listed("check_concerns", "checks", "concerns", "check=owner.id", "reference=item", "check", {"check": "checks"}),
)  # fmt: skip
