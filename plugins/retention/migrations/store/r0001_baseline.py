"""Our tables inside a store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "retention_candidate",
        sa.Column("population", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("record_int", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("record_text", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("population", "seq"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_detached",
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("population", sa.String(length=64), nullable=False),
        sa.Column(
            "bounds",
            sa.Text().with_variant(mysql.LONGTEXT(), "mariadb").with_variant(mysql.LONGTEXT(), "mysql"),
            nullable=False,
        ),
        sa.Column("run_id", sa.String(length=120), nullable=False),
        sa.Column(
            "begun_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mariadb").with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "detached_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mariadb").with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("part"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_fact",
        sa.Column("subject_key", sa.String(length=128), nullable=False),
        sa.Column("contracts", sa.Integer(), nullable=False),
        sa.Column("contract_until", sa.Date(), nullable=True),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("trial_start", sa.Date(), nullable=True),
        sa.Column("trial_end", sa.Date(), nullable=True),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("subject_key"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("retention_fact_by_contract", "retention_fact", ["contract_until"], unique=False, if_not_exists=True)
    op.create_index("retention_fact_by_trial", "retention_fact", ["trial_start"], unique=False, if_not_exists=True)
    op.create_index(
        "retention_fact_gone",
        "retention_fact",
        ["gone_on"],
        unique=False,
        sqlite_where=sa.text("gone_on IS NOT NULL"),
        postgresql_where=sa.text("gone_on IS NOT NULL"),
        if_not_exists=True,
    )
    op.create_table(
        "retention_fact_state",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("slot"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_hold",
        sa.Column("hold_id", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("subject_key", sa.String(length=128), nullable=True),
        sa.Column("population", sa.String(length=64), nullable=True),
        sa.Column("record_key", sa.String(length=255), nullable=True),
        sa.Column("category", sa.String(length=16), nullable=True),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("retention_hold_by_category", "retention_hold", ["category"], unique=False, if_not_exists=True)
    op.create_index(
        "retention_hold_by_record", "retention_hold", ["population", "record_key"], unique=False, if_not_exists=True
    )
    op.create_index("retention_hold_by_subject", "retention_hold", ["subject_key"], unique=False, if_not_exists=True)
    op.create_table(
        "retention_lease",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.String(length=120), nullable=False),
        sa.Column("fence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("slot"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_receipt",
        sa.Column("receipt_id", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.String(length=120), nullable=False),
        sa.Column("store", sa.String(length=64), nullable=False),
        sa.Column("population", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("batch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("spared", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column(
            "keyset",
            sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mariadb").with_variant(mysql.LONGBLOB(), "mysql"),
            nullable=False,
        ),
        sa.Column("keyset_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "disposed_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mariadb").with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("receipt_id"),
        sa.UniqueConstraint("run_id", "population", "unit", "batch"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_refused",
        sa.Column("run_id", sa.String(length=120), nullable=False),
        sa.Column("population", sa.String(length=64), nullable=False),
        sa.Column("record_key", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "population", "record_key"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_small_cell",
        sa.Column("population", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("cell", sa.String(length=512), nullable=False),
        sa.PrimaryKeyConstraint("population", "rule", "cell"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "retention_work",
        sa.Column("run_id", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("population", sa.String(length=64), nullable=False),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("low", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("high", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batches", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("spared", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "unit"),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        if_not_exists=True,
    )
