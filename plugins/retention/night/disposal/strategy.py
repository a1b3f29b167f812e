"""How the due rows of a population are found: by walking ranges of its table, or from a list of their keys."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from retention.declare.stores import Population
from retention.evidence.records import ScanLine
from retention.stores.keys import KEY_WORDS

Strategy = Literal["range", "listed"]

# A range reads every row of the table once; a list costs an index search, a row written and a search by key for each due row.
# Measured on the shipped populations the two meet between two and five rows in a hundred.
DENSE_SHARE = 0.05
DENSE_ROWS = 10_000


@dataclass(frozen=True)
class Choice:
    """What was chosen for a population, and why in words."""

    population: str
    strategy: Strategy
    why: str
    rows: int
    due: int

    def document(self) -> dict[str, Any]:
        return asdict(self)


def choose(population: Population, lines: tuple[ScanLine, ...]) -> Choice:
    """The strategy for a population, from what its scan counted."""
    mine = [line for line in lines if line.population == population.name]
    rows, due = sum(line.rows for line in mine), sum(line.rows for line in mine if line.disposition == "due")
    strategy, why = _strategy(population, rows, due)
    return Choice(population.name, strategy, why, rows, due)


def _strategy(population: Population, rows: int, due: int) -> tuple[Strategy, str]:
    share = f"{due:,} of {rows:,} rows are due"
    if population.key_type != "integer":
        kind = KEY_WORDS[population.key_type]
        return "listed", f"{share}; its keys are {kind}, and a range of them could not leave out what came after the scan"
    if population.suppression is not None:
        return "listed", f"{share}; rows that leave a fingerprint go last, in the order of a list"
    if due < DENSE_ROWS:
        return "listed", f"{share}: fewer than {DENSE_ROWS:,} are found through an index and listed"
    if due < rows * DENSE_SHARE:
        return "listed", f"{share}: less than {DENSE_SHARE:.0%} are found through an index and listed"
    return "range", f"{share}: reading the table range by range costs less than a list of so many"
