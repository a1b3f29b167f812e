"""Checks of the register itself, and what changed since the publication before."""

from __future__ import annotations

CHECKS = {
    "checks.title_of": ("Contrôle", "Check"),
    "checks.article": ("Article du RGPD", "GDPR article"),
    "checks.legal": ("Exigé par la loi ?", "Required by law?"),
    "checks.outcome": ("Résultat", "Outcome"),
    "checks.concerns": ("Ce qui y manque", "Where it fails"),
    "checks.PASS": ("Réussi", "Passed"),
    "checks.FAIL": ("Échoué", "Failed"),
    "checks.ERROR": ("Non évalué", "Not evaluated"),
    "checks.none": (
        "Ce registre n'a pas été contrôlé : rien n'est établi sur sa complétude.",
        "This record has not been checked: nothing is shown about its completeness.",
    ),
    "changes.since": ("Comparé à la publication {number}.", "Compared with publication {number}."),
    "changes.first": (
        "Première publication, ou aucune à laquelle la comparer.",
        "The first publication, or none to compare it with.",
    ),
    "changes.none": ("Aucun changement depuis la publication précédente.", "No change since the previous publication."),
    "changes.area": ("Partie du registre", "Part of the record"),
    "changes.ref": ("Réf.", "Ref."),
    "changes.what": ("Ce qui a changé", "What changed"),
    "changes.before": ("Avant", "Before"),
    "changes.after": ("Après", "After"),
}
