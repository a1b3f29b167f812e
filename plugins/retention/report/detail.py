"""The detail beside the report: every record held or in quarantine by opaque reference, and every receipt. Any number of them.

The report is written every night and names no record; the detail is written when a person asks for it. Its lists of records
are read from the stores as they are then, one pass over each table.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from retention import clock
from retention.cells import as_civil
from retention.evidence.records import Receipt
from retention.explain.apart import Apart, records_apart
from retention.longtable import LongTable
from retention.report import reasons
from retention.report.context import Report
from retention.report.quarantine import mend
from retention.workbook import Column, Field, Marked, Sheet, Value
from retention.workspace import Workspace

WIDTHS = (28, 40, 16, 22, 40)
ONLY_MINE = 0o600
T = TypeVar("T")


@dataclass
class List(Generic[T]):
    """A list of the detail: its table, what it says of an item, and how many there are by store."""

    key: str
    table: LongTable
    fields: Sequence[Field[T]]
    by_store: dict[str, int] = field(default_factory=dict)

    def add(self, store: str, item: T) -> None:
        self.table.add([field.of(item) for field in self.fields])
        self.by_store[store] = self.by_store.get(store, 0) + 1


def fill(report: Report, workspace: Workspace) -> None:
    """Fills the report's book with the lists. Raises StoreError where a store cannot be read: a list is whole or it is not."""
    cover = report.sheet("detail", WIDTHS)
    words = _Words(report)
    held = _list(report, "held", _held_fields(report, words))
    quarantined = _list(report, "set_aside", _quarantine_fields(report, words))
    receipts = list_receipts(report)
    begun = clock.now()
    holds = report.evidence.holds()
    for store in report.nights:
        for record in records_apart(workspace, report.bundle, store, report.as_of, holds):
            (held if record.disposition == "held" else quarantined).add(store, record)
    lists: tuple[List[Apart] | List[Receipt], ...] = (held, quarantined, receipts)
    for each in lists:
        each.table.finish(report.say(f"{each.key}.none"))
    _write_cover(report, cover, lists, begun)


def list_receipts(report: Report) -> List[Receipt]:
    """One line per receipt of the report's runs."""
    receipts = _list(report, "batches", receipt_fields(report))
    for receipt in report.evidence.each_receipt([night.run.run_id for night in report.nights.values()]):
        receipts.add(receipt.store, receipt)
    return receipts


def _list(report: Report, key: str, fields: Sequence[Field[T]]) -> List[T]:
    return List(key, report.long(key, [field.column for field in fields]), fields)


def _write_cover(report: Report, sheet: Sheet, lists: Iterable[List[Apart] | List[Receipt]], begun: dt.datetime) -> None:
    """What there is, how much of it, and whether it is as much as the last scans counted."""
    say = report.say
    sheet.facts(
        [
            (say("detail.read_at"), f"{say.date(as_civil(begun))} {as_civil(begun):%H:%M}"),
            (say("detail.privacy"), say("detail.privacy.text")),
        ]
    )
    batches: Counter[str] = Counter()
    for total in report.evidence.disposed(run_ids=[night.run.run_id for night in report.nights.values()]):
        batches[total.store] += total.batches
    counted = {
        "held": {store: _rows(report, store, "held") for store in report.nights},
        "set_aside": {store: _rows(report, store, "quarantine") for store in report.nights},
        "batches": {store: batches.get(store, 0) for store in report.nights},
    }
    columns = [
        Column(say("detail.list"), kind="link"),
        Column(say("col.store"), kind="strong"),
        Column(say("detail.listed"), kind="count"),
        Column(say("detail.counted"), kind="count"),
        Column(say("detail.difference")),
    ]
    sheet.heading(say("detail.lists"))
    sheet.table(
        columns, [_compared(report, each, store, counted[each.key][store]) for each in lists for store in report.nights]
    )
    further = [part.sheet for each in lists for part in each.table.parts[1:]]
    if further:
        sheet.heading(say("detail.further"))
        sheet.rows(columns[:1], [[Marked(other.name, target=other.at(1))] for other in further])


