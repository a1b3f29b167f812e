"""Run by Alembic for each of our lines. Connection and options come from `retention.migrations`: there is no alembic.ini."""

from __future__ import annotations

from alembic import context

context.configure(**context.config.attributes["options"])
with context.begin_transaction():
    context.run_migrations()
