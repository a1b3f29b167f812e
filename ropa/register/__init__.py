"""The article 30 register: what is declared, beside what the last night of each store found and did."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retention.declare.bundle import Bundle
    from retention.declare.words import Language
    from retention.evidence.database import Evidence
    from retention.workspace import Workspace


def write_register(
    workspace: Workspace,
    bundle: Bundle,
    evidence: Evidence | None,
    language: Language = "fr",
    *,
    as_of: dt.date,
    stream: None = None,
) -> Path:
    """Writes `output/register/registre-art30-<as-of>.xlsx` (`register-art30-<as-of>.xlsx` in English) and answers its path.

    Without evidence the register says so wherever a run would have spoken. Nothing is printed, whatever `stream` is.
    Raises OutputError where the file cannot be written.
    """
    from retention import clock
    from ropa.register.editions import own
    from ropa.register.making import make_register
    from ropa.register.publication import Publication

    publication = Publication(0, 0, clock.now(), make_register(bundle, evidence, as_of))
    return own.write(publication, language, workspace.output_folder("register"))