def _compared(report: Report, each: List[Apart] | List[Receipt], store: str, counted: int) -> list[Value]:
    say, listed, first = report.say, each.by_store.get(store, 0), each.table.parts[0].sheet
    words = Marked(say("detail.same"), "good") if listed == counted else Marked(say("detail.changed"), "note")
    return [Marked(first.name, target=first.at(1)), report.store(store), listed, counted, words]


def _rows(report: Report, store: str, disposition: str) -> int:
    return sum(line.rows for name, line in report.lines(latest=True) if name == store and line.disposition == disposition)


class _Words:
    """The report's words for codes, each looked up once."""

    def __init__(self, report: Report) -> None:
        self.store: Callable[[str], str] = lru_cache(maxsize=None)(report.store)
        self.population: Callable[[str, str], str] = lru_cache(maxsize=None)(report.population)
        self.rule: Callable[[str | None], str] = lru_cache(maxsize=None)(report.rule)
        self.reason: Callable[[str], str] = lru_cache(maxsize=None)(report.reason)
        self.mend: Callable[[str], str] = lru_cache(maxsize=None)(lambda code: mend(report, code))
        self.ground: Callable[[str | None], str] = lru_cache(maxsize=None)(
            lambda kind: reasons.hold_title(report.bundle.rules, kind, report.language)
        )
        self.action: Callable[[str], str] = lru_cache(maxsize=None)(
            lambda code: reasons.words(reasons.ACTIONS, code, report.language)
        )


def _held_fields(report: Report, words: _Words) -> tuple[Field[Apart], ...]:
    say, as_of = report.say, report.as_of
    late = Marked(say("detail.yes"), "note")
    in_time = say("detail.no")

    def review(record: Apart) -> Value:
        return Marked(record.review_by, "bad") if record.review_by and record.review_by < as_of else record.review_by

    return (
        Field(Column(say("col.store"), 39, "strong"), lambda r: words.store(r.store)),
        Field(Column(say("col.population"), 40), lambda r: words.population(r.store, r.population)),
        Field(Column(say("detail.record"), 38, "code"), lambda r: r.record),
        Field(Column(say("holds.kind"), 38), lambda r: words.ground(r.hold_kind)),
        Field(Column(say("detail.since_hold"), 13, "date"), lambda r: r.since),
        Field(Column(say("holds.review"), 15, "date"), review),
        Field(Column(say("detail.late"), 14), lambda r: late if r.overdue else in_time),
        Field(Column(say("col.rule"), 40), lambda r: words.rule(r.rule)),
    )


def _quarantine_fields(report: Report, words: _Words) -> tuple[Field[Apart], ...]:
    say = report.say
    since = report.evidence.quarantined_since()
    return (
        Field(Column(say("col.store"), 39, "strong"), lambda r: words.store(r.store)),
        Field(Column(say("col.population"), 40), lambda r: words.population(r.store, r.population)),
        Field(Column(say("detail.record"), 38, "code"), lambda r: r.record),
        Field(Column(say("col.reason"), 62), lambda r: words.reason(r.reason)),
        Field(Column(say("quarantine.since"), 16, "date"), lambda r: since.get((r.store, r.population, r.reason))),
        Field(Column(say("quarantine.mend"), 66), lambda r: words.mend(r.reason)),
    )


def receipt_fields(report: Report) -> tuple[Field[Receipt], ...]:
    """What the list says of a receipt."""
    say, words = report.say, _Words(report)
    return (
        Field(Column(say("receipts.time"), 18, "moment"), lambda r: r.disposed_at),
        Field(Column(say("col.store"), 39), lambda r: words.store(r.store)),
        Field(Column(say("col.population"), 40), lambda r: words.population(r.store, r.population)),
        Field(Column(say("col.rule"), 40), lambda r: words.rule(r.rule)),
        Field(Column(say("col.action"), 26), lambda r: words.action(r.action)),
        Field(Column(say("col.rows"), 12, "count"), lambda r: r.rows),
        Field(Column(say("col.spared"), 11, "count"), lambda r: r.spared),
        Field(Column(say("receipts.root"), 66, "code"), lambda r: r.root),
        Field(Column(say("receipts.id"), 76, "code"), lambda r: r.receipt_id),
    )


def keep_private(path: Path) -> None:
    """References of records are for those who must look into them: nobody else on the machine may read the file."""
    path.chmod(ONLY_MINE)
