"""Categories and elements of data."""

from __future__ import annotations

DATA = {
    "data.category": ("Catégorie", "Category"),
    "data.origin": ("Origine des données", "Source of the data"),
    "data.elements": ("Éléments de données", "Elements of data"),
    "data.element": ("Élément", "Element"),
    "data.note": ("Précisions", "Detail"),
    "data.kept": ("Colonnes qui le contiennent", "Columns that hold it"),
    "data.not_kept": ("aucune colonne déclarée", "no declared column"),
    "data.technical": ("Éléments techniques", "Technical elements"),
    "data.no_line": ("hors politique", "outside the policy"),
}
