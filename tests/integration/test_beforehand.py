"""What a night would stumble over stops it before anything is scanned, and everything that stops it is told at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from databases import create, kind_of, remove
from sqlalchemy import make_url
from workbench import AS_OF, UNVALIDATED, WITHOUT_REPORT, Bench, copy, take

from retention import holds
from retention.errors import EvidenceError, StoreError
from retention.installation import install_evidence
from retention.night import steps
from retention.preflight.grants import Roles, grants
from retention.preflight.needs import evidence_needs, store_needs
from retention.resolve import resolve
from retention.stores import tables
from tests import servers

PASSWORD = "hunter2-geheim"


def statements(url: str, script: str) -> None:
    """As an administrator runs them."""
    servers.run(make_url(url), *(line.replace("%", "%%") for line in script.splitlines() if not line.startswith("--")))


@contextmanager
def user(url: str, *granted: str) -> Iterator[str]:
    """The address of a database as a user of its own, who may do what is granted to ROLE and no more."""
    name = f"night_{make_url(url).database}"[:32]
    if kind_of(url) == "postgresql":
        statements(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        statements(url, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        role, gone = name, [f"DROP OWNED BY {name}", f"DROP ROLE {name}"]
    else:
        statements(url, f"CREATE USER {name}@'%' IDENTIFIED BY '{PASSWORD}'")
        role, gone = f"{name}@%", [f"DROP USER {name}@'%'"]
    for script in granted:
        statements(url, script.replace("ROLE-ROLE", f"`{name}`@`%`" if "@" in role else name))
    try:
        yield make_url(url).set(username=name, password=PASSWORD).render_as_string(hide_password=False)
    finally:
        statements(url, "\n".join(gone))


def needed(bench: Bench, store: str) -> str:
    """The script of `retention grants`, for ROLE-ROLE."""
    url, mapped = bench.url(store), bench.bundle.store(store)
    role = "ROLE-ROLE@%" if kind_of(url) == "mariadb" else "ROLE-ROLE"
    script = grants(url, store_needs(mapped, resolve(bench.bundle, mapped, AS_OF)), Roles(role))
    return script.replace("`ROLE-ROLE`@`%`", "ROLE-ROLE").replace('"ROLE-ROLE"', "ROLE-ROLE")


def at(bench: Bench, **urls: str) -> Bench:
    return Bench(replace(bench.workspace, store_urls={**bench.workspace.store_urls, **urls}), bench.sample)


def tables_of(bench: Bench, store: str) -> set[str]:
    return {str(row[0]) for row in bench.sql(store, "SELECT table_name FROM information_schema.tables")}


def scanned(bench: Bench, run_id: str) -> bool:
    return bench.evidence.scan(run_id, "before") != ()


@pytest.fixture
def served(bench_there: Bench, kind: str) -> Bench:
    if kind == "sqlite":
        pytest.skip("a file has no users, and sets itself up")
    return bench_there


# our own tables


def test_a_night_on_a_server_makes_no_tables(served: Bench) -> None:
    for name in sorted(tables.OURS):
        served.sql("usage", f'DROP TABLE "{name}"')
    there, content = tables_of(served, "usage"), served.content("usage")

    with pytest.raises(StoreError) as error:
        served.guarded("usage", run_id="bare")

    assert error.value.message == "store usage: our own tables are missing"
    assert "`retention init`" in error.value.mend
    assert tables_of(served, "usage") == there
    assert served.content("usage") == content
    assert (run := served.evidence.run("bare")) and run.status == "failed"


def test_a_hold_waits_for_a_store_that_has_no_tables_yet(served: Bench) -> None:
    served.sql("usage", f'DROP TABLE "{tables.lease.name}"')
    served.sql("usage", 'DROP TABLE "retention_version"')
    key = str(min(served.keys("usage", "visits")))
    about = {"store": "usage", "population": "visits", "record_key": key}
    request = holds.Request("legal_claim", "T", "T-1", "T", AS_OF, **about)
    placed = holds.place_if_there(served.workspace, served.bundle, served.evidence, request)
    assert (placed.delivered, placed.pending) == ((), ("usage",))


def test_evidence_on_a_server_makes_no_tables(kind: str, untouched_in_files: Bench) -> None:
    if kind == "sqlite":
        pytest.skip("a file sets itself up")
    url = create(kind)
    workspace = replace(untouched_in_files.workspace, evidence_url=url)
    try:
        for readonly in (True, False):
            with pytest.raises(EvidenceError) as error:
                workspace.evidence(readonly=readonly)
            assert error.value.message == "the evidence database: our own tables are missing"
            assert "`retention init`" in error.value.mend
        install_evidence(url)
        for readonly in (False, True):
            workspace.evidence(readonly=readonly).engine.dispose()
    finally:
        remove(url)


# rights


def test_what_the_grants_script_gives_is_enough_for_a_whole_night(served: Bench, after_night_there: Bench) -> None:
    """Of a store that publishes facts, and of one that needs them. The evidence is kept with no more than its own script."""
    evidence = create(kind_of(served.url("usage")))
    install_evidence(evidence)
    role = "ROLE-ROLE@%" if kind_of(evidence) == "mariadb" else "ROLE-ROLE"
    script = grants(evidence, evidence_needs(), Roles(role), stages=True)
    script = script.replace("`ROLE-ROLE`@`%`", "ROLE-ROLE").replace('"ROLE-ROLE"', "ROLE-ROLE")
    try:
        with (
            user(served.url("account"), needed(served, "account")) as account,
            user(served.url("usage"), needed(served, "usage")) as usage,
            user(evidence, script) as sealed,
        ):
            workspace = replace(at(served, account=account, usage=usage).workspace, evidence_url=sealed)
            least = Bench(workspace, served.sample)
            for hold in served.evidence.holds():
                about = {name: getattr(hold, name) for name in holds.Request.__dataclass_fields__}
                holds.place(least.workspace, least.bundle, least.evidence, holds.Request(**about))
            for store in ("account", "usage"):
                ran = least.run(store, WITHOUT_REPORT)
                assert ran["record"]["status"] == "reservations"
            assert least.findings(["account", "usage"]) == []
            for night in least.nights:
                night.session.close()
                night.evidence.engine.dispose()
        for store in ("account", "usage"):
            mine, theirs = served.content(store), after_night_there.content(store)
            assert mine == theirs
    finally:
        remove(evidence)


def test_a_missing_right_stops_a_night_before_it_scans(served: Bench) -> None:
    before = served.content("usage")
    with user(served.url("usage"), needed(served, "usage").replace(", DELETE", "")) as url:
        poor = at(served, usage=url)
        with pytest.raises(StoreError) as error:
            poor.guarded("usage", run_id="poor")
        for night in poor.nights:
            night.session.close()
    for table in ("page_events", "visits"):
        assert f"the user lacks DELETE on table {table}" in error.value.message
    assert "`retention grants`" in error.value.mend
    assert PASSWORD not in str(error.value)
    assert not scanned(served, "poor")
    assert served.content("usage") == before


# structure and room


def test_everything_that_stops_a_night_is_in_one_error(bench_there: Bench, kind: str) -> None:
    bench = bench_there
    if kind == "mariadb":
        pytest.skip("MariaDB lets go of no index that a foreign key needs")
    for name in ("ix_page_events_visit_id", "ix_invoices_order_id", "ix_payments_invoice_id"):
        store = "usage" if "page" in name else "transaction"
        bench.sql(store, f"DROP INDEX {name}")
    for store, found in (("usage", ["page_events.visit_id"]), ("transaction", ["invoices.order_id", "payments.invoice_id"])):
        with pytest.raises(StoreError) as error:
            bench.guarded(store, run_id=f"slow-{store}")
        for column in found:
            assert f"foreign key {column} has no index" in error.value.message
        assert error.value.mend.count("create an index") == len(found)
        assert not scanned(bench, f"slow-{store}")
        assert bench.receipted(store) == {}


def test_a_partition_half_detached_stops_a_night(served: Bench, kind: str) -> None:
    if kind == "mariadb":
        pytest.skip("MariaDB detaches nothing")
    served.sql("usage", "CREATE TABLE parted (id INTEGER PRIMARY KEY) PARTITION BY RANGE (id)")
    served.sql("usage", "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)")
    served.sql("usage", "UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'parted_1'::regclass")
    night = served.night("usage", run_id="half")
    with pytest.raises(StoreError) as error:
        take(night, UNVALIDATED)
    assert "parted" in error.value.message


def test_no_room_stops_a_night(bench_there: Bench, kind: str) -> None:
    if kind != "sqlite":
        pytest.skip("how much room a server has is not known beforehand")
    cramped = Bench(replace(bench_there.workspace, headroom=1e9), bench_there.sample)
    with pytest.raises(StoreError, match="MiB are free") as error:
        cramped.guarded("usage", run_id="cramped")
    assert "free space" in error.value.mend
    assert not scanned(cramped, "cramped")


def test_a_warning_stops_nothing_and_is_logged(bench_there: Bench, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="retention")
    on = " ON visits" if kind == "mariadb" else ""
    bench_there.sql("usage", f"DROP INDEX ix_visits_visited_at{on}")
    bench_there.run("usage", ("prepare",))
    assert any("no index begins with visits.visited_at" in record.getMessage() for record in caplog.records)


def test_a_night_begun_in_a_file_that_nobody_set_up(folder: Path, untouched_in_files: Bench) -> None:
    bench = Bench(copy(untouched_in_files.workspace, folder / "bench"), untouched_in_files.sample)
    for name in sorted(tables.OURS):
        bench.sql("usage", f'DROP TABLE "{name}"')
    bench.run("usage", UNVALIDATED)
    assert bench.sql("usage", "SELECT count(*) FROM retention_version") == [(1,)]
    assert steps.open_night(bench.workspace, "usage", as_of=AS_OF, run_id="x").session.dialect == "sqlite"
