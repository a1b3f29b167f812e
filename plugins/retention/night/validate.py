"""Great Expectations asks the store itself. Results keep counts only, and tell a failure from one that could not be asked."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal

from sqlalchemy import Engine, delete, insert

from retention.asking import quietly, raised
from retention.errors import ValidationFailed
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ValidationLine
from retention.night.context import Night
from retention.night.expectations import Expectation
from retention.stores.literal import literal_sql

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
    "quarantine_share": "the share of quarantined rows is below its limit",
    "nothing_overdue": "nothing that is due is left",
    "nothing_refused": "the database let go of every row that is due",
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
    outcomes = _ask(asked, night)
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
    if line.expectation == "quarantine_share":
        return "look at the plan; if the number is right, raise limits.quarantine_share in the decision set"
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


def _ask(expectations: list[Expectation], night: Night) -> Iterator[tuple[str, int | None]]:
    """Outcome and count of unexpected rows of each expectation, in order."""
    name = night.store.name
    with night.session.reading("validating") as store:
        engine = store.engine
    with quietly(), _batch(name, engine) as batch:
        from great_expectations.expectations import UnexpectedRowsExpectation

        for number, expectation in enumerate(expectations):
            night.progress(f"validate {name}", number, len(expectations))
            query = literal_sql(expectation.unexpected, engine.dialect)
            for mark, plain in (("{", "{{"), ("}", "}}"), (":", "\\:")):  # a brace or colon in a literal is no parameter
                query = query.replace(mark, plain)
            result = batch.validate(UnexpectedRowsExpectation(unexpected_rows_query=query), result_format="SUMMARY")
            if raised(result):
                yield "ERROR", None
            else:
                yield ("PASS" if result.success else "FAIL"), int(result.result["observed_value"])
        night.progress(f"validate {name}", len(expectations), len(expectations))


@contextlib.contextmanager
def _batch(name: str, engine: Engine) -> Iterator[Any]:
    """A batch of a store over connections of ours: they cannot write, and no address with a password is handed on."""
    import great_expectations as gx

    _learn_our_engines()
    source = gx.get_context(mode="ephemeral").data_sources.add_retention_store(name, connection_string="kept by the library")
    source.use(engine)
    try:
        # The batch is a formality: each query names the tables it is about, whatever they are called.
        yield source.add_query_asset(name, query="SELECT 1 AS one").add_batch_definition_whole_table("all").get_batch()
    finally:
        source.leave()


@cache
def _learn_our_engines() -> None:
    """Great Expectations opens connections of its own; a kind of source that is given them is learnt by being defined."""
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.datasource.fluent import SQLDatasource
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine

    class RetentionStore(SQLDatasource):  # type: ignore[misc]
        type: Literal["retention_store"] = "retention_store"
        _asked: Any = PrivateAttr(None)

        def use(self, engine: Engine) -> None:
            self._asked = SqlAlchemyExecutionEngine(engine=engine, create_temp_table=False)

        def leave(self) -> None:
            """Ends the one transaction in which a SQLite file is asked: nobody could write while it lasts."""
            self._asked.close()

        def get_engine(self) -> Any:
            return self._asked.engine

        def get_execution_engine(self) -> Any:
            return self._asked

        def test_connection(self, test_assets: bool = True) -> None:
            """The night's own connection works, or there is nothing to validate."""
