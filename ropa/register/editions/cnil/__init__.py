"""The register in the layout of the CNIL's simplified register, as `.xlsx` and as `.ods`: one book, written twice.

Sheet 3 is the empty model. Sheet 4, the example, is the first record of this register again: an invented one could be taken for
ours. After sheet 5 comes one sheet per activity, named by its reference.
"""

from __future__ import annotations

from pathlib import Path

from retention.declare.words import Language
from ropa.register.editions.cnil.records import CnilRegister as CnilRegister
from ropa.register.editions.cnil.records import Fiche as Fiche
from ropa.register.editions.cnil.records import cnil_register as cnil_register
from ropa.register.editions.cnil.records import fiche as fiche
from ropa.register.editions.cnil.sheets import filled
from ropa.register.editions.official import file_name
from ropa.register.publication import Publication

NAMES: dict[Language, str] = {"fr": "registre-cnil", "en": "register-cnil"}


def write(publication: Publication, language: Language, folder: Path) -> Path:
    """Writes the workbook and answers where."""
    return filled(publication, language).save(folder, file_name(NAMES, publication, language, "xlsx"))


def write_ods(publication: Publication, language: Language, folder: Path) -> Path:
    """Writes the OpenDocument spreadsheet and answers where."""
    return filled(publication, language).save_as_ods(folder, file_name(NAMES, publication, language, "ods"))
