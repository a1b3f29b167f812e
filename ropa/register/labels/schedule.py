"""The retention schedule."""

from __future__ import annotations

SCHEDULE = {
    "schedule.declared": ("Ce qui est déclaré", "What is declared"),
    "schedule.found": (
        "Ce que la dernière passe de chaque base a trouvé et fait",
        "What the last run of every store found and did",
    ),
    "schedule.rule": ("Règle", "Rule"),
    "schedule.scope": ("Champ", "Scope"),
    "schedule.criterion": ("Critère", "Criterion"),
    "schedule.period": ("Durée", "Period"),
    "schedule.source": ("Source", "Source"),
    "schedule.action": ("Sort à l'échéance", "Action when due"),
    "schedule.cutoff": ("Date limite", "Cutoff"),
    "schedule.undecided": ("Critère non décidé", "Criterion not decided"),
    "schedule.scanned": ("Analysés", "Scanned"),
    "schedule.due": ("Échus", "Due"),
    "schedule.deleted": ("Supprimés", "Erased"),
    "schedule.anonymised": ("Anonymisés", "Anonymised"),
    "schedule.minimised": ("Réduits", "Minimised"),
    "schedule.archived": ("Archivés", "Archived"),
    "schedule.nights": ("Dernières passes", "Last runs"),
    "schedule.all_stores": ("celles de toutes les bases", "those of all stores"),
    "schedule.figures_from": ("(chiffres du {date})", "(figures of {date})"),
    "schedule.erasure.scope": ("Données de la personne, dans toutes les bases", "The person's data, in all stores"),
    "schedule.erasure.criterion": (
        "Échu sur-le-champ, sauf obstacle légal (article 17, paragraphe 3).",
        "Due at once, save a legal bar (article 17(3)).",
    ),
    "schedule.none": ("Sans règle", "Without a rule"),
    "schedule.none.scope": ("Quarantaine et enregistrements qu'aucune règle ne vise", "Quarantine, and records no rule covers"),
    "schedule.none.criterion": ("Aucun : rien n'en est effacé.", "None: nothing of it is erased."),
    "action.delete": ("Suppression", "Erasure"),
    "action.anonymise": ("Anonymisation", "Anonymisation"),
    "action.minimise": ("Réduction aux champs légaux", "Reduction to legal fields"),
    "action.archive": ("Archivage intermédiaire des champs légaux", "Intermediate archive of the legal fields"),
}
