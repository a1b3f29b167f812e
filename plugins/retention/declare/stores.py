"""Stores and their populations: `include/sql/<store>/store.yaml` and the SELECTs beside it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from retention.declare.source import Declared
from retention.declare.words import Category, Identifier, Standing, Text

SqlName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=63)]
AnchorType = Literal["instant", "date"]
KeyType = Literal["integer", "text", "uuid"]
Blank = Literal["null", "empty", "zero", "month"]


class Column(Declared):
    """A column of the population's table: the data element it holds, and what blanking it leaves.

    `null` leaves NULL, `empty` an empty string, `zero` 0, `month` the first instant of the month.
    """

    element: Identifier  # which kind of data it is: a word of the policy's, or `record_id`, `subject_reference`, `dates`, …
    blank: Blank = "null"  # what is left when it is blanked


class Parent(Declared):
    """The population this one refers to by a foreign key."""

    population: Identifier  # its name, in the same store
    column: SqlName  # of this table, the foreign key


class Suppression(Declared):
    """Before a row in one of `states` is deleted, its fingerprint is kept in a table of the same store."""

    states: tuple[Identifier, ...] = Field(min_length=1)  # of the rows that leave a fingerprint
    table: SqlName  # where it is kept
    columns: dict[SqlName, SqlName] = Field(min_length=1)  # column of `table` -> column of the population's table
    key: SqlName  # column of `table` by which an existing fingerprint is recognised


class Archive(Declared):
    """Where a row goes while a legal floor runs and nothing else keeps it: a population of its own, of the same store.

    Its columns are filled from those of the same name; `columns` says from which where the names differ.
    """

    population: Identifier  # its name
    columns: dict[SqlName, SqlName] = Field(default_factory=dict)  # column of the archive -> column of this population's table


class Population(Declared):
    """The rows of one table, seen through one SELECT."""

    name: Identifier  # how rules, holds, receipts and reports call it
    query: str = Field(pattern=r"^[A-Za-z0-9_.-]+\.sql$")  # the file of its SELECT, beside store.yaml
    schema_name: SqlName | None = Field(default=None, alias="schema")  # where the table lies apart (`stores/places.py`)
    table: SqlName  # the table that rows are deleted from
    key: SqlName  # its primary key, of one column
    key_type: KeyType = "integer"  # what kind of value that is
    category: Category  # the policy's category of data, which rules ask for
    kind: Identifier  # what a row is, which rules ask for: a word of `kinds` in retention.yaml
    subject: Literal["required", "optional", "none"]  # whether a row names the person it is about
    role: Literal["subject", "contract", "trial"] | None = None  # it tells the other stores who is a customer, or on trial
    parent: Parent | None = None  # the row above, which never goes before this one
    anchors: dict[Identifier, AnchorType] = Field(min_length=1)  # columns of the query from which periods run -> their type
    ordered: tuple[tuple[Identifier, Identifier], ...] = ()  # (earlier, later): a later one that precedes is an error
    optional_anchors: tuple[Identifier, ...] = ()  # NULL is a meaning of its own here (no end yet), not an error
    future_anchors: tuple[Identifier, ...] = ()  # may lie ahead (the end of a contract)
    states: dict[Identifier, str] = Field(min_length=1)  # state -> what it means
    quarantined_states: tuple[Identifier, ...] = ()  # states in which a row is set aside for a person to look at
    standing_by_state: dict[Identifier, Standing] = Field(default_factory=dict)  # state -> its standing, where a row says it
    cell: tuple[str, ...] = ()  # columns that remain after anonymisation and could single a person out together
    columns: dict[SqlName, Column] = Field(min_length=1)  # every column of the table; a short form is `email: email`
    suppression: Suppression | None = None  # the fingerprint that an objection leaves
    partition_evidence: Literal["keys", "counts"] = "keys"  # what a receipt says of a partition that goes as a whole
    archive: Archive | None = None  # where its rows go while only a legal floor keeps them

    @property
    def full_table(self) -> str:
        """The table's name with that of the schema it lies in, if apart: how it is known in a `Schema`."""
        return f"{self.schema_name}.{self.table}" if self.schema_name else self.table

    @model_validator(mode="before")
    @classmethod
    def _short_archive(cls, data: Any) -> Any:
        """`archive: archived_invoices` is short for `archive: {population: archived_invoices}`."""
        if isinstance(data, dict) and isinstance(data.get("archive"), str):
            data = {**data, "archive": {"population": data["archive"]}}
        return data

    @model_validator(mode="before")
    @classmethod
    def _short_columns(cls, data: Any) -> Any:
        """`email: email` is short for `email: {element: email}`."""
        if isinstance(data, dict) and isinstance(data.get("columns"), dict):
            data = {
                **data,
                "columns": {
                    name: {"element": value} if isinstance(value, str) else value for name, value in data["columns"].items()
                },
            }
        return data

    @model_validator(mode="after")
    def _names_agree(self) -> Population:
        _known("key", (self.key,), self.columns, "columns")
        _known("ordered", (name for pair in self.ordered for name in pair), self.anchors, "anchors")
        _known("optional_anchors", self.optional_anchors, self.anchors, "anchors")
        _known("future_anchors", self.future_anchors, self.anchors, "anchors")
        _known("quarantined_states", self.quarantined_states, self.states, "states")
        _known("standing_by_state", self.standing_by_state, self.states, "states")
        _known("cell", self.cell, self.columns, "columns")
        if self.parent is not None:
            _known("parent.column", (self.parent.column,), self.columns, "columns")
        if self.suppression is not None:
            _known("suppression.states", self.suppression.states, self.states, "states")
            _known("suppression.columns", self.suppression.columns.values(), self.columns, "columns")
            _known("suppression.key", (self.suppression.key,), self.suppression.columns, "suppression.columns")
        needed = {"trial": ("trial_start", "trial_end"), "contract": ("contract_start", "contract_end")}.get(
            self.role or "", ()
        )
        for anchor in needed:
            if anchor not in self.anchors:
                raise ValueError(
                    f"population {self.name} has the role {self.role} but no anchor {anchor}. Mend: add it under `anchors`"
                )
        if self.role is not None and self.subject != "required":
            raise ValueError(f"population {self.name} publishes facts of data subjects. Mend: write `subject: required`")
        return self


