"""A verdict has several forms: joined to its population, over the table itself, split by whom rows name. They say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from workbench import STORES, Bench, copy, take

from retention.night.context import Night
from retention.night.disposal.judging import judging
from retention.night.on_hold import Present, present
from retention.night.verdicts import About, Compiled

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


@pytest.mark.parametrize("store", STORES)
def test_the_parts_of_a_disposal_are_the_rows_that_are_due(prepared: dict[str, Night], store: str) -> None:
    night, compared = prepared[store], 0
    for population in night.populations:
        with night.session.reading() as connection:
            made = judging(night, population.name, stale=False, holds=present(connection))
            due = made.joined.due_verdicts()
            joined = connection.execute(made.joined.select(made.joined.rows.c.record_key).where(made.joined.due(due))).scalars()
            whole = sorted(joined)
            parts: list[object] = []
            for part in made.parts:
                assert [v.words for v in part.due_verdicts()] == [v.words for v in due]
                rows = select(part.rows.c.record_key).where(part.due(part.due_verdicts()))
                if part.inline == "nobody":
                    rows = rows.select_from(part.table).where(part.naming.is_(None))
                elif part.inline == "known":
                    rows = rows.select_from(part.table.join(part.known, part.known.c.subject_key == part.naming))
                parts += connection.execute(rows).scalars()
        if made.parts:
            assert sorted(parts, key=str) == sorted(whole, key=str), population.name
            compared += len(whole)
    assert compared > 0 or store in ("account", "subscription")  # what is due there is joined, or waits for its children


@pytest.mark.parametrize("store", STORES)
def test_which_queries_are_read_as_their_table(prepared: dict[str, Night], store: str) -> None:
    night = prepared[store]
    assert {p.name for p in night.populations if night.inlines(p.name)} == PLAIN[store]
