"""What the check works on: a large usage table on PostgreSQL, half of it due, and what must be left of it afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from benchmarks.store import HELD, WORK, Bench, Filling
from retention import holds
from retention.evidence import ledger
from retention.holds import Request
from retention.installation import install_evidence
from retention.night.record import noted_head, store_receipts
from retention.traces import known_key

_KEPT = "SELECT count(*), md5(string_agg(event_id::text, ',' ORDER BY event_id)) FROM page_events"
_STAYS = " WHERE viewed_at >= :cutoff OR customer_ref = ANY(:held)"


@dataclass(frozen=True)
class Left:
    """Rows of the table: how many, and a digest of which."""

    rows: int
    digest: str


class Stage:
    """Stores and evidence of one check. `evidence_url` is an empty PostgreSQL database."""

    def __init__(self, server: str, evidence_url: str, folder: Path, rows: int) -> None:
        self.bench = Bench("postgresql", server, folder, Filling(rows))
        self.bench.prepare()
        self.evidence_url = evidence_url
        install_evidence(evidence_url)
        self.workspace = self.bench.workspace_of(WORK)
        self.workspace = type(self.workspace)(**{**vars(self.workspace), "evidence_url": evidence_url})
        self.workspace.digest_key()  # before two workers make one each

    @property
    def environment(self) -> dict[str, str]:
        """The RETENTION_ variables of every part."""
        return {
            "RETENTION_HOME": str(self.workspace.home),
            "RETENTION_OUTPUT": str(self.workspace.output),
            "RETENTION_DECLARATIONS": str(self.workspace.declarations),
            "RETENTION_SQL": str(self.workspace.sql),
            "RETENTION_DECISIONS": self.workspace.decision_set,
            "RETENTION_EVIDENCE": self.evidence_url,
            **{f"RETENTION_STORE_{name.upper()}": url for name, url in self.workspace.store_urls.items()},
        }

    def set(self, workers: int) -> None:
        """The store as before the night, its work to be shared out to so many workers."""
        self.bench.pace(workers=workers, first_size=5_000)
        self.bench.restore()

    def hold_some(self) -> None:
        """A few claims: their subjects' rows stay."""
        bundle, evidence = self.workspace.bundle(), self.workspace.evidence()
        for number in HELD:
            request = Request(
                kind="legal_claim",
                subject_key=f"C{number}",
                reason="cluster check",
                reference=f"CHECK-{number}",
                approver="cluster check",
                review_by=self.bench.as_of + dt.timedelta(days=90),
            )
            holds.place(self.workspace, bundle, evidence, request)

    def expected(self) -> Left:
        """What nobody may dispose of, by another SELECT than the product's."""
        with self._connected() as connection:
            values = {"cutoff": self.bench.cutoff.replace(tzinfo=None), "held": [f"C{number}" for number in HELD]}
            return Left(*connection.execute(text(_KEPT + _STAYS), values).one())

    def found(self) -> Left:
        with self._connected() as connection:
            return Left(*connection.execute(text(_KEPT)).one())

    def receipts(self) -> Mapping[str, int]:
        """Receipts in the store, their rows, and how many units of the work have been begun."""
        with self._connected() as connection:
            count, rows = connection.execute(text("SELECT count(*), coalesce(sum(rows), 0) FROM retention_receipt")).one()
            begun = connection.execute(text("SELECT count(*) FROM retention_work WHERE batches > 0")).scalar_one()
        return {"receipts": int(count), "rows": int(rows), "begun": int(begun)}

    def sealed(self) -> int:
        """Rows of the receipts that the evidence has."""
        evidence = self.workspace.evidence(readonly=True)
        return sum(receipt.rows for receipt in evidence.receipts([run.run_id for run in evidence.runs("usage")]))

    def wrong(self) -> list[str]:
        """What is wrong with the ledger, with the store's receipts beside it, or with the records they name."""
        receipts = {"usage": store_receipts(self.workspace, "usage")}
        evidence, secret = self.workspace.evidence(readonly=True), known_key(self.workspace)
        findings = ledger.verify(evidence, head=noted_head(self.workspace), receipts=receipts, secret=secret)
        return [f"{finding.where}: {finding.what}" for finding in findings]

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self.bench.url(WORK))
        with engine.connect() as connection:
            yield connection
        engine.dispose()  # the next copy of the store is made over this one
