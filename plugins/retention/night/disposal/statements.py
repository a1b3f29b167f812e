"""The statements that dispose of a slice: the whole verdict evaluated again, on each database in the way that is safe there.

Where a population's query is plain, the verdict is asked of the table itself. The keys that are due are read first, in a
transaction in which these rows cannot change, then the rows are changed by the same conditions, and the counts must agree:

- PostgreSQL at REPEATABLE READ: both statements see one moment, and a row changed since ends the transaction (Conflict).
- MariaDB locks the rows it reads.

Where a conflict has ended a batch on PostgreSQL, the statement itself tells what it changed: it judges a row changed meanwhile
by what it has become. That costs PostgreSQL more than the disposal, so it is kept for such batches. SQLite, which has one
writer, is always asked so.

Where the query joins tables, or the table is kept in parts, PostgreSQL joins the table to its population by the physical place
of the row, and its part: a row changed since the statement began has moved, and is spared; a join by key would let it die
unseen. MariaDB locks the rows that are due, then disposes of exactly these with the predicate repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    String,
    any_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    not_,
    select,
    update,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from retention.declare.stores import Population
from retention.declare.words import Action
from retention.errors import Conflict, StoreError
from retention.night.disposal.judging import Judging
from retention.night.disposal.units import Unit, candidate_key
from retention.night.verdicts import Compiled
from retention.resolve import children_of
from retention.stores import tables
from retention.stores.dialect import month_start, packed, unpacked
from retention.stores.places import table_of
from retention.stores.query import TID

AT_ONCE = 10_000  # keys in one statement


@dataclass(frozen=True)
class Slice:
    """The part of a unit that one batch takes: from `low` up to but not including `high`."""

    low: int
    high: int
    refused: tuple[Any, ...] = ()  # keys the database has refused to let go of in this run
    only: tuple[Any, ...] | None = None  # of these keys alone: where a batch was refused and is halved
    told: bool = False  # PostgreSQL: the transaction sees each statement's own moment, so the change itself tells its keys


class Disposer:
    """The statements for one kind of work on one population, compiled once and executed slice after slice."""

    def __init__(
        self,
        dialect: Dialect,
        judging: Judging,
        unit: Unit,
        last_key: int | None,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        """`last_key`: rows above it came after the scan, and are the next night's. `turn`: waited for before rows change."""
        self.dialect, self.judging, self.unit, self.last_key = dialect, judging, unit, last_key
        self.turn = nullcontext() if turn is None else turn
        self.compiled = judging.joined
        self.verdicts = judging.verdicts
        self.population = self.compiled.population
        self.texts = self.population.key_type != "integer"
        self.table = judging.joined.table
        self.key = self.table.c[self.population.key]
        self._ready: dict[tuple[str, bool, bool], Any] = {}

    def dispose(self, connection: Connection, slice_: Slice) -> Any:
        """Deletes, blanks or moves the rows of the slice that are due. Returns their keys: an int64 array, or a list of texts.

        Raises Conflict where other programs changed some of them meanwhile: nothing of the transaction may be kept then.
        """
        values = self._values(connection, slice_)
        if self.unit.action is Action.ARCHIVE:
            return self._archive(connection, slice_, values)
        if self.judging.parts:
            told = slice_.told or self.dialect.name == "sqlite"
            return (self._told if told else self._seen)(connection, slice_, values)
        if self.dialect.name == "postgresql":
            return self._by_place(connection, slice_, values)
        if self.dialect.name in ("mysql", "mariadb"):
            return self._by_lock(connection, slice_, values)
        return self._typed(list(self._run(connection, "by_key", slice_, values).scalars()))

    def due_keys(self, connection: Connection, slice_: Slice) -> list[Any]:
        """The keys of the slice that are due, in order."""
        return list(self._run(connection, "due_keys", slice_, self._values(connection, slice_)).scalars())

    def subjects(self, connection: Connection, slice_: Slice) -> Any:
        """The data subjects of the rows of the slice, as a SELECT with its parameters bound."""
        rows = self.compiled.rows
        inside = self._inside(self.compiled, slice_.only is not None, bool(slice_.refused))
        return (
            select(rows.c.subject_key).select_from(self.compiled.origin).where(*inside).params(self._values(connection, slice_))
        )

    def fingerprints(self, connection: Connection, slice_: Slice) -> dict[Any, dict[str, Any]]:
        """What the suppression list keeps of profiles about to go, by record key. Keyed digests, at most a batch of them."""
        if self.population.suppression is None or self.unit.action not in (Action.DELETE, Action.ARCHIVE):
            return {}
        found = self._run(connection, "fingerprints", slice_, self._values(connection, slice_)).mappings()
        return {row.pop("leaving_key"): row for row in (dict(row) for row in found)}

    # which rows

    def _inside(self, compiled: Compiled, only: bool, refused: bool) -> list[ColumnElement[bool]]:
        """The rows of a slice, as conditions on the population."""
        key = compiled.rows.c.record_key
        found: list[ColumnElement[bool]] = []
        if self.unit.strategy == "listed":
            found.append(self._listed(key))
        elif self.dialect.name == "postgresql":
            found += pages(compiled.table.c.ctid if compiled.inline else compiled.rows.c.record_tid)
        else:
            found += [key >= bindparam("low"), key < bindparam("high")]
        if self.last_key is not None:
            found.append(key <= self.last_key)
        if only:
            found.append(key.in_(_several("only")))
        if refused:
            found.append(key.not_in(_several("refused")))
        return found

    def _listed(self, key: ColumnElement[Any]) -> ColumnElement[bool]:
        if self.dialect.name == "sqlite":
            return key.in_(self._list())
        if self.dialect.name == "postgresql":  # one parameter: the server reads so many faster, and counts them rightly
            return key == any_(bindparam("listed", type_=ARRAY(key.type)))
        return key.in_(_several("listed"))

    def _list(self) -> Any:
        """The keys of a part of the candidate list."""
        c = tables.candidate.c
        low, high = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
        return select(candidate_key(self.population)).where(c.population == self.population.name, c.seq >= low, c.seq < high)

    def _judged(self, compiled: Compiled) -> list[ColumnElement[bool]]:
        """The whole verdict, evaluated anew, behind a cheap condition it implies."""
        return [*self.judging.surely(compiled), compiled.due(self.verdicts)]

    def _due(self, compiled: Compiled, only: bool, refused: bool, *columns: Any) -> Any:
        """The rows of a slice that are due, with their facts joined."""
        return compiled.select(*columns).where(*self._inside(compiled, only, refused), *self._judged(compiled))

    def _values(self, connection: Connection, slice_: Slice) -> dict[str, Any]:
        values: dict[str, Any] = {"low": slice_.low, "high": slice_.high}
        if self.unit.strategy == "listed" and self.dialect.name != "sqlite":
            values = {"listed": list(connection.execute(self._list(), values).scalars())}
        elif self.unit.strategy == "range" and self.dialect.name == "postgresql":
            values = {name: f"({page},0)" for name, page in values.items()}
        if slice_.only is not None:
            values["only"] = list(slice_.only)
        if slice_.refused:
            values["refused"] = list(slice_.refused)
        return values

    def _run(self, connection: Connection, name: str, slice_: Slice, values: dict[str, Any]) -> Any:
        return connection.execute(self._statement(name, slice_.only is not None, bool(slice_.refused)), values)

    def _statement(self, name: str, only: bool = False, refused: bool = False) -> Any:
        """A statement is built once: saying the verdict anew takes longer than some batches."""
        variant = (name, only, refused)
        if variant not in self._ready:
            self._ready[variant] = getattr(self, f"_make_{name}")(only, refused)
        return self._ready[variant]

    def _make_due_keys(self, only: bool, refused: bool) -> Any:
        key = self.compiled.rows.c.record_key
        return self._due(self.compiled, only, refused, key).order_by(key)

    # the table itself

    def _seen(self, connection: Connection, slice_: Slice, values: dict[str, Any]) -> Any:
        """Keys first, then the change, which must be about as many rows."""
        variant = (slice_.only is not None, bool(slice_.refused))
        found = [self._keys(connection.execute(seen, values)) for seen in self._statement("seen", *variant)]
        keys = found[0] if len(found) == 1 else [key for part in found for key in part] if self.texts else np.concatenate(found)
        if len(keys):
            changes = self._statement("changes", *variant)
            with self.turn:
                changed = sum(connection.execute(change, values).rowcount for change in changes)
            if changed != len(keys):
                raise Conflict("rows changed while they were being disposed of", mend="nothing: the batch is tried again")
        return keys

    def _keys(self, result: Any) -> Any:
        return list(result.scalars()) if self.texts else unpacked(result.scalar(), self.dialect.name)

    def _told(self, connection: Connection, slice_: Slice, values: dict[str, Any]) -> Any:
        """What the change itself tells."""
        changes = self._statement("changes", slice_.only is not None, bool(slice_.refused))
        results = (connection.execute(change.returning(self.key), values) for change in changes)
        return self._typed([key for result in results for key in result.scalars()])

    def _make_seen(self, only: bool, refused: bool) -> list[Any]:
        key = self.key if self.texts else packed(self.key, self.dialect.name)
        queries = (select(key).select_from(self.table).where(*where, *self._spared()) for where in self._where(only, refused))
        return [query.with_for_update() if self.dialect.name in ("mysql", "mariadb") else query for query in queries]

    def _make_changes(self, only: bool, refused: bool) -> list[Any]:
        return [self._change(*where) for where in self._where(only, refused)]

    def _where(self, only: bool, refused: bool) -> list[list[ColumnElement[bool]]]:
        """The rows of a slice that are due, as conditions on the table."""
        inside = self._inside(self.judging.parts[0], only, refused)
        return [[*inside, *conditions] for conditions in self.judging.of_the_table()]

    # the table joined to its population

    def _make_by_key(self, only: bool, refused: bool) -> Any:
        due = self._due(self.compiled, only, refused, self.compiled.rows.c.record_key)
        return self._change(self.key.in_(due)).returning(self.key)

    def _make_by_place(self, only: bool, refused: bool) -> Any:
        return self._change(*self._in_place(only, refused)).returning(self.key)

    def _in_place(self, only: bool, refused: bool) -> list[ColumnElement[bool]]:
        """The rows of a slice that are due, by the physical place of each."""
        rows = self.compiled.rows
        told = rows.c.record_tid.label("tid"), rows.c.record_part.label("part")
        doomed = self._due(self.compiled, only, refused, *told).subquery("doomed")
        place = self.table.c.ctid
        where = [place == doomed.c.tid]
        if self.unit.part is None and self.population.name in self.compiled.setting.partitioned:
            where.append(self.table.c.tableoid == doomed.c.part)  # two partitions have rows in the same place
        if self.unit.strategy == "range":  # said of both sides, so that neither is read beyond the range
            where += pages(place)
        return where

    def _by_place(self, connection: Connection, slice_: Slice, values: dict[str, Any]) -> Any:
        return self._typed(list(self._run(connection, "by_place", slice_, values).scalars()))

    def _make_lock(self, only: bool, refused: bool) -> Any:
        due = self._due(self.compiled, only, refused, self.compiled.rows.c.record_key)
        return select(self.key).where(*self._here(), self.key.in_(due)).with_for_update()

    def _here(self) -> list[ColumnElement[bool]]:
        """The slice once more, of the table itself: MariaDB would read and lock it from end to end for each batch."""
        if self.unit.strategy == "listed":
            return [self._listed(self.key)]
        return [self.key >= bindparam("low"), self.key < bindparam("high")]

    def _make_by_lock(self, _only: bool, _refused: bool) -> Any:
        rows, these = self.compiled.rows, _several("these")
        again = self.compiled.select(rows.c.record_key).where(rows.c.record_key.in_(these), self.compiled.due(self.verdicts))
        return self._change(self.key.in_(these), self.key.in_(again))

    def _by_lock(self, connection: Connection, slice_: Slice, values: dict[str, Any]) -> Any:
        keys = list(self._run(connection, "lock", slice_, values).scalars())
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            if connection.execute(self._statement("by_lock"), {"these": part}).rowcount != len(part):
                raise Conflict("rows changed while they were being disposed of", mend="nothing: the batch is tried again")
        return self._typed(keys)

    # into the archive: what is deleted and what is kept are one set of rows, on each database in its own way

    def _archive(self, connection: Connection, slice_: Slice, values: dict[str, Any]) -> Any:
        if self.dialect.name == "postgresql":
            moved = self._run(connection, "move", slice_, values).all()
            _agree(len(moved), int(moved[0].kept) if moved else 0)
            return self._typed([row.key for row in moved])
        which = "due_keys" if self.dialect.name == "sqlite" else "lock"
        keys = list(self._run(connection, which, slice_, values).scalars())
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            if connection.execute(self._statement("keep"), {"these": part}).rowcount != len(part):
                raise Conflict("rows changed while they were being archived", mend="nothing: the batch is tried again")
            _agree(len(part), connection.execute(self._statement("leave"), {"these": part}).rowcount)
        return self._typed(keys)

    def _make_move(self, only: bool, refused: bool) -> Any:
        """PostgreSQL: the row that the DELETE took away is the row that is kept, as it was at that moment."""
        gone = self._delete(*self._in_place(only, refused)).returning(*self.table.c).cte("gone")
        kept = self._into_archive(gone.c, select(gone)).returning(literal_column("1").label("one")).cte("kept")
        number = select(func.count()).select_from(kept).scalar_subquery()
        return select(gone.c[self.population.key].label("key"), number.label("kept"))

    def _make_keep(self, _only: bool, _refused: bool) -> Any:
        """The rows of these keys that are due by the whole verdict, copied."""
        rows, these = self.compiled.rows, _several("these")
        again = self.compiled.select(rows.c.record_key).where(rows.c.record_key.in_(these), self.compiled.due(self.verdicts))
        return self._into_archive(self.table.c, select(self.table).where(self.key.in_(these), self.key.in_(again)))

    def _make_leave(self, _only: bool, _refused: bool) -> Any:
        """Deletes rows of which the archive says, column by column, what they say. Their verdict has just let them go."""
        there = table_of(self.archive, *self._archived).alias("there")
        same = [there.c[name].is_not_distinct_from(value) for name, value in self._kept(self.table.c).items()]
        return self._delete(self.key.in_(_several("these")), select(there.c[self.archive.key]).where(*same).exists())

    def _into_archive(self, source: Any, rows: Any) -> Any:
        kept = self._kept(source)
        return insert(table_of(self.archive, *kept)).from_select(list(kept), rows.with_only_columns(*kept.values()))

    def _kept(self, source: Any) -> dict[str, Any]:
        """Column of the archive -> what it gets: what no floor covers that still runs is blank there too."""
        blanked = set(self.verdicts[0].blanked)
        return {name: self._blank(of, source) if of in blanked else source[of] for name, of in self._archived.items()}

    @property
    def _archived(self) -> dict[str, str]:
        return self.compiled.asked.store.declared.archive_columns(self.population)

    @property
    def archive(self) -> Population:
        archive = self.compiled.asked.archive
        assert archive is not None
        return archive

    def _delete(self, *where: ColumnElement[bool]) -> Any:
        return delete(self.table).where(*where, *self._spared())

    def _change(self, *where: ColumnElement[bool]) -> Any:
        if self.unit.action is Action.DELETE:
            return self._delete(*where)
        values = {name: self._blank(name, self.table.c) for name in self.verdicts[0].blanked}
        return update(self.table).where(*where).values(values)

    def _spared(self) -> list[ColumnElement[bool]]:
        """That no row refers to one about to be deleted: a parent is spared rather than torn from its children."""
        found: list[ColumnElement[bool]] = []
        if self.unit.action not in (Action.DELETE, Action.ARCHIVE):
            return found
        for child in children_of(self.compiled.asked.store, self.population):
            if child.parent is not None:
                rows = table_of(child, child.parent.column).alias(f"ref_{child.name}")
                column = rows.c[child.parent.column]
                found.append(not_(select(column).where(column == self.key).correlate(self.table).exists()))
        return found

    def _blank(self, name: str, source: Any) -> Any:
        blank = self.population.columns[name].blank
        if blank == "month":
            return month_start(source[name], self.compiled.setting.dialect)
        return {"null": None, "empty": "", "zero": 0}[blank]

    def _make_fingerprints(self, only: bool, refused: bool) -> Any:
        suppression = self.population.suppression
        assert suppression is not None
        leaving = self.compiled.table.alias("leaving")
        rows = self.compiled.rows
        in_state = self._due(self.compiled, only, refused, rows.c.record_key).where(rows.c.state.in_(suppression.states))
        kept = [leaving.c[column].label(name) for name, column in suppression.columns.items()]
        key = leaving.c[self.population.key]
        known = leaving.c[suppression.columns[suppression.key]].is_not(None)
        return select(key.label("leaving_key"), *kept).where(key.in_(in_state), known)

    def _typed(self, keys: list[Any]) -> Any:
        return keys if self.texts else np.array(keys, dtype=np.int64)


