"""Four sample stores from one seed, in files or on servers: labelled cases first, then the bulk around them."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

from retention.sample.book import Book
from retention.sample.bulk.accounts import Accounts
from retention.sample.bulk.ages import Ages
from retention.sample.bulk.profiles import draw, kinds
from retention.sample.bulk.sales import Sales
from retention.sample.bulk.subscribers import Subscribers
from retention.sample.bulk.visits import Visits
from retention.sample.cases import write_cases
from retention.sample.labels import Instruction, Label, write_labels
from retention.sample.rows import TABLES, Account
from retention.sample.write import Place, Target, Writer

_FEWEST = 1_000  # of accounts, sales and subscribers: the cases must stay a small share of every population


@dataclass(frozen=True)
class Sample:
    """What was written, what is expected of the cases, and what to ask of the product before the night."""

    as_of: dt.date
    seed: int
    places: dict[str, Place]
    rows: dict[str, dict[str, int]]
    labels: tuple[Label, ...]
    instructions: tuple[Instruction, ...]

    def write_labels(self, path: Path) -> None:
        write_labels(self.labels, path)


def generate(target: Target, *, as_of: dt.date, seed: int = 7, usage_rows: int = 20_000, typed: bool | None = None) -> Sample:
    """Create the four stores, as they stand before the night of `as_of`. Raises StoreError where one exists already.

    `target` tells where each store goes: a path, or the URL of an empty database. The other stores grow with `usage_rows`, the
    visits and page events together. `typed` leaves out what a database with types cannot hold, such as the 30th of February,
    and is a matter of course where a store is on a server; the labels and instructions are then about the other rows.
    """
    rng = random.Random(seed)
    book = Book(as_of, rng)
    write_cases(book)
    with Writer(target, typed=typed) as writer:
        for kind in TABLES:
            writer.add(kind, book.rows[kind])
        _write_bulk(writer, book, Ages(as_of, rng), rng, usage_rows)
    rows: dict[str, dict[str, int]] = {}
    for kind, (store, table) in TABLES.items():
        rows.setdefault(store, {})[table] = writer.counts[kind]
    out = writer.left_out
    labels = tuple(label for label in book.labels if (label.store, label.population, label.record_key) not in out)
    asked = tuple(one for one in book.instructions if (one.store, one.population, one.record_key) not in out)
    return Sample(as_of, seed, writer.places, rows, labels, asked)


def _write_bulk(writer: Writer, book: Book, ages: Ages, rng: random.Random, usage_rows: int) -> None:
    count = max(_FEWEST, usage_rows // 25)
    profiles = [draw(rng, book.key(Account), book.ref(), kind) for kind in kinds(rng, count)]
    Accounts(book, ages, rng, profiles).write(writer)
    Sales(book, ages, rng, profiles).write(writer, count)
    Subscribers(book, ages, rng, profiles).write(writer, count)
    Visits(book, ages, rng, profiles).write(writer, usage_rows)
