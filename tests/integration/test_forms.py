"""A verdict has several forms: joined to its population, over the table itself, split by whom rows name. They say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, case, func, select
from workbench import STORES, Bench, copy, take

from retention.declare.words import Action
from retention.evidence.records import ScanLine
from retention.night import scan
from retention.night.context import Night
from retention.night.disposal.judging import Judging, judging
from retention.night.disposal.statements import Disposer, Slice
from retention.night.disposal.units import Unit, alike
from retention.night.on_hold import Present, present
from retention.night.verdicts import About, Compiled
from retention.stores import tables

Said = dict[object, tuple[int, int]]
PLAIN = {
    "account": {"accounts"},
    "subscription": {"suppression_list"},
    "transaction": {"orders", "invoices", "payments"},
    "usage": {"visits", "page_events"},
}


@pytest.fixture(scope="module")
def prepared(untouched_there: Bench, fast_folder: Callable[[], Path]) -> Iterator[dict[str, Night]]:
    """A night of every store that has its holds and facts."""
    bench = Bench(copy(untouched_there.workspace, fast_folder()), untouched_there.sample)
    nights = {store: bench.night(store) for store in STORES}
    for night in nights.values():
        take(night, ["prepare"])
    yield nights
    bench.close()


def said(connection: Connection, compiled: Compiled) -> Said:
    query = compiled.select(compiled.rows.c.record_key, compiled.code, compiled.freeze)
    if compiled.inline in ("nobody", "named"):
        named = compiled.naming
        query = query.where(named.is_(None) if compiled.inline == "nobody" else named.is_not(None))
    return {key: (code, freeze) for key, code, freeze in connection.execute(query)}


def forms(night: Night, population: str, holds: Present | None, gone: bool) -> Iterator[tuple[str, list[Compiled]]]:
    def form(about: About | None) -> Compiled:
        return night.compile(population, facts_stale=False, children_gone=gone, inline=about, holds=holds)

    yield "joined", [form(None)]
    if night.inlines(population):
        yield "inlined", [form("anybody")]
        if night.asked[population].needs_facts:
            yield "split", [form("nobody"), form("named")]


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("store", STORES)
def test_every_form_gives_every_row_the_same_verdict(prepared: dict[str, Night], store: str, gone: bool) -> None:
    night = prepared[store]
    for population in night.populations:
        with night.session.reading() as connection:
            whole = said(connection, night.compile(population.name, facts_stale=False, children_gone=gone))
            there = present(connection)
            for holds in (None, there):
                for name, parts in forms(night, population.name, holds, gone):
                    found = [said(connection, part) for part in parts]
                    assert sum(map(len, found)) == len(whole), (population.name, name)
                    assert {key: value for part in found for key, value in part.items()} == whole, (population.name, name)
        assert len({code for code, _ in whole.values()}) > 1 or population.name == "suppression_list"


def lines_by_row(connection: Connection, compiled: Compiled) -> list[ScanLine]:
    """The lines of a scan, reckoned from the verdict of each row."""
    anchors = scan.anchors_of(compiled)
    erased = case((compiled.requested, 1), else_=0)
    query = compiled.select(compiled.code, compiled.freeze, erased, *(a.label(name) for name, a in anchors.items()))
    if compiled.inline in ("nobody", "named"):
        named = compiled.naming
        query = query.where(named.is_(None) if compiled.inline == "nobody" else named.is_not(None))
    groups: dict[tuple[int, int, int], list[Sequence[Any]]] = {}
    for code, freeze, asked_for, *values in connection.execute(query):
        groups.setdefault((code, freeze, asked_for), []).append(values)
    requests = select(func.min(tables.hold.c.placed_on)).where(tables.hold.c.rank == tables.ERASURE_RANK)
    asked_on, zone = connection.execute(requests).scalar(), ZoneInfo(compiled.asked.store.declared.timezone)
    lines = []
    for (code, freeze, asked_for), found in groups.items():
        row: dict[str, Any] = {"code": code, "freeze": freeze, "erased": asked_for, "rows": len(found)}
        for name, told in zip(anchors, zip(*found, strict=True), strict=True):
            days = sorted((value for value in told if value is not None), key=str)  # unlike ones stand in quarantine only
            row |= {f"{name}__min": days[0] if days else None, f"{name}__max": days[-1] if days else None}
        lines.append(scan.line_of(compiled, scan.Group(row, zone, asked_on)))
    return sorted(lines, key=repr)


@pytest.mark.parametrize("store", STORES)
def test_a_scan_counts_what_every_row_is_told(prepared: dict[str, Night], store: str) -> None:
    """Whether it knows which holds there are, and asks of the rows that none of them is about apart, or not."""
    night, frozen = prepared[store], 0
    for population in night.populations:
        with night.session.reading() as connection:
            known = present(connection)
            told = dict(forms(night, population.name, known, False))
            for name, plain in forms(night, population.name, None, False):
                for one, other in zip(plain, told[name], strict=True):
                    expected = lines_by_row(connection, one)
                    assert sorted(scan.counted(connection, other), key=repr) == expected, (population.name, name)
                    assert sorted(scan.counted(connection, one), key=repr) == expected, (population.name, name)
                    frozen += sum(line.disposition == "held" for line in expected)
    assert frozen or store == "subscription"


@pytest.mark.parametrize("few", [0, 50_000])
@pytest.mark.parametrize("store", STORES)
def test_a_disposal_asks_for_the_rows_that_are_due(
    prepared: dict[str, Night], store: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what it asks of the table itself, for each kind of work: with what is granted said once, and facts as a set or not."""
    monkeypatch.setattr("retention.night.disposal.judging.FEW_SUBJECTS", few)
    night, compared = prepared[store], 0
    for population in night.populations:
        with night.session.reading() as connection:
            holds = present(connection)
            for unit in kinds_of_work(night, population.name, holds):
                made = judging(night, connection, unit, stale=False, holds=holds)
                assert made.together <= (night.session.dialect == "postgresql" and few > 0)
                words = [verdict.words for verdict in made.joined.due_verdicts()]
                assert all([verdict.words for verdict in part.due_verdicts()] == words for part in made.parts)
                found = of_the_table(connection, made, unit)
                joined = made.joined.select(made.joined.rows.c.record_key).where(made.joined.due(alike(made.joined, unit.code)))
                if found is not None:
                    assert found == sorted(connection.execute(joined).scalars()), (population.name, unit)
                    compared += len(found)
    assert compared > 0 or store in ("account", "subscription")  # what is due there is joined, or waits for its children


