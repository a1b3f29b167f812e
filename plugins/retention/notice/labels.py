"""Every word of the letters, in their two languages."""

from __future__ import annotations

from retention.declare.words import Text


def _both(fr: str, en: str) -> Text:
    return Text(fr=fr, en=en)


LABELS: dict[str, Text] = {
    "grade.red": _both("En retard ou non prouvé", "Overdue or unproven"),
    "grade.amber": _both("À examiner", "To be looked at"),
    "grade.blue": _both("Attend une personne", "Waits for a person"),
    "who": _both(
        "Message automatique du système de conservation. Il ne contient aucune donnée personnelle.",
        "Automatic message of the retention system. It holds no personal data.",
    ),
    # what happened
    "failed.title": _both("{title} : la passe du {date} a échoué", "{title}: the night of {date} failed"),
    "failed.rehearsal": _both("{title} : la répétition du {date} a échoué", "{title}: the rehearsal of {date} failed"),
    "done.overdue": _both("{title} : des données échues restent", "{title}: records stay beyond their last day"),
    "done.unproven": _both("{title} : des effacements restent non prouvés", "{title}: disposals stay unproven"),
    "done.reserved": _both("{title} : passe du {date} sous réserve", "{title}: the night of {date} has reservations"),
    "waiting.title": _both("{title} : un effacement attend une approbation", "{title}: a disposition waits for approval"),
    "late.title": _both("{title} : la passe n'est pas terminée à l'heure", "{title}: the night is not over in time"),
    "other.title": _both("{title} : échec", "{title}: failed"),
    "late.other": _both("{title} : pas terminé à l'heure", "{title}: not over in time"),
    # lines
    "line.store": _both("Base", "Store"),
    "line.dag": _both("DAG", "DAG"),
    "line.step": _both("Étape", "Step"),
    "line.said": _both("Ce qui a été dit", "What was said"),
    "line.means": _both("Ce que cela signifie", "What it means"),
    "line.overdue": _both("En retard", "Overdue"),
    "line.frozen": _both("Échu mais gelé", "Overdue but held"),
    "line.unproven": _both("Non prouvé", "Unproven"),
    "line.quarantine": _both("Quarantaine", "Quarantine"),
    "line.warnings": _both("Réserves des contrôles", "Reservations of the checks"),
    "line.plan": _both("Plan", "Plan"),
    "line.due": _both("À traiter", "To be disposed of"),
    "line.next": _both("Que faire", "What to do"),
    "line.run": _both("Passe", "Run"),
    "said.nothing": _both("rien : voir le journal de l'étape", "nothing: see the log of the step"),
    "rows": _both("{rows} enregistrement(s)", "{rows} record(s)"),
    "rows.since": _both(
        "{rows} enregistrement(s), le plus ancien depuis {days} jours", "{rows} record(s), the oldest for {days} days"
    ),
    "rows.none": _both("aucun au dernier comptage", "none when last counted"),
    "rows.counted": _both("(comptés au titre du {date})", "(counted as of {date})"),
    "rows.never": _both("inconnu : cette base n'a encore jamais été comptée", "unknown: this store has never been counted yet"),
    # what it means
    "means.unread": _both(
        "Rien n'a été effacé. La preuve ou la déclaration ne peut être lue : le retard de cette base n'est pas connu.",
        "Nothing was disposed of. Evidence or declaration cannot be read: how late this store is, is not known.",
    ),
    "means.nothing": _both(
        "Rien n'a été effacé dans cette base. Ce qui est arrivé à échéance depuis le dernier comptage y reste.",
        "Nothing was disposed of in this store. What has fallen due since the last count stays there.",
    ),
    "means.rehearsal": _both("C'était une répétition : rien ne devait être effacé.", "It was a rehearsal: nothing was to go."),
    "means.part": _both(
        "{rows} enregistrement(s) effacés, chaque lot avec son reçu scellé ; le contrôle final manque ou n'est pas passé.",
        "{rows} record(s) went, each batch with its sealed receipt; the last check is missing or was not passed.",
    ),
    "means.checked": _both(
        "{rows} enregistrement(s) effacés et contrôlés ; ce qui devait suivre (registre, rapport) manque.",
        "{rows} record(s) went and were checked; what was to follow (register, report) is missing.",
    ),
    "means.done": _both(
        "La passe est allée à son terme : {rows} enregistrement(s) effacés.", "The night is over: {rows} record(s) went."
    ),
    "means.waiting": _both(
        "Rien ne sera effacé sans un oui. Sans réponse à temps, la passe échoue et rien n'est effacé.",
        "Nothing goes without a yes. Without an answer in time the night fails and nothing is disposed of.",
    ),
    "means.late": _both(
        "La passe est en attente, bloquée, ou plus longue que prévu. Ce qui est échu reste jusqu'à son terme.",
        "The night is queued, stuck, or longer than expected. What is due stays until it is over.",
    ),
    "means.other": _both(
        "Aucune base n'est touchée. Le document que cette tâche devait produire manque ou n'est pas à jour.",
        "No store is concerned. The document that this was to make is missing or not up to date.",
    ),
    # what to do
    "next.mend": _both(
        "Réparer ce qui est dit ci-dessus, puis, dans Airflow, effacer l'état de l'étape en échec : la passe reprend là où "
        "elle s'est arrêtée et ne répète rien.",
        "Mend what is said above, then clear the failed step in Airflow: the night goes on where it stopped, and repeats "
        "nothing.",
    ),
    "next.status": _both(
        "`retention status` dit où en est chaque base, `retention check` ce que la déclaration a de faux.",
        "`retention status` says how each store stands, `retention check` what is wrong with the declaration.",
    ),
    "next.verify": _both(
        "`retention verify` dit si les reçus tiennent ; ne rien modifier dans la base avant de le savoir.",
        "`retention verify` says whether the receipts hold; change nothing in the store before you know.",
    ),
    "next.overdue": _both(
        "`retention explain` dit pourquoi un enregistrement reste ; relancer la passe si une autre tâche l'a empêchée.",
        "`retention explain` says why a record stays; run the night again if another program stood in its way.",
    ),
    "next.quarantine": _both(
        "Le rapport de conservation dit, feuille Quarantaine, ce qui ne va pas et ce qui le répare.",
        "The retention report says in its sheet Quarantine what is wrong and what mends it.",
    ),
    "next.approve": _both(
        "Lire le plan et dire oui ou non dans Airflow, sous « Required Actions » de cette passe.",
        "Read the plan and say yes or no in Airflow, under Required Actions of this run.",
    ),
    "next.late": _both(
        "Regarder dans Airflow quelle étape court ou attend ; une passe arrêtée de force reprend sans rien répéter.",
        "See in Airflow which step runs or waits; a night that is stopped by force goes on later and repeats nothing.",
    ),
    "next.other": _both(
        "Lire le journal de l'étape dans Airflow, réparer, puis effacer l'état de l'étape.",
        "Read the log of the step in Airflow, mend it, then clear the step.",
    ),
}
