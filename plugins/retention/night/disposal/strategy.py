"""How the due rows of a population are found: by ranges of its table, from a list of their keys, as whole partitions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from retention.declare.stores import Population
from retention.evidence.records import ScanLine
from retention.stores.keys import KEY_WORDS

Strategy = Literal["range", "listed", "partition"]

# A range reads every row of the table once; a list costs an index search, a row written and a search by key for each due row.
# Measured on the shipped populations the two meet between two and five rows in a hundred.
DENSE_SHARE = 0.05
DENSE_ROWS = 10_000


@dataclass(frozen=True)
class Choice:
    """What was chosen for a population, and why in words. `parts`: the partitions it is about, where not the whole table."""

    population: str
    strategy: Strategy
    why: str
    rows: int
    due: int
    parts: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Partitions:
    """What a population's partitions mean for the choice. Without them it is made from counts alone.

    `whole` rows and `waiting` ones, all of them due, lie in partitions that go as a whole, tonight or when their grace is over.
    `walked`: the others in which something is due, None where they cannot be addressed one by one.
    """

    whole: int = 0
    waiting: int = 0
    walked: tuple[str, ...] | None = ()
    why: str = ""


def choose(population: Population, lines: tuple[ScanLine, ...], partitions: Partitions | None = None) -> Choice:
    """The strategy for a population, but for its whole partitions, from what its scan counted."""
    mine = [line for line in lines if line.population == population.name]
    rows, due = sum(line.rows for line in mine), sum(line.rows for line in mine if line.disposition == "due")
    if partitions is not None:
        taken = partitions.whole + partitions.waiting
        rows, due = max(0, rows - taken), max(0, due - taken)
    strategy, why = _strategy(population, rows, due, partitions)
    said = f"{why}; {partitions.why}" if partitions is not None and partitions.why else why
    walked = partitions.walked or () if partitions is not None else ()
    return Choice(population.name, strategy, said, rows, due, walked)


def _strategy(population: Population, rows: int, due: int, partitions: Partitions | None) -> tuple[Strategy, str]:
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
    if partitions is not None and partitions.walked is None:
        return "listed", f"{share}, but its partitions cannot be named one by one"
    return "range", f"{share}: reading the table range by range costs less than a list of so many"
