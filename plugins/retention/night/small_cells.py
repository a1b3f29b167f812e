"""Cells too small to be anonymised: rows that would look like fewer than the declared number of others are deleted instead."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    select,
)

from retention.declare.stores import Population
from retention.stores import tables
from retention.stores.dialect import exact
from retention.stores.places import table_of

_BETWEEN = "\x1f"  # a unit separator: no browser or system is called so


def cell_text(source: Any, population: Population) -> ColumnElement[Any]:
    """What a row's cell says, as one text; absent and empty are the same."""
    said: ColumnElement[Any] = literal("")
    for number, name in enumerate(population.cell):
        part = func.coalesce(cast(source.c[name], String(255)), "")
        said = part if number == 0 else said + literal(_BETWEEN) + part
    return exact(said)


def in_small_cell(population: Population, rule: str, key: ColumnElement[Any], alias: str) -> ColumnElement[bool]:
    """Whether the row of that key lies in a cell that `mark` found too small under the rule."""
    if not population.cell:
        return false()
    cell = tables.small_cell.alias(f"{alias}_cell")
    row = table_of(population, *{population.key, *population.cell}).alias(f"{alias}_in")
    mine = and_(cell.c.population == population.name, cell.c.rule == rule)
    found = select(cell.c.cell).where(mine, row.c[population.key] == key, cell.c.cell == cell_text(row, population))
    return case((exists(select(cell.c.cell).where(mine)), exists(found.correlate_except(cell, row))), else_=false())


def mark(connection: Connection, compiled: Any) -> None:
    """Finds the small cells of a population anew, counting rows about to be anonymised and those that were before."""
    population, cells = compiled.population, tables.small_cell
    connection.execute(delete(cells).where(cells.c.population == population.name))
    for term in compiled.asked.terms:
        if not (population.cell and term.smallest_cell):
            continue
        about = [v for v in compiled.due_verdicts() if v.term == term and v.reason != "small_cell"]
        done = [v.code for v in compiled.verdicts if v.reason == "already_anonymised"]
        row = compiled.table.alias("alike")
        cell = cell_text(row, population).label("cell")
        alike = (
            compiled.select(cell)
            .join(row, row.c[population.key] == compiled.rows.c.record_key)
            .where(compiled.could_be_due(), compiled.due(about) | compiled.code.in_(done))
            .subquery("alike_rows")
        )
        small = select(literal(population.name), literal(term.id), alike.c.cell).group_by(alike.c.cell)
        few = small.having(func.count() < term.smallest_cell)
        connection.execute(insert(cells).from_select(["population", "rule", "cell"], few))
