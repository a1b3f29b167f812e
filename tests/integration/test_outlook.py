"""What-if and forecast on every kind of database: what a scan counts of today, and the statements in every form."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from workbench import AS_OF, STORES, Bench

from retention.declare.bundle import Bundle
from retention.night.steps import STEPS
from retention.outlook import groups
from retention.outlook.change import proposed
from retention.outlook.forecast import forecast
from retention.outlook.impact import impact


def scanned(bench: Bench, run_id: str) -> Counter[tuple[str, str, str]]:
    """(population, disposition, reason) -> rows, as a scan has them; held rows apart from their reason."""
    found: Counter[tuple[str, str, str]] = Counter()
    for line in bench.evidence.scan(run_id, "before"):
        held = line.disposition == "held"
        found[line.population, line.disposition, "" if held else line.reason] += line.rows
    return found


def production(bench: Bench) -> Bundle:
    return proposed(bench.workspace, bench.bundle, decisions="production", named=True)


def test_under_the_set_in_force_and_under_another_it_says_what_a_scan_says(bench_there: Bench) -> None:
    """Today's verdict under each of the two sets, against a night's own scan under each."""
    bench = bench_there
    wanted: list[Counter[tuple[str, str, str]]] = [Counter(), Counter()]
    for store in STORES:
        bench.run(store, ("prepare", "scan"))
        wanted[0] += scanned(bench, bench.nights[-1].run_id)
    found = impact(bench.workspace, bench.bundle, production(bench), AS_OF, months=1)
    seen: list[Counter[tuple[str, str, str]]] = [Counter(), Counter()]
    for line in found.lines:
        for number, said in enumerate((line.before, line.after)):
            word = ("held", "") if line.frozen else (said.disposition, said.reason)
            seen[number][line.population, *word] += line.rows
    alike = {population for _, population, _, _ in found.unchanged}
    assert sum(rows for *_, rows in found.unchanged) == sum(n for key, n in wanted[0].items() if key[0] in alike)

    other = replace(bench.workspace, decision_set="production")
    for store in STORES:
        night = Bench(other, bench.sample).night(store, run_id=f"{store}-production")
        bench.nights.append(night)
        for step in ("prepare", "scan"):
            STEPS[step](night)
        wanted[1] += scanned(bench, night.run_id)
    for number in range(2):
        assert seen[number] == Counter({key: rows for key, rows in wanted[number].items() if key[0] not in alike})


def test_nothing_is_written(bench_there: Bench) -> None:
    bench = bench_there
    bench.run("usage", ("prepare", "scan"))
    before, runs = bench.content("usage"), len(bench.evidence.runs())
    found = forecast(bench.workspace, bench.bundle, AS_OF, stores=["usage"], months=2)
    assert sum(line.rows for line in found.lines) == sum(len(bench.keys("usage", p)) for p in ("visits", "page_events"))
    assert impact(bench.workspace, bench.bundle, production(bench), AS_OF, stores=["usage"], months=2).lines
    assert bench.content("usage") == before
    assert len(bench.evidence.runs()) == runs


def test_rows_grouped_first_get_what_each_row_gets(bench_there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts and due months of groups, against those asked of every row."""
    bench = bench_there
    for store in ("usage", "transaction"):
        bench.run(store, ("prepare", "scan"))

    def told() -> Counter[tuple[object, ...]]:
        found = impact(bench.workspace, bench.bundle, production(bench), AS_OF, stores=["usage", "transaction"], months=26)
        lines = Counter[tuple[object, ...]]()
        for line in found.lines:
            lines[line.population, line.before, line.after, line.frozen, line.change] += line.rows
        return lines

    grouped = told()
    assert any(line[1].due.month for line in grouped)  # type: ignore[attr-defined]
    monkeypatch.setattr(groups._Population, "groupable", False)
    assert told() == grouped
