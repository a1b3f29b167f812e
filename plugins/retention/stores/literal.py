"""Statements as text with their values in them, for those who take no parameters."""

from __future__ import annotations

from sqlalchemy import ClauseElement, Dialect


def literal_sql(statement: ClauseElement, dialect: Dialect) -> str:
    """The statement in the words of the dialect, every value written out."""
    compiled = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    # Drivers that mark parameters with a percent sign have every other one doubled.
    return compiled.replace("%%", "%") if dialect.paramstyle in ("format", "pyformat") else compiled
