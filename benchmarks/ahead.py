"""What another declaration would change, against one bare aggregate of the same tables by month."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.harness import Options, Row, in_turn, timed
from benchmarks.questions import ratio
from benchmarks.store import PRISTINE, Bench, Filling, hold_some
from retention.declare.bundle import Bundle
from retention.outlook.change import proposed
from retention.outlook.impact import Impact, impact

# Who it is about, as far as such a question goes; and in which month it fell.
_BARE = "SELECT customer_ref IS NULL, date_trunc('month', {anchor}), count(*) FROM {table} GROUP BY 1, 2"
_TABLES = (("visits", "visited_at"), ("page_events", "viewed_at"))


def ahead(options: Options) -> list[Row]:
    """The largest table: a period of 13 months instead of 25, on all its rows."""
    bench = Bench("postgresql", options.postgresql, options.folder / "ahead", Filling(options.large))
    try:
        hold_some(bench)
        bench.prepare("prepare")
        workspace = bench.workspace_of(PRISTINE)
        before = workspace.bundle()
        after = proposed(workspace, before, decisions=str(_shorter(bench, before)))
        found: list[Impact] = []

        def ours() -> Mapping[str, float]:
            return {"seconds": timed(lambda: found.append(impact(workspace, before, after, bench.as_of, stores=["usage"])))}

        samples = in_turn({"bare": lambda: _grouped(bench), "ours": ours}, options.repeat)
    finally:
        bench.drop()
    gone = found[-1].rows("dispose", frozen=False)
    said = (
        f"{options.large:,} page events and a tenth as many visits, 13 months instead of 25: {gone:,} records would go; "
        f"bare is GROUP BY of a flag and the month of both tables; {samples.said('bare', 'ours')}"
    )
    return [Row("impact of another declaration", "<= 3 x", ratio(samples), said, samples.disturbed)]


def _shorter(bench: Bench, bundle: Bundle) -> Path:
    path = bench.folder / "shorter.yaml"
    now = (bench.workspace.declarations / "decisions" / f"{bundle.decisions.set}.yaml").read_text(encoding="utf-8")
    path.write_text(re.sub(r"value: 25 months", "value: 13 months", now), encoding="utf-8")
    return path


def _grouped(bench: Bench) -> Mapping[str, float]:
    engine = create_engine(bench.url(PRISTINE))
    with engine.connect() as connection:
        seconds = timed(
            lambda: [connection.execute(text(_BARE.format(table=table, anchor=anchor))).all() for table, anchor in _TABLES]
        )
    engine.dispose()
    return {"seconds": seconds}