def _agree(gone: int, kept: int) -> None:
    """Raises StoreError where not all that is taken away is kept: the transaction, and with it the batch, is undone."""
    if gone != kept:
        raise StoreError(
            "the archive did not take exactly the rows that were to leave: the batch was undone",
            mend="look for a trigger, a rule or a policy on the archive's table that changes what is inserted there",
        )


def _several(name: str) -> Any:
    return bindparam(name, expanding=True)


def pages(place: Any) -> list[ColumnElement[bool]]:
    """The places on pages from `low` up to but not including `high`."""
    return [place >= cast(bindparam("low", type_=String), TID()), place < cast(bindparam("high", type_=String), TID())]


def suppress(connection: Connection, compiled: Compiled, kept: Sequence[dict[str, Any]]) -> None:
    """Keeps each fingerprint once. After the DELETE: a fingerprint on the list would judge the profiles still to go."""
    suppression = compiled.population.suppression
    if suppression is None or not kept:
        return
    into = sql_table(suppression.table, *(sql_column(name) for name in suppression.columns))
    fresh = {row[suppression.key]: row for row in kept}
    known = select(into.c[suppression.key]).where(into.c[suppression.key].in_(bindparam("keys", expanding=True)))
    keys = list(fresh)
    for start in range(0, len(keys), 500):
        for there in connection.execute(known, {"keys": keys[start : start + 500]}).scalars():
            fresh.pop(there, None)
    if fresh:
        connection.execute(insert(into), list(fresh.values()))
