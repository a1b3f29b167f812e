"""The detail beside the report: half a million lines, against a bare openpyxl loop that writes the same values."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Border, Font, Side

from benchmarks.harness import Options, Row, in_turn, timed
from retention import clock
from retention.cells import as_civil
from retention.evidence import tables
from retention.evidence.figures import figures_of
from retention.report.build import opened
from retention.report.context import Report
from retention.report.detail import list_receipts, receipt_fields
from retention.workbook import Value
from retention.workspace import Workspace

LINES = 500_000  # where the tables of the other benchmarks are of their ordinary size
RUN = "usage:bench"
AT_ONCE = 50_000
ROUNDS = 2  # each takes minutes
MEASURED = "import sys; from benchmarks.report import peak; print(peak(sys.argv[1]))"


def report(options: Options) -> list[Row]:
    """Speed of a line, and the memory that all of them take."""
    lines = LINES if options.rows >= LINES else max(1_000, options.rows // 8)
    folder = options.folder / "report"
    fill(folder, lines)
    sides = {
        "bare": lambda: {"seconds": timed(lambda: bare(folder, styled=False))},
        "styled": lambda: {"seconds": timed(lambda: bare(folder, styled=True))},
        "ours": lambda: {"seconds": timed(lambda: ours(folder))},
    }
    found = in_turn({name: sides[name] for name in ("bare", "ours")}, min(options.repeat, ROUNDS))
    styled = sides["styled"]()["seconds"]
    done = subprocess.run([sys.executable, "-c", MEASURED, str(folder)], capture_output=True, text=True, check=True)
    ratio = found.median("bare") / found.median("ours")
    said = f"{lines:,} receipts read from the evidence, 9 cells each; {found.said('bare', 'ours')}"
    return [
        Row("detail of the report", ">= 0.9", ratio, f"{said}; once, with the looks of ours: {styled:.0f} s bare"),
        Row("its memory", "<= 150 MB", int(done.stdout) / 1024, f"peak of a process that writes those {lines:,} lines"),
    ]


def fill(folder: Path, lines: int) -> None:
    """An evidence database with one run and so many receipts."""
    folder.mkdir(parents=True)
    bundle, evidence, day = _workspace(folder).bundle(), _workspace(folder).evidence(), clock.today()
    with evidence.writing() as db:
        db.execute(tables.run.insert(), {
            "run_id": RUN, "store": "usage", "as_of": day, "horizon": day, "policy_hash": bundle.policy_hash,
            "decision_set": bundle.decisions.set, "dry_run": False, "status": "passed", "started_at": clock.now(),
            "finished_at": clock.now(),
        })  # fmt: skip
        for first in range(0, lines, AT_ONCE):
            db.execute(tables.receipt.insert(), [_receipt(n, day) for n in range(first, min(first + AT_ONCE, lines))])


def _receipt(number: int, day: dt.date) -> dict[str, object]:
    root = hashlib.sha256(str(number).encode()).hexdigest()
    return {
        "receipt_id": f"{RUN}/visits/1/{number}", "run_id": RUN, "store": "usage", "population": "visits", "unit": 1,
        "batch": number, "rule": "usage-visits", "action": "anonymise", "as_of": day, "plan_hash": "p" * 64,
        "rows": number % 5000, "spared": number % 3, "root": root, "scheme": "counts", "keyset": b"", "keyset_hash": root,
        "disposed_at": dt.datetime.combine(day, dt.time(3)) + dt.timedelta(milliseconds=number * 10),
    }  # fmt: skip


def _workspace(folder: Path) -> Workspace:
    return Workspace.at(folder, decision_set="example")


def _report(folder: Path) -> Report:
    bundle, evidence = _workspace(folder).bundle(), _workspace(folder).evidence(readonly=True)
    run = evidence.run(RUN)
    assert run is not None
    return opened(bundle, evidence, {"usage": figures_of(evidence, run, receipts=False)}, "fr", title="detail.book")


def ours(folder: Path) -> None:
    """The list of receipts as the detail writes it."""
    made = _report(folder)
    list_receipts(made).table.finish()
    made.book.save(folder, "ours.xlsx")


def bare(folder: Path, *, styled: bool) -> None:
    """The same values by openpyxl's write-only mode and nothing else; `styled`: each cell with a font and a border."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("bare")
    side = Side("thin", color="B8C2CE")
    font, border = Font("Arial", 9), Border(left=side, right=side, top=side, bottom=side)
    for row in _rows(folder):
        if not styled:
            sheet.append(row)
            continue
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            cell.font, cell.border = font, border
        sheet.append(cells)
    book.save(folder / "bare.xlsx")


def _rows(folder: Path) -> Iterator[list[Value]]:
    made = _report(folder)
    fields = receipt_fields(made)
    for receipt in made.evidence.each_receipt([RUN]):
        row = [field.of(receipt) for field in fields]
        yield [as_civil(value) if isinstance(value, dt.datetime) else value for value in row]


def peak(folder: str) -> int:
    """Kilobytes that this process has taken at most, once it has written the list.

    Linux tells it of this program alone; `ru_maxrss` also remembers the process that started it.
    """
    ours(Path(folder))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])
