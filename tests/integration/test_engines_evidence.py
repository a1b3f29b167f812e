"""The evidence on every kind of database: one chain however many write it, and facts, tombstones, holds and explanations."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update
from workbench import AS_OF, set_day

from retention import holds
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.months import span
from retention.evidence.trends import trend
from retention.explain import explain
from retention.installation import install_evidence, install_store
from retention.night import facts, steps, tombstones
from retention.night.context import Night
from retention.sample import Sample, generate
from retention.status import status
from retention.stores import tables
from retention.workspace import Workspace
from tests import servers
from tests.unit.report.months import add_months

KINDS = ("sqlite", *servers.KINDS)
STORES = ("account", "transaction", "subscription", "usage")
WRITERS, ENTRIES = 8, 12


@pytest.fixture(params=KINDS)
def evidence_url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    installed = not request.node.name.startswith("test_one_chain")  # whose writers make the tables, all at once
    with servers.evidence(request.param, folder, installed=installed) as found:
        yield found


def _write(url: str, writer: int, gate: object) -> None:
    install_evidence(url)  # all at once, in an empty database: the tables are made by one of them
    evidence = Evidence(url)
    gate.wait()  # type: ignore[attr-defined]
    for number in range(ENTRIES):
        with evidence.writing() as connection:
            entries = [ledger.Entry("hold", f"shared-{number}", {"of": "all"}), ledger.Entry("hold", f"{writer}-{number}", {})]
            ledger.append(connection, entries)
    evidence.engine.dispose()


def test_one_chain_from_many_writers_and_no_false_alarm(evidence_url: str) -> None:
    spawn = multiprocessing.get_context("fork")
    gate = spawn.Barrier(WRITERS + 1)
    writers = [spawn.Process(target=_write, args=(evidence_url, number, gate)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    gate.wait(timeout=60)
    evidence = Evidence(evidence_url)
    while any(writer.is_alive() for writer in writers):
        assert ledger.verify(evidence) == []
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert ledger.verify(evidence, head=evidence.head()) == []
    with evidence.snapshot() as connection:
        references = list(connection.execute(select(evidence_tables.ledger.c.reference)).scalars())
    assert len(references) == len(set(references)) == WRITERS * ENTRIES + ENTRIES
    evidence.engine.dispose()


def test_what_is_sealed_comes_back_as_it_was(evidence_url: str) -> None:
    evidence = Evidence(evidence_url)
    at = dt.datetime.combine(AS_OF, dt.time(1, 2, 3, 456789))
    long = "é🂡\\'\"%:x " * 20_000
    with evidence.writing() as connection:
        ledger.append(connection, [ledger.Entry("hold", "one", {"at": at, "said": long}), ledger.Entry("hold", "One", {})])
        connection.execute(
            insert(evidence_tables.plan).values(run_id="R", plan_hash="h", document=json.dumps({"x": long}), created_at=at)
        )
    assert ledger.verify(evidence) == []
    assert evidence.plan("R") == ("h", {"x": long})
    assert evidence.plan("r") is None
    with evidence.snapshot() as connection:
        assert connection.execute(select(evidence_tables.plan.c.created_at)).scalar() == at
    with evidence.writing() as connection:
        connection.execute(delete(evidence_tables.ledger).where(evidence_tables.ledger.c.reference == "One"))
        ledger.append(connection, [ledger.Entry("hold", "two", {})])
    assert ledger.verify(evidence) != []  # the head remembers
    evidence.engine.dispose()


def test_a_reader_of_the_evidence_cannot_write(evidence_url: str) -> None:
    Evidence(evidence_url).engine.dispose()
    reader = Evidence(evidence_url, readonly=True)
    with pytest.raises(Exception, match=r"refused a write|read-only"), reader.writing() as connection:
        connection.execute(delete(evidence_tables.head))
    reader.engine.dispose()


@dataclass
class World:
    """A sample on one kind of server, its nights prepared."""

    workspace: Workspace
    sample: Sample
    nights: dict[str, Night]


@pytest.fixture(scope="module", params=servers.KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        set_day(patch, AS_OF)
        made = {name: stack.enter_context(servers.database(request.param)) for name in (*STORES, "evidence")}
        urls = {name: url.render_as_string(hide_password=False) for name, url in made.items()}
        workspace = replace(
            Workspace.at(tmp_path_factory.mktemp("world"), decision_set="example"),
            store_urls=urls,
            evidence_url=urls["evidence"],
        )
        sample = generate({store: urls[store] for store in STORES}, as_of=AS_OF, usage_rows=500)
        for store in STORES:
            install_store(store, urls[store])
        install_evidence(urls["evidence"])
        nights = {}
        for store in STORES:
            night = nights[store] = steps.open_night(workspace, store, as_of=AS_OF, run_id=f"{store}-1", dry_run=False)
            steps.prepare(night)
            stack.callback(night.evidence.engine.dispose)
            stack.callback(night.session.close)
        yield World(workspace, sample, nights)


def test_every_store_has_the_facts(world: World) -> None:
    counted = {}
    for store, night in world.nights.items():
        with night.session.reading() as connection:
            counted[store] = connection.execute(select(tables.fact).order_by(tables.fact.c.subject_key)).all()
    assert len(counted["account"]) > 1000
    assert all(counted[store] == counted["account"] for store in STORES)


def test_only_what_changed_is_published_again(world: World) -> None:
    night = world.nights["account"]
    subject = "C-changed"
    with night.session.writing() as connection:
        connection.execute(
            text("INSERT INTO accounts (account_id, customer_ref, company_name) VALUES (990001, :ref, 'x')"), {"ref": subject}
        )
    first = facts.publish(night)
    with night.evidence.snapshot() as connection:
        g = evidence_tables.fact_generation.c
        changed = connection.execute(select(g.changed).where(g.generation == first)).scalar()
    assert changed == 1
    with night.session.writing() as connection:
        connection.execute(text("DELETE FROM accounts WHERE account_id = 990001"))
    second = facts.publish(night)
    assert second == first + 1
    known = evidence_tables.subject_fact.c
    with night.evidence.snapshot() as connection:
        assert connection.execute(select(known.gone_on).where(known.subject_key == subject)).scalar() == AS_OF
    assert facts.pull(world.nights["usage"]) == (1, False)
    assert facts.pull(world.nights["usage"]) == (0, False)


def test_a_tombstone_is_forgotten_when_no_store_needs_it(world: World) -> None:
    known, long_ago = evidence_tables.subject_fact, AS_OF - dt.timedelta(days=900)
    row = {"subject_key": "C-gone", "contracts": 1, "contract_until": long_ago, "trials": 0, "gone_on": long_ago, "revision": 1}
    with world.nights["account"].evidence.writing() as connection:
        connection.execute(insert(known).values(row))
    forgotten = [tombstones.settle(night) for night in world.nights.values()]
    assert forgotten == [0, 0, 0, 1]


def test_refreshed_facts_see_what_was_signed_meanwhile(world: World) -> None:
    night = world.nights["account"]
    with night.session.writing() as connection:
        f = tables.fact.c
        ref = connection.execute(select(f.subject_key).where(f.contracts == 0).limit(1)).scalar_one()
        account = connection.execute(text("SELECT account_id FROM accounts WHERE customer_ref = :ref"), {"ref": ref}).scalar()
        connection.execute(
            text(
                "INSERT INTO contracts (contract_id, account_id, reference, plan, starts_on)"
                " VALUES (990002, :account, 'K', 'p', '2026-06-01')"
            ),
            {"account": account},
        )
        facts.refresh(connection, night.store, night.horizon, select(f.subject_key).where(f.subject_key == ref))
        now = connection.execute(select(f.contracts, f.contract_until).where(f.subject_key == ref)).one()
        connection.execute(update(tables.fact).where(f.subject_key == ref).values(contracts=now.contracts))  # still usable
        connection.rollback()
    assert tuple(now) == (1, dt.date(9999, 12, 31))


def test_holds_reach_every_store_and_a_record_is_explained(world: World) -> None:
    bundle, evidence = world.workspace.bundle(), world.nights["account"].evidence
    account = world.nights["account"]
    with account.session.reading() as connection:
        key, ref = connection.execute(text("SELECT account_id, customer_ref FROM accounts ORDER BY account_id")).first()  # type: ignore[misc]
    about = {
        "kind": "legal_claim",
        "reason": "r",
        "reference": "T",
        "approver": "a",
        "review_by": AS_OF + dt.timedelta(days=30),
    }
    placed = holds.place_if_there(world.workspace, bundle, evidence, holds.Request(subject_key=ref, **about))
    assert set(placed.delivered) == set(STORES)
    (explained,) = explain(world.workspace, bundle, evidence, "account", f"accounts:{key}", as_of=AS_OF, language="en")
    assert explained.judged is not None
    assert explained.judged.disposition == "held"
    holds.release(world.workspace, bundle, evidence, placed.hold.hold_id, by="a", note="over")
    assert ledger.verify(evidence) == []
    assert len(status(bundle, evidence, AS_OF).stores) == len(STORES)


def test_trends_and_months_add_up_alike(evidence_url: str, folder: Path) -> None:
    first, last = dt.date(2026, 11, 3), dt.date(2026, 11, 6)
    options = {
        "missing": {("usage", dt.date(2026, 11, 4))},
        "failed": {("transaction", dt.date(2026, 11, 5))},
        "late": {("account", last)},
    }
    bundle = Workspace.at(folder, decision_set="example").bundle()
    found = []
    for url in (evidence_url, f"sqlite:///{folder / 'beside.db'}"):
        evidence = Evidence(url)
        add_months(evidence, bundle, first, last, **options)
        receipts = list(evidence.each_receipt([run.run_id for run in evidence.runs()]))
        assert sorted(receipts, key=lambda r: (r.disposed_at, r.receipt_id)) == list(evidence.receipts())
        found.append((trend(evidence, STORES, first, last), span(evidence, first, last), evidence.quarantined_since()))
        evidence.engine.dispose()
    assert found[0] == found[1]
    assert sum(line.overdue.rows > 0 for line in found[0][0]) == 2