def of_the_table(connection: Connection, made: Judging, unit: Unit) -> list[object] | None:
    """The keys that a disposal of the whole table would find; None where it does not ask the table itself, or not by ranges."""
    disposer = Disposer(connection.dialect, made, unit, None)
    if not made.parts or disposer.texts:
        return None
    values = disposer._values(connection, Slice(0, 10**8))
    queries = (select(disposer.key).where(*where) for where in disposer._where(False, False))
    return sorted(key for query in queries for key in connection.execute(query, values).scalars())


def kinds_of_work(night: Night, population: str, holds: Present) -> Iterator[Unit]:
    """A unit over the whole table for each verdict that disposes of something."""
    joined = night.compile(population, facts_stale=False, children_gone=True, place=True, holds=holds)
    whole = Unit(0, 0, population, "range", "", "", Action.DELETE, 0, 0, 10**8, 0, 0, 0, 0)
    for verdict in joined.due_verdicts():
        assert verdict.action is not None
        yield replace(whole, code=verdict.code, rule=verdict.rule or "", reason=verdict.reason, action=verdict.action)


@pytest.mark.parametrize("store", STORES)
def test_which_queries_are_read_as_their_table(prepared: dict[str, Night], store: str) -> None:
    night = prepared[store]
    assert {p.name for p in night.populations if night.inlines(p.name)} == PLAIN[store]
