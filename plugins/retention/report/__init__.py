"""The retention report: what the last night of each store found, did and left, as a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retention.declare.bundle import Bundle
    from retention.declare.words import Language
    from retention.evidence.database import Evidence
    from retention.workspace import Workspace


def write_report(
    workspace: Workspace,
    bundle: Bundle,
    evidence: Evidence,
    run_ids: Sequence[str],
    language: Language = "fr",
    stream: None = None,
) -> Path:
    """Writes `output/reports/rapport-<as-of>.xlsx` (`report-<as-of>.xlsx` in English) on the latest of these runs per store.

    Nothing is printed, whatever `stream` is. Raises NotFound for a run the evidence does not know, OutputError where the file
    cannot be written.
    """
    from retention.report.build import build_report

    return build_report(workspace, bundle, evidence, run_ids, language)


def write_detail(
    workspace: Workspace, bundle: Bundle, evidence: Evidence, run_ids: Sequence[str], language: Language = "fr"
) -> Path:
    """Writes `output/reports/rapport-<as-of>-detail.xlsx`: every record held or in quarantine, and every receipt of these runs.

    The stores are read as they are now. Raises StoreError where one of them cannot be, else as `write_report`.
    """
    from retention.report.build import build_detail

    return build_detail(workspace, bundle, evidence, run_ids, language)


def write_monthly(workspace: Workspace, bundle: Bundle, evidence: Evidence, first: dt.date, language: Language = "fr") -> Path:
    """Writes `output/reports/rapport-mensuel-<month>.xlsx` (`monthly-report-…` in English) on the month that begins on `first`.

    Raises NotFound for a month that has not begun or has no night on record, OutputError where the file cannot be written.
    """
    from retention.report.monthly import build_monthly

    return build_monthly(workspace, bundle, evidence, first, language)
