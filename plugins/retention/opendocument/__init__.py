"""A book as an OpenDocument spreadsheet (.ods): the same sheets, cells, looks and print set-up as its .xlsx.

It is made from the finished workbook, so that the two files cannot say different things.
"""

from __future__ import annotations

from typing import Any

from openpyxl.utils import coordinate_to_tuple

from retention.cells import FONT
from retention.declare.words import Language
from retention.opendocument.looks import COUNTRY, Looks
from retention.opendocument.sheets import Lists, Sheet
from retention.opendocument.words import clean


def opendocument(workbook: Any, language: Language) -> Any:
    """The document, not yet saved. `workbook` is an openpyxl workbook made by `retention.workbook.Book`."""
    return _Document(workbook, language).made()


class _Document:
    """One document in the making."""

    def __init__(self, workbook: Any, language: Language) -> None:
        from odf.opendocument import OpenDocumentSpreadsheet

        self.workbook, self.language = workbook, language
        self.odf = OpenDocumentSpreadsheet()

    def made(self) -> Any:
        self._properties()
        self._defaults()
        looks, lists = Looks(self.odf, self.language), Lists(self.odf)
        for number, sheet in enumerate(self.workbook.worksheets, start=1):
            self.odf.spreadsheet.addElement(Sheet(looks, lists, sheet, number).table())
        self._view()
        return self.odf

    # the document

    def _properties(self) -> None:
        from odf import dc, meta

        properties = self.workbook.properties
        for make, text in (
            (dc.Title, properties.title),
            (dc.Subject, properties.subject),
            (dc.Creator, properties.creator),
            (meta.InitialCreator, properties.creator),
            (dc.Description, properties.description),
            (dc.Language, properties.language),
        ):
            self.odf.meta.addElement(make(text=clean(text or "")))

    def _defaults(self) -> None:
        from odf.style import DefaultStyle, ParagraphProperties, TextProperties

        default = DefaultStyle(family="table-cell")
        default.addElement(ParagraphProperties(tabstopdistance="1.25cm"))
        country = COUNTRY[self.language]
        default.addElement(TextProperties(fontfamily=FONT, fontsize="10pt", language=self.language, country=country))
        self.odf.styles.addElement(default)

    def _view(self) -> None:
        """No grid lines, and the rows and columns that stay in view."""
        from odf import config

        def item(name: str, kind: str, value: object) -> Any:
            return config.ConfigItem(name=name, type=kind, text=str(value).lower())

        tables = config.ConfigItemMapNamed(name="Tables")
        for sheet in self.workbook.worksheets:
            entry = config.ConfigItemMapEntry(name=sheet.title)
            entry.addElement(item("ShowGrid", "boolean", value=False))
            if sheet.freeze_panes:
                row, column = coordinate_to_tuple(sheet.freeze_panes)
                for axis, side, count in (("Horizontal", "Right", column - 1), ("Vertical", "Bottom", row - 1)):
                    entry.addElement(item(f"{axis}SplitMode", "short", 2 if count else 0))
                    entry.addElement(item(f"{axis}SplitPosition", "int", count))
                    entry.addElement(item(f"Position{side}", "int", count))
            tables.addElement(entry)
        view = config.ConfigItemMapEntry()
        view.addElement(config.ConfigItem(name="ViewId", type="string", text="view1"))
        view.addElement(tables)
        views = config.ConfigItemMapIndexed(name="Views")
        views.addElement(view)
        settings = config.ConfigItemSet(name="ooo:view-settings")
        settings.addElement(views)
        self.odf.settings.addElement(settings)
