"""The only place of the register that Great Expectations is driven from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from retention.asking import quietly, raised
from ropa.register.checking.catalogue import Expected
from ropa.register.checking.frames import COLUMNS, Row

Outcome = tuple[Literal["PASS", "FAIL", "ERROR"], tuple[str, ...]]


def ask(expected: Sequence[Expected], frames: Mapping[str, list[Row]]) -> list[Outcome]:
    """Outcome of each expectation, in order, with the references of the rows that fail it. One validation a table."""
    with quietly():
        import great_expectations as gx

        asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("register").add_dataframe_asset("tables")
        tables = asset.add_batch_definition_whole_dataframe("each")
        found: dict[str, Outcome] = {}
        for name, rows in frames.items():
            asked = [each for each in expected if each.frame == name]
            found |= zip((each.id for each in asked), _asked_of(_batch(tables, name, rows), name, asked), strict=True)
        return [found[each.id] for each in expected]


def _asked_of(batch: Any, name: str, asked: list[Expected]) -> list[Outcome]:
    from great_expectations import ExpectationSuite, expectations

    suite = ExpectationSuite(name=name)
    for each in asked:
        suite.add_expectation(getattr(expectations, each.kind)(column=each.column, meta={"id": each.id}, **each.options))
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": ["reference"]}
    results = {result.expectation_config.meta["id"]: result for result in batch.validate(suite, result_format=form).results}
    return [_outcome(results[each.id]) for each in asked]


def _batch(tables: Any, name: str, rows: list[Row]) -> Any:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["reference", *COLUMNS[name]], dtype=object)
    return tables.get_batch(batch_parameters={"dataframe": frame})


def _outcome(result: Any) -> Outcome:
    """References only: what a cell holds stays where it is."""
    if raised(result):
        return "ERROR", ()
    if result.success:
        return "PASS", ()
    rows = result.result.get("unexpected_index_list") or []
    return "FAIL", tuple(dict.fromkeys(str(row["reference"]) for row in rows))
