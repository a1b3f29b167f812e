"""Tables of the evidence database. They hold counts, hashes, keyed digests and opaque references: never a name or an email.

`subject_fact` and `hold` are working tables and carry opaque subject references; everything else could be shown to a stranger.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, UniqueConstraint

from retention.stores.columns import OPTIONS, Bytes, Moment, Number, Prose
from retention.stores.tables import fact_columns, receipt_columns

metadata = MetaData()

run = Table(
    "run",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("store", String(64), nullable=False),
    Column("as_of", Date, nullable=False),
    Column(
        "horizon", Date, nullable=False
    ),  # the later of as-of and the day the run took place: nothing recorded may lie after it
    Column("policy_hash", String(64), nullable=False),
    Column("decision_set", String(64), nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("note", Prose),
    Index("run_by_store", "store", "started_at"),
    **OPTIONS,
)

plan = Table(
    "plan",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("plan_hash", String(64), nullable=False),
    Column("document", Prose, nullable=False),
    Column("created_at", Moment, nullable=False),
    **OPTIONS,
)

plan_answer = Table(  # to a plan that a person had to approve: at most one of each kind
    "plan_answer",
    metadata,
    Column("plan_hash", String(64), primary_key=True),
    Column("answer", String(16), primary_key=True),  # approved | refused | expired
    Column("run_id", String(120), nullable=False),
    Column("store", String(64), nullable=False),
    Column("who", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Prose, nullable=False),
    Column("via", String(120), nullable=False),
    **OPTIONS,
)

scan = Table(
    "scan",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("stage", String(8), primary_key=True),  # before | after
    Column("population", String(64), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("category", String(16), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("disposition", String(16), nullable=False),
    Column("rule", String(64)),
    Column("reason", String(64), nullable=False),
    Column("action", String(16)),
    Column("hold_kind", String(32)),
    Column("overdue", Boolean, nullable=False),  # the rules say due, a hold says stay
    Column("rows", Number, nullable=False),
    Column("oldest", Date),  # oldest and newest anchor date of these rows
    Column("newest", Date),
    Column("oldest_due", Date),  # first day on which the oldest of them was due
    **OPTIONS,
)

validation = Table(
    "validation",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("stage", String(8), primary_key=True),
    Column("population", String(64), primary_key=True),
    Column("expectation", String(64), primary_key=True),
    Column("severity", String(16), nullable=False),  # blocking | warning
    Column("outcome", String(8), nullable=False),  # PASS | FAIL | ERROR
    Column("unexpected", Number),
    **OPTIONS,
)

fact_generation = Table(
    "fact_generation",
    metadata,
    Column("generation", Number, primary_key=True, autoincrement=False),
    Column("token", String(32), nullable=False),  # tells it from one of the same number in evidence restored from a backup
    Column("source", String(64), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("run_id", String(120), nullable=False),
    Column("subjects", Number, nullable=False),
    Column("changed", Number, nullable=False),
    Column("published_at", Moment, nullable=False),
    **OPTIONS,
)

subject_fact = Table("subject_fact", metadata, *fact_columns(), **OPTIONS)
Index("subject_fact_by_revision", subject_fact.c.revision)

tombstone_use = Table(  # subjects that are gone and of whom a store still holds rows
    "tombstone_use",
    metadata,
    Column("store", String(64), primary_key=True),
    Column("subject_key", String(128), primary_key=True),
    Index("tombstone_use_by_subject", "subject_key"),
    **OPTIONS,
)

tombstone_asked = Table(  # up to which generation each store has said which tombstones it needs
    "tombstone_asked",
    metadata,
    Column("store", String(64), primary_key=True),
    Column("generation", Number, nullable=False),
    **OPTIONS,
)

hold = Table(
    "hold",
    metadata,
    Column("hold_id", String(40), primary_key=True),
    Column("kind", String(32), nullable=False),  # a hold kind, or "erasure"
    Column("scope", String(16), nullable=False),  # subject | record | category
    Column("subject_key", String(128)),
    Column("store", String(64)),
    Column("population", String(64)),
    Column("record_key", String(255)),
    Column("category", String(16)),
    Column("reason", Prose, nullable=False),
    Column("reference", String(120), nullable=False),
    Column("approver", String(120), nullable=False),
    Column("review_by", Date, nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("released_at", Moment),
    Column("released_by", String(120)),
    Column("release_note", Prose),
    **OPTIONS,
)

receipt = Table(
    "receipt",
    metadata,
    *receipt_columns(),
    UniqueConstraint("run_id", "store", "population", "unit", "batch"),
    Index("receipt_by_population", "store", "population"),
    Index("receipt_by_moment", "store", "disposed_at"),
    **OPTIONS,
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column(
        "kind", String(32), nullable=False
    ),  # plan | plan_answer | validation | receipt | run | hold | register | approval | action | declaration | impact
    Column("run_id", String(120)),
    Column("store", String(64)),
    Column("reference", String(200), nullable=False),  # what the entry is about: a plan hash, a receipt id, a hold id
    Column("payload", Prose, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("kind", "reference"),
    **OPTIONS,
)

register_version = Table(  # every publication of the register, as it was
    "register_version",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("major", Integer, nullable=False),
    Column("minor", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("declaration_hash", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("content", Bytes, nullable=False),  # canonical JSON, compressed by zlib
    UniqueConstraint("major", "minor"),
    **OPTIONS,
)

register_approval = Table(  # of a declaration, in the version in which it was read
    "register_approval",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("declaration_hash", String(64), nullable=False),
    Column("number", String(32), nullable=False),
    Column("approver", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Prose, nullable=False),
    **OPTIONS,
)

declaration = Table(  # every declaration that a night began under, as it was
    "declaration",
    metadata,
    Column("policy_hash", String(64), primary_key=True),
    Column("decision_set", String(64), nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("content", Bytes, nullable=False),  # canonical JSON of names and texts, compressed by zlib
    **OPTIONS,
)

head = Table(  # where a chain ends; locked by the one transaction that makes it longer
    "head",
    metadata,
    Column("chain", String(16), primary_key=True),  # ledger | facts
    Column("seq", Number, nullable=False),
    Column("hash", String(64), nullable=False),
    **OPTIONS,
)
