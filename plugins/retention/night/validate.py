"""Great Expectations asks the store itself. Results keep counts only, and tell a failure from one that could not be asked."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.dialects import sqlite

from retention.errors import ValidationFailed
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ValidationLine
from retention.night.context import Night
from retention.night.expectations import Expectation

_PLAIN = {
    "keys_unique": "every record key stands once",
    "every_row_seen": "the population query returns every row of its table exactly once",
    "anchors_present": "every anchor is present and readable",
    "anchors_not_future": "no anchor lies in the future",
    "end_after_start": "no end precedes its start",
    "known_state": "every state is one that is declared",
    "parents_present": "every row's parent exists",
    "no_card_number": "no valid card number is stored",
    "no_verification_code": "no column holds a card verification code",
    "candidates_not_held": "no candidate is under a hold",
    "candidates_really_due": "every candidate's period has run out",
    "candidate_share": "the share of candidates is below its limit",
    "quarantine_share": "the share of quarantined rows is below its limit",
    "nothing_overdue": "nothing that is due is left",
    "nothing_held_gone": "nothing that was held is gone",
    "rows_balance": "rows before = rows after + disposed of",
    "no_new_orphans": "no row lost its parent",
    "no_suppressed_live": "nobody who opposed is subscribed",
    "receipts_match": "receipts account for every candidate",
}


def in_words(code: str) -> str:
    """What an expectation expects, in plain words."""
    return _PLAIN.get(code, code)


def validate(night: Night, stage: str, expectations: Iterable[Expectation]) -> tuple[ValidationLine, ...]:
    """Evaluates expectations and keeps the outcome as evidence. Raises ValidationFailed where a blocking one does not pass."""
    asked = list(expectations)
    outcomes = _ask(night.workspace.store_url(night.store.name), asked, night)
    lines = tuple(
        ValidationLine(stage, e.population, e.code, e.severity, outcome, unexpected)  # type: ignore[arg-type]
        for e, (outcome, unexpected) in zip(asked, outcomes, strict=True)
    )
    _keep(night, stage, lines)
    blocking = [line for line in lines if line.severity == "blocking" and line.outcome != "PASS"]
    if blocking:
        first = blocking[0]
        what = "could not be evaluated" if first.outcome == "ERROR" else f"failed for {first.unexpected} row(s)"
        more = f" ({len(blocking) - 1} more)" if len(blocking) > 1 else ""
        raise ValidationFailed(
            f"{first.population}: “{in_words(first.expectation)}” {what}{more}; nothing after this disposes", mend=_mend(first)
        )
    return lines


def _mend(line: ValidationLine) -> str:
    if line.expectation in ("candidate_share", "quarantine_share"):
        return f"look at the plan; if the number is right, raise limits.{line.expectation} in the decision set"
    return "see the validation sheet of the report; correct the data or the mapping, then run the night again"


def _keep(night: Night, stage: str, lines: tuple[ValidationLine, ...]) -> None:
    t = evidence_tables.validation
    rows = [vars(line) | {"run_id": night.run_id} for line in lines]
    outcome = {f"{line.population}.{line.expectation}": [line.outcome, line.unexpected] for line in lines}
    digest = hashlib.sha256(ledger.canonical(outcome).encode()).hexdigest()
    with night.evidence.writing() as connection:
        connection.execute(delete(t).where(t.c.run_id == night.run_id, t.c.stage == stage))
        if rows:
            connection.execute(insert(t), rows)
        payload = {"stage": stage, "outcomes": outcome}
        reference = f"{night.run_id}/{stage}/{digest[:16]}"
        ledger.append(connection, [ledger.Entry("validation", reference, payload, night.run_id, night.store.name)])


def _ask(url: str, expectations: list[Expectation], night: Night) -> Iterator[tuple[str, int | None]]:
    """Outcome and count of unexpected rows of each expectation, in order."""
    with _quietly():
        import great_expectations as gx
        from great_expectations.expectations import UnexpectedRowsExpectation

        context = gx.get_context(mode="ephemeral")
        source = context.data_sources.add_sqlite(night.store.name, connection_string=url)
        # The batch is a formality: each query names the tables it is about, whatever they are called.
        batch = (
            source.add_query_asset(night.store.name, query="SELECT 1 AS one")
            .add_batch_definition_whole_table("all")
            .get_batch()
        )
        for number, expectation in enumerate(expectations):
            night.progress(f"validate {night.store.name}", number, len(expectations))
            query = str(expectation.unexpected.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            for mark, plain in (("{", "{{"), ("}", "}}"), (":", "\\:")):  # a brace or colon in a literal is no parameter
                query = query.replace(mark, plain)
            result = batch.validate(UnexpectedRowsExpectation(unexpected_rows_query=query), result_format="SUMMARY")
            if any(info.get("raised_exception") for info in _exceptions(result.exception_info)):
                yield "ERROR", None
            else:
                yield ("PASS" if result.success else "FAIL"), int(result.result["observed_value"])
        night.progress(f"validate {night.store.name}", len(expectations), len(expectations))


def _exceptions(info: Any) -> list[dict[str, Any]]:
    """Great Expectations gives either one exception info or one for each metric."""
    if not info:
        return []
    return [info] if "raised_exception" in info else [value for value in info.values() if isinstance(value, dict)]


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """No telemetry, no progress bars, no prints: what it says on its own may contain a query, and helps nobody."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")
    level = logging.getLogger("great_expectations").level
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.getLogger("great_expectations").setLevel(level)
