"""`python -m retention.migrations.draft store|evidence` prints what a new revision has to do for the tables as they are now.

A draft: read it, name it, add its number to `retention.migrations`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import CreateIndexOp, CreateTableOp, MigrateOperation, OpContainer
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from retention import migrations
from retention.evidence import tables as evidence_tables
from retention.migrations import Line
from retention.stores import tables as store_tables

METADATA = {"store": store_tables.metadata, "evidence": evidence_tables.metadata}
LINES = {"store": migrations.STORE, "evidence": migrations.EVIDENCE}


def draft(line: Line, metadata: MetaData, *, anew: bool = False) -> str:
    """The operations that lead from the last revision (`anew`: from nothing) to the tables as they are declared."""
    with create_engine("sqlite://").begin() as connection:
        if not anew:
            migrations.upgrade(connection, line)
        context = MigrationContext.configure(connection, opts={"version_table": line.version_table})
        operations = produce_migrations(context, metadata).upgrade_ops
        if operations is None:
            return ""
        for operation in _all(operations):
            if isinstance(operation, CreateTableOp | CreateIndexOp):
                operation.if_not_exists = True  # MariaDB commits each table for itself: an upgrade begun again goes on
        return render_python_code(operations)


def _all(container: OpContainer) -> Iterator[MigrateOperation]:
    for operation in container.ops:
        yield operation
        if isinstance(operation, OpContainer):
            yield from _all(operation)


if __name__ == "__main__":
    name, anew = sys.argv[1], "--anew" in sys.argv
    print(draft(LINES[name], METADATA[name], anew=anew))