def _known(what: str, names: Any, known: Any, where: str) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what} names {name!r}, which is not among `{where}`. Mend: add it there or correct the name")


class Pace(Declared):
    """How gently a store is disposed of. Every value has a default; nobody need write any.

    A batch is steered towards `target_seconds`. Sizes are in rows, times in seconds. Batches pause while the store is under
    pressure: replicas that lag or are missing, sessions that wait for our locks, too many active sessions, a busy worker.
    """

    target_seconds: float = Field(default=0.25, ge=0.01, le=60)  # how long a batch should take
    first_size: int = Field(default=5_000, ge=1, le=10_000_000)  # rows of the first batch
    smallest: int = Field(default=100, ge=1, le=10_000_000)  # rows of a batch at least
    largest: int = Field(default=100_000, ge=1, le=10_000_000)  # rows of a batch at most
    lock_timeout_seconds: float = Field(default=2, ge=0.01, le=600)  # how long a statement waits for a lock
    statement_timeout_seconds: float = Field(default=30, ge=0.1, le=3_600)  # how long a statement may take
    workers: int = Field(default=2, ge=1, le=32)  # threads, or mapped tasks, that dispose of one store side by side
    replicas: int = Field(default=0, ge=0, le=100)  # how many must be in step: an unknown lag or an absent one is not
    replica_connections: tuple[Identifier, ...] = ()  # MariaDB, whose primary cannot tell: RETENTION_REPLICA_<NAME>
    replica_lag_seconds: float = Field(default=10, gt=0, le=86_400)  # a replica further behind pauses
    lock_waiters: int = Field(default=3, ge=1, le=10_000)  # pause when so many sessions wait for our locks
    active_sessions: int = Field(default=50, ge=1, le=100_000)  # pause above
    load: float | None = Field(default=None, gt=0, le=1_000)  # pause above: 1-minute load average per core of the worker
    pause_seconds: float = Field(default=1, ge=0.2, le=600)  # between two looks; MariaDB repeats itself to hastier ones
    partition_grace_seconds: float = Field(default=0, ge=0, le=31_536_000)  # between detaching a partition and dropping it
    patience_seconds: float = Field(default=1_800, gt=0, le=86_400)  # paused so long in all, the rest is the next night's

    @model_validator(mode="after")
    def _in_order(self) -> Pace:
        if not self.smallest <= self.first_size <= self.largest:
            raise ValueError(
                f"sizes are out of order: smallest {self.smallest}, first_size {self.first_size}, largest {self.largest}. "
                "Mend: write smallest <= first_size <= largest; the defaults are 100, 5000 and 100000"
            )
        if self.pause_seconds > self.patience_seconds:
            raise ValueError("pause_seconds exceeds patience_seconds. Mend: look more often, or be more patient")
        if len(set(self.replica_connections)) < len(self.replica_connections):
            raise ValueError("replica_connections names a replica twice. Mend: keep it once")
        return self


class Store(Declared):
    """One database that holds personal data."""

    store: Identifier  # its name: that of the folder
    title: Text  # how reports and the register call it
    timezone: str = "UTC"  # of naive timestamps in this store
    populations: tuple[Population, ...] = Field(min_length=1)  # one for each table that holds personal data
    triggers: dict[str, str] = Field(default_factory=dict)  # trigger -> what it does
    technical_tables: dict[str, str] = Field(default_factory=dict)  # table -> why it holds no personal data
    pace: Pace = Pace()  # how gently it is disposed of

    @model_validator(mode="after")
    def _consistent(self) -> Store:
        names = [population.name for population in self.populations]
        tables = [population.full_table for population in self.populations]
        for values, what in ((names, "population"), (tables, "table")):
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"{what} {value} is mapped twice. Mend: keep one mapping")
        for population in self.populations:
            if population.parent is not None and population.parent.population == population.name:
                raise ValueError(
                    f"population {population.name} refers to itself, which is not supported: rows could wait for one another. "
                    "Mend: list the table under `technical_tables` if it holds no personal data, or split it"
                )
            if population.parent is not None and population.parent.population not in names:
                raise ValueError(
                    f"population {population.name}: parent {population.parent.population} is not a population of this store. "
                    "Mend: map it, or correct the name"
                )
        return self

    @property
    def schemas(self) -> tuple[str, ...]:
        """The schemas in which tables lie apart."""
        return tuple(sorted({p.schema_name for p in self.populations if p.schema_name is not None}))

    def archived_from(self, population: Population) -> Population | None:
        """The population of which this one is the archive."""
        return next((p for p in self.populations if p.archive and p.archive.population == population.name), None)

    def archive_columns(self, population: Population) -> dict[str, str]:
        """Column of a population's archive -> column of its own table that fills it; empty where it has no archive."""
        if population.archive is None:
            return {}
        return {
            name: population.archive.columns.get(name, name) for name in self.population(population.archive.population).columns
        }

    def population(self, name: str) -> Population:
        return next(population for population in self.populations if population.name == name)
