"""Data held: what the runs found of each category and each activity."""

from __future__ import annotations

HOLDINGS = {
    "holdings.categories": ("Par catégorie", "By category"),
    "holdings.counted_once": (
        "Chaque enregistrement des bases compte une fois, qu'une règle le régisse ou non.",
        "Every record of the stores counts once, whether a rule governs it or not.",
    ),
    "holdings.activities": (
        "Par traitement et catégorie",
        "By activity and category",
    ),
    "holdings.counted_often": (
        "Un enregistrement compte pour chaque traitement dont une règle le régit : ces lignes ne s'additionnent pas.",
        "A record counts for every activity one of whose rules governs it: these lines do not add up.",
    ),
    "holdings.held_group": ("Ce que les bases contiennent", "What the stores hold"),
    "holdings.done_group": ("Ce qui a été éliminé, et ce qui est établi", "What was disposed of, and what is shown"),
    "holdings.category": ("Catégorie de données", "Category of data"),
    "holdings.records": ("Détenus", "Records held"),
    "holdings.oldest": ("Plus ancien", "Oldest"),
    "holdings.due": ("Échus à la dernière passe", "Due in the last run"),
    "holdings.overdue": ("Échus, restants", "Overdue"),
    "holdings.since": ("Échu depuis le", "Overdue since"),
    "holdings.frozen": ("Gelés", "Frozen"),
    "holdings.grounds": ("Motifs de gel", "Grounds for freezing"),
    "holdings.quarantined": ("En quarantaine", "In quarantine"),
    "holdings.undecided": ("Gardés faute de décision", "Kept for want of a decision"),
    "holdings.last_run": ("Éliminés : dernière passe", "Disposed of: last run"),
    "holdings.days_30": ("Éliminés : 30 jours", "Disposed of: 30 days"),
    "holdings.months_12": ("Éliminés : 12 mois", "Disposed of: 12 months"),
    "holdings.runs": ("Dernières passes", "Last runs"),
    "holdings.run": ("{store} : {date}, {status}", "{store}: {date}, {status}"),
    "holdings.run_old": (
        "{store} : chiffres du {date}, vieux de {days} jours ({status})",
        "{store}: figures of {date}, {days} days old ({status})",
    ),
    "holdings.checks": ("Contrôles", "Checks"),
    "holdings.checks.none": ("aucun contrôle", "no check"),
    "holdings.checks.passed": ("réussis : {count}", "passed: {count}"),
    "holdings.checks.failed": ("échoués : {count}", "failed: {count}"),
    "holdings.checks.warnings": ("avertissements : {count}", "warnings: {count}"),
    "holdings.checks.errors": ("non évalués : {count}", "not evaluated: {count}"),
    "holdings.verdict": (
        "Conservées et effacées conformément à la politique ?",
        "Retained and erased in accordance with the policy?",
    ),
    "holdings.why": ("Sinon, pourquoi ; réserves", "If not, why; reservations"),
    "holdings.ground": ("{title} : {count}", "{title}: {count}"),
    "holdings.nobody": ("aucune passe n'a compté", "no run has counted"),
    "holdings.nothing": ("sans objet", "not applicable"),
    "holdings.uncounted": ("non compté", "not counted"),
    "holdings.no_oldest": ("sans date", "no date"),
    "holdings.figures": ("Chiffres des passes", "Figures of the runs"),
}
