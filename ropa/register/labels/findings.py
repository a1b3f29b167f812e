"""What the runs found, and what that says."""

from __future__ import annotations

FINDINGS = {
    "why.quarantined": (
        "mis en quarantaine, faute de pouvoir être jugés : {count}",
        "quarantined, for they could not be judged: {count}",
    ),
    "why.kept_undecided": ("conservés faute de décision : {count}", "kept for want of a decision: {count}"),
    "why.no_rule": (
        "aucune règle de conservation n'est rattachée à ce traitement",
        "no retention rule is attached to this activity",
    ),
    "why.no_category": (
        "la politique n'indique pas les données de ce traitement",
        "the policy does not state this activity's data",
    ),
    "why.old": ("{store} : chiffres du {date}, vieux de {days} jours", "{store}: figures of {date}, {days} days old"),
    "status.passed": ("En ordre", "In order"),
    "status.reservations": ("Avec réserves", "With reservations"),
    "status.failed": ("Échouée", "Failed"),
    "status.running": ("Inachevée", "Unfinished"),
    "status.waiting": ("En attente d'approbation", "Waiting for approval"),
    "status.rehearsal": ("Répétition", "Rehearsal"),
    "status.never": ("Aucune passe", "No run"),
    "verdict.yes": ("Oui", "Yes"),
    "verdict.partly": ("Oui, avec réserves", "Yes, with reservations"),
    "verdict.unknown": ("Non établi", "Not shown"),
    "verdict.no": ("Non", "No"),
    "why.overdue": (
        "échus et non gelés : {count}, le plus ancien depuis le {date}",
        "overdue and not held: {count}, the oldest since {date}",
    ),
    "why.undecided": ("critère non décidé ({names})", "criterion not decided ({names})"),
    "why.blocking": ("contrôles bloquants non réussis : {count}", "blocking checks that did not pass: {count}"),
    "why.warnings": ("avertissements des contrôles : {count}", "warnings of the checks: {count}"),
    "why.frozen": ("échus, mais gelés à bon droit : {count}", "overdue, but lawfully held: {count}"),
    "why.stale": ("gardés faute de faits à jour sur la personne : {count}", "kept for want of current facts: {count}"),
    "why.spared": (
        "épargnés avant leur lot (gel ou changement) : {count}",
        "spared before their batch (hold or change): {count}",
    ),
    "why.never": ("{store} : aucune passe, rien n'est établi", "{store}: no run, nothing is shown"),
    "why.failed": ("{store} : dernière passe {status}", "{store}: last run {status}"),
    "why.rehearsal": ("{store} : répétition, rien n'a été effacé", "{store}: rehearsal, nothing was erased"),
    "why.other_declaration": ("{store} : la déclaration a changé depuis", "{store}: the declaration has changed since"),
    "why.unmapped": ("aucune base déclarée ne contient ces données", "no declared store holds this data"),
}
