"""Our own tables inside a store: what a DELETE there must be able to see in its own transaction, and nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Date, Index, Integer, MetaData, String, Table, UniqueConstraint

from retention.migrations import STORE
from retention.stores.columns import OPTIONS, Bytes, Moment, Number, Prose

metadata = MetaData()

# Freezing holds rank from strongest to weakest; an approved erasure request stands apart, and accelerates.
HOLD_RANK = {"legal_claim": 1, "legal_obligation": 2, "vital_interests": 3, "restriction": 4, "insurance": 5}
ERASURE_RANK = 9
HOLD_BY_RANK = {rank: kind for kind, rank in HOLD_RANK.items()}

hold = Table(
    "retention_hold",
    metadata,
    Column("hold_id", String(40), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("subject_key", String(128)),
    Column("population", String(64)),
    Column("record_key", String(255)),
    Column("category", String(16)),
    Column("placed_on", Date, nullable=False),
    Index("retention_hold_by_subject", "subject_key"),
    Index("retention_hold_by_record", "population", "record_key"),
    Index("retention_hold_by_category", "category"),
    **OPTIONS,
)


def fact_columns() -> list[Column[Any]]:
    """What is known of a data subject, where it is published and in each store's copy alike."""
    return [
        Column("subject_key", String(128), primary_key=True),
        Column("contracts", Integer, nullable=False),
        Column("contract_until", Date),  # latest end; 9999-12-31 while one is open-ended; NULL without any
        Column("trials", Integer, nullable=False),  # unconverted ones
        Column("trial_start", Date),
        Column("trial_end", Date),  # NULL while one of them runs
        Column("problem", String(64)),
        Column("gone_on", Date),  # as-of of the first generation without the subject: a tombstone from then on
        Column("revision", Number, nullable=False),  # the generation in which it last changed
    ]


fact = Table("retention_fact", metadata, *fact_columns(), **OPTIONS)
_GONE = fact.c.gone_on.is_not(None)
Index("retention_fact_gone", fact.c.gone_on, sqlite_where=_GONE, postgresql_where=_GONE)
# Whose time has come is asked by these two: where it is nobody's, nothing is read.
Index("retention_fact_by_contract", fact.c.contract_until)
Index("retention_fact_by_trial", fact.c.trial_start)

fact_state = Table(
    "retention_fact_state",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("generation", Number, nullable=False),
    Column("token", String(32), nullable=False),
    Column("as_of", Date, nullable=False),
    **OPTIONS,
)

candidate = Table(  # due rows found one by one, where few are: numbered in the order in which they are to go
    "retention_candidate",
    metadata,
    Column("population", String(64), primary_key=True),
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("code", Integer, nullable=False),  # of the verdict, in the CASE that this plan's declaration compiles to
    Column("record_int", Number),
    Column("record_text", String(255)),
    **OPTIONS,
)

small_cell = Table(  # cells in which too few rows would look alike after anonymisation
    "retention_small_cell",
    metadata,
    Column("population", String(64), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("cell", String(512), primary_key=True),
    **OPTIONS,
)

work = Table(  # what a plan leaves to be done: ranges of a table, or of the candidate list
    "retention_work",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("unit", Integer, primary_key=True, autoincrement=False),
    Column("wave", Integer, nullable=False),  # units of one wave are independent of each other
    Column("population", String(64), nullable=False),
    Column("strategy", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("action", String(16), nullable=False),
    Column("code", Integer, nullable=False),
    Column("low", Number, nullable=False),  # pages, keys or numbers of the list, by the strategy
    Column("high", Number, nullable=False),  # exclusive
    Column("part", String(64)),  # PostgreSQL: the part of a partitioned table that this is about
    Column("position", Number, nullable=False),  # where the next batch begins
    Column("batches", Number, nullable=False),
    Column("rows", Number, nullable=False),
    Column("spared", Number, nullable=False),
    **OPTIONS,
)

detached = Table(  # PostgreSQL: parts of partitioned tables that are being detached, or wait to be dropped
    "retention_detached",
    metadata,
    Column("part", String(64), primary_key=True),
    Column("relation", Number, nullable=False),  # its object id: another table of that name is none of ours
    Column("population", String(64), nullable=False),
    Column("bounds", Prose, nullable=False),  # under which it can be attached again
    Column("run_id", String(120), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("detached_at", Moment),  # when it was found to be detached: from then on the grace runs
    **OPTIONS,
)

refused = Table(  # rows the database would not let go of: spared for the rest of the run, and reported
    "retention_refused",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("population", String(64), primary_key=True),
    Column("record_key", String(255), primary_key=True),
    **OPTIONS,
)


def receipt_columns() -> list[Column[Any]]:
    """What a receipt says, in a store and in the evidence alike: the ledger copies it as it stands."""
    return [
        Column("receipt_id", String(200), primary_key=True),
        Column("run_id", String(120), nullable=False),
        Column("store", String(64), nullable=False),
        Column("population", String(64), nullable=False),
        Column("unit", Integer, nullable=False),
        Column("batch", Number, nullable=False),
        Column("rule", String(64), nullable=False),
        Column("action", String(16), nullable=False),
        Column("as_of", Date, nullable=False),
        Column("plan_hash", String(64), nullable=False),
        Column("rows", Number, nullable=False),
        Column("spared", Number, nullable=False),
        Column("root", String(64), nullable=False),
        Column("scheme", String(16), nullable=False),  # blocks | digests | counts
        Column("keyset", Bytes, nullable=False),
        Column("keyset_hash", String(64), nullable=False),  # SHA-256 of the key set: the ledger seals it in its place
        Column("disposed_at", Moment, nullable=False),
    ]


receipt = Table(
    "retention_receipt", metadata, *receipt_columns(), UniqueConstraint("run_id", "population", "unit", "batch"), **OPTIONS
)

lease = Table(  # who is at work here, and a count of every change of holds: a batch reads it under lock before it acts
    "retention_lease",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("run_id", String(120), nullable=False),
    Column("fence", Number, nullable=False),
    Column("epoch", Number, nullable=False),
    **OPTIONS,
)

OURS = frozenset({*metadata.tables, STORE.version_table})
