"""Our own tables inside a store: what a DELETE there must be able to see in its own transaction, and nothing else."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

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
    Index("retention_hold_by_subject", "subject_key"),
    Index("retention_hold_by_record", "population", "record_key"),
    Index("retention_hold_by_category", "category"),
)

fact = Table(
    "retention_fact",
    metadata,
    Column("subject_key", String(128), primary_key=True),
    Column("contracts", Integer, nullable=False),
    Column("contract_until", Date),
    Column("trials", Integer, nullable=False),
    Column("trial_start", Date),
    Column("trial_end", Date),
    Column("problem", String(64)),
    Column("gone_on", Date),
    Column("revision", Integer, nullable=False),
)

Index(
    "retention_fact_gone",
    fact.c.gone_on,
    sqlite_where=fact.c.gone_on.is_not(None),
    postgresql_where=fact.c.gone_on.is_not(None),
)

fact_state = Table(
    "retention_fact_state",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
)

candidate = Table(
    "retention_candidate",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("run_id", String(120), nullable=False),
    Column("population", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("action", String(16), nullable=False),
    Column("record_int", BigInteger),
    Column("record_text", String(255)),
    Index("retention_candidate_by_work", "population", "rule", "reason", "action", "seq"),
)

for _column in (candidate.c.record_int, candidate.c.record_text):  # a parent asks whether its child is about to go
    Index(
        f"retention_candidate_by_{_column.name}",
        candidate.c.population,
        _column,
        sqlite_where=_column.is_not(None),
        postgresql_where=_column.is_not(None),
    )

receipt = Table(
    "retention_receipt",
    metadata,
    Column("receipt_id", String(200), primary_key=True),
    Column("run_id", String(120), nullable=False),
    Column("store", String(64), nullable=False),
    Column("population", String(64), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("action", String(16), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("spared", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("disposed_at", DateTime, nullable=False),
    UniqueConstraint("run_id", "population", "batch"),
)

claim = Table(
    "retention_claim",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("run_id", String(120), nullable=False),
    Column("fence", Integer, nullable=False),
)

OURS = frozenset(metadata.tables)
