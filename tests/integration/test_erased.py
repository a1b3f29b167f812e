"""SQLite: after a night none of the bytes of what it disposed of is left in the store's files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from workbench import AS_OF, STORES, UNVALIDATED, Bench, copy  # noqa: F401 - the bench's calendar counts here

# Columns with nothing but content, which every disposal of the row must take away. The first of each gets a long one.
FREE = {
    "accounts": ("company_name", "business_address", "telephone"),
    "contacts": ("full_name", "mobile"),
    "trials": ("offer",),
    "contracts": ("plan",),
    "subscribers": ("full_name", "telephone"),
    "preferences": ("topic",),
    "orders": ("delivery_contact", "product"),
    "invoices": ("contact_email", "contact_name", "contact_phone"),
    "payments": ("method",),
    "visits": ("referral_source", "ip_address", "city", "location", "interests"),
    "page_events": ("path", "previous_path"),
}
MARK = re.compile(rb"\[(?:%s)\.[a-z_]+-\d+\]" % "|".join(FREE).encode())
TIMES = 400  # a mark of the first column is repeated: some of it lies on pages of its own


@pytest.fixture(params=["delete", "wal"])
def marked(request: pytest.FixtureRequest, folder: Path, untouched: Bench) -> Iterator[Bench]:
    """A sample in which every row carries marks of its own; in one case others keep the file open, and a log beside it."""
    bench = Bench(copy(untouched.workspace, folder / "marked"), untouched.sample)
    others = []
    for store in STORES:
        other = sqlite3.connect(bench.file(store), isolation_level=None)
        other.execute("PRAGMA secure_delete = ON")  # which leaves copies behind all the same
        other.execute(f"PRAGMA journal_mode = {request.param}")
        for population in bench.bundle.store(store).declared.populations:
            for number, name in enumerate(FREE.get(population.table, ())):
                mark = f"'[{population.table}.{name}-' || {population.key} || ']'"
                value = mark if number else f"replace(hex(zeroblob({TIMES})), '00', {mark})"
                other.execute(f"UPDATE {population.table} SET {name} = {value} WHERE coalesce({name}, '') <> ''")
        others.append(other)
    if request.param == "delete":
        for other in others:
            other.close()
    yield bench
    for other in others:
        other.close()
    bench.close()


def bytes_of(bench: Bench, store: str) -> bytes:
    file = bench.file(store)
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


def stores_of(bench: Bench) -> list[str]:
    """Those a night takes: one with an archive in a file of its own is refused while it keeps a log beside it."""
    in_wal = {store for store in STORES if bench.file(store).with_name(f"{bench.file(store).name}-wal").exists()}
    return [store for store in STORES if store not in in_wal or not bench.bundle.store(store).declared.schemas]


def living(bench: Bench, store: str) -> set[bytes]:
    with closing(sqlite3.connect(bench.file(store))) as other:
        names = [row[0] for row in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for name in names for row in other.execute(f"SELECT * FROM {name}")]
    return {mark for row in rows for value in row if isinstance(value, str) for mark in MARK.findall(value.encode())}


def test_nothing_of_it_can_be_read_from_the_files(marked: Bench) -> None:
    stores = stores_of(marked)
    before = {store: living(marked, store) for store in stores}
    ran = {store: marked.run(store, UNVALIDATED) for store in stores}

    done = {action for one in ran.values() for action in one["dispose"]}
    assert done >= {"delete", "anonymise"} | ({"archive"} if "transaction" in stores else set())
    for store in stores:
        now = living(marked, store)
        assert len(before[store] - now) > 50
        assert set(MARK.findall(bytes_of(marked, store))) == now
