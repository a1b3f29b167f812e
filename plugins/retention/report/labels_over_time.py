"""The words of what tells of more than one night: trends, the report of a month, and the detail beside the report."""

from __future__ import annotations

from retention.declare.words import Text


def both(fr: str, en: str) -> Text:
    return Text(fr=fr, en=en)


OVER_TIME: dict[str, Text] = {
    # sheets
    "trends.sheet": both("Tendances", "Trends"),
    "trends.title": both("Tendances sur douze mois", "Trends over twelve months"),
    "trends.intro": both(
        "Mois par mois, puis en courbes. Une nuit manquante laisse un vide dans la courbe : elle n'est jamais un zéro.",
        "Month by month, then as lines. A night that is missing leaves a gap in the line: it is never a zero.",
    ),
    "nights.sheet": both("Nuit par nuit", "Night by night"),
    "nights.title": both("Nuit par nuit, toutes bases puis base par base", "Night by night, all stores and then each"),
    "nights.intro": both(
        "Une ligne par nuit et par base. Une nuit reprise compte une fois : l'état vient de sa dernière passe, les traités "
        "de toutes ses passes.",
        "One line per night and store. A night run again counts once: what is left comes from its last run, what was "
        "disposed of from all of them.",
    ),
    "detail.book": both("Détail du rapport de conservation", "Detail of the retention report"),
    "detail.sheet": both("Contenu", "Contents"),
    "detail.title": both("Détail du rapport de conservation", "Detail of the retention report"),
    "detail.intro": both(
        "Chaque enregistrement gelé ou en quarantaine, par référence opaque, et chaque reçu des dernières passes.",
        "Every record held or in quarantine, by opaque reference, and every receipt of the last runs.",
    ),
    "held.sheet": both("Gelés", "Held"),
    "held.title": both("Enregistrements gelés", "Records held"),
    "held.intro": both(
        "Depuis quand : la plus ancienne des mesures de ce motif. À revoir avant : la première des dates de revue.",
        "Since when: the earliest hold of that ground. Review by: the first of the review dates.",
    ),
    "set_aside.sheet": both("Quarantaine", "Quarantine"),
    "set_aside.title": both("Enregistrements en quarantaine", "Records in quarantine"),
    "set_aside.intro": both(
        "Depuis quand : la première nuit où ce motif a été constaté dans ces enregistrements.",
        "Since when: the first night in which this reason was met among these records.",
    ),
    "batches.sheet": both("Reçus", "Receipts"),
    "batches.title": both("Reçus des lots traités", "Receipts of the batches"),
    "batches.intro": both(
        "Un reçu par lot, écrit dans la transaction même qui l'a traité.",
        "One receipt per batch, written in the very transaction that did it.",
    ),
    "month.book": both("Rapport mensuel de conservation", "Monthly retention report"),
    "month.title": both("Rapport mensuel de conservation – {month}", "Monthly retention report – {month}"),
    "month.intro": both(
        "Les nuits du {first} au {last}. Ce rapport ne contient aucune donnée personnelle.",
        "The nights from {first} to {last}. This report holds no personal data.",
    ),
    "month.intro.so_far": both(
        "Mois en cours : les nuits du {first} au {last} seulement. Ce rapport ne contient aucune donnée personnelle.",
        "The month is under way: only the nights from {first} to {last}. This report holds no personal data.",
    ),
    "curves.sheet": both("Courbes du mois", "The month as lines"),
    "curves.title": both("Le mois en courbes", "The month as lines"),
    "curves.intro": both(
        "Jour par jour, tracé d'après la feuille Nuit par nuit. Une nuit manquante laisse un vide.",
        "Day by day, drawn from the sheet Night by night. A night that is missing leaves a gap.",
    ),
    "months.sheet": both("Données par mois", "Data by month"),
    "months.title": both("Données des courbes par mois", "Data of the lines by month"),
    "months.intro": both("Ce que tracent les courbes de la feuille Tendances.", "What the lines of the sheet Trends show."),
    "month_disposed.sheet": both("Traités", "Disposed of"),
    "month_disposed.title": both("Ce qui a été traité dans le mois", "What was disposed of in the month"),
    "month_disposed.intro": both(
        "Par catégorie, action et règle. La feuille Traités par passe donne la part de chaque passe, par son identifiant.",
        "By category, action and rule. The sheet Disposed of by run gives the share of each run, by its identifier.",
    ),
    "shares.sheet": both("Traités par passe", "Disposed of by run"),
    "shares.title": both("Ce que chaque passe a traité", "What each run disposed of"),
    "shares.intro": both(
        "Les reçus portent le même identifiant de passe.", "The receipts bear the same identifier of the run."
    ),
    "runs.sheet": both("Passes", "Runs"),
    "runs.title": both("Toutes les passes du mois", "All runs of the month"),
    "runs.intro": both(
        "Répétitions comprises. Les nuits qui manquent sont sur la feuille Nuit par nuit.",
        "Rehearsals included. Nights that are missing stand on the sheet Night by night.",
    ),
    "movements.sheet": both("Gels et exceptions", "Holds and exceptions"),
    "movements.title": both("Gels et demandes d'effacement", "Holds and erasure requests"),
    "movements.intro": both(
        "Posés et levés dans le mois, puis en vigueur à sa fin. Ni les personnes ni les motifs ne sont nommés.",
        "Placed and released in the month, then in force at its end. Neither persons nor grounds are named.",
    ),
    "checks.sheet": both("Contrôles non réussis", "Checks that did not pass"),
    "checks.title": both("Contrôles qui n'ont pas réussi dans le mois", "Checks that did not pass in the month"),
    "checks.intro": both(
        "Un contrôle bloquant arrête la nuit avant toute suppression.", "A blocking check stops the night before any disposal."
    ),
    "reviews.sheet": both("Décisions à revoir", "Decisions to review"),
    "reviews.title": both("Décisions à revoir ou à prendre", "Decisions to review or to take"),
    "reviews.intro": both(
        "Les décisions dont la revue est passée ou vient dans le mois qui suit, puis celles que personne n'a prises.",
        "Decisions whose review has passed or comes within a month, then those that nobody has taken.",
    ),
    # month
    "month.worst": both("Pire retard du mois", "Worst delay of the month"),
    "month.none_overdue": both(
        "Aucun : aucune nuit n'a laissé d'enregistrement échu sans motif",
        "None: no night left an overdue record without a ground",
    ),
    "month.worst.text": both(
        "{days} jours, la nuit du {date} ({store}, {count} enregistrements, passe {run})",
        "{days} days, in the night of {date} ({store}, {count} records, run {run})",
    ),
    "month.left": both("En retard à la fin du mois", "Overdue at the end of the month"),
    "month.left.none": both("Rien", "Nothing"),
    "month.left.text": both(
        "{count} enregistrements, le plus ancien depuis {days} jours", "{count} records, the oldest for {days} days"
    ),
    "month.disposed": both("Traités dans le mois", "Disposed of in the month"),
    "month.disposed.text": both("{count} enregistrements ({parts})", "{count} records ({parts})"),
    "month.nights": both("Nuits, toutes bases", "Nights, all stores"),
    "month.nights.text": both(
        "attendues : {expected} ; faites : {ran}, dont échouées : {failed} ; manquantes : {missing}",
        "expected: {expected}; run: {ran}, of which failed: {failed}; missing: {missing}",
    ),
    "month.holds": both("Gels et demandes d'effacement", "Holds and erasure requests"),
    "month.holds.text": both(
        "posés : {placed} ; levés : {released} ; en vigueur à la fin : {force}",
        "placed: {placed}; released: {released}; in force at the end: {force}",
    ),
    "month.categories": both(
        "Traités par catégorie et action ; ce qui reste gelé ou en quarantaine",
        "Disposed of by category and action; what remains held or in quarantine",
    ),
    "month.held_end": both("Gelés à la fin", "Held at the end"),
    "month.quarantined_end": both("Quarantaine à la fin", "Quarantined at the end"),
    "month.no_category": both("Populations qui ne sont plus déclarées", "Populations no longer declared"),
    "month.never": both("{store} : aucune nuit de tout le mois", "{store}: no night in the whole month"),
    "month.missing": both("{store} : nuits manquantes", "{store}: nights missing"),
    "month.failed": both("{store} : nuits échouées", "{store}: nights that failed"),
    "month.overdue": both(
        "{store} : nuits avec retard, et il en reste à la fin du mois",
        "{store}: nights with overdue records, still so at the end",
    ),
    "month.overdue_past": both(
        "{store} : nuits avec retard, résorbé depuis", "{store}: nights with overdue records, caught up since"
    ),
    "month.blocking": both("Contrôles bloquants non réussis (nuits)", "Blocking checks that did not pass (nights)"),
    "month.warnings": both("Avertissements des contrôles (nuits)", "Warnings of the checks (nights)"),
    "month.awaited": both("Décisions que personne n'a prises", "Decisions nobody has taken"),
    "month.reviews_late": both("Décisions dont la revue est en retard", "Decisions overdue for review"),
    "month.in_nights": both("Nuits", "Nights"),
    "month.first_night": both("Première nuit", "First night"),
    "month.last_night": both("Dernière nuit", "Last night"),
    "month.worst_count": both("Lignes en faute, au pire", "Rows at fault, at worst"),
    "month.note": both("Remarque", "Note"),
    "month.chart.disposed": both("Enregistrements traités par mois", "Records disposed of by month"),
    "movements.placed": both("Posés dans le mois", "Placed in the month"),
    "movements.placed.none": both("Aucun.", "None."),
    "movements.released": both("Levés dans le mois", "Released in the month"),
    "movements.released.none": both("Aucun.", "None."),
    "movements.in_force": both("En vigueur à la fin du mois", "In force at the end of the month"),
    "movements.in_force.none": both("Aucun.", "None."),
    "movements.released_on": both("Levé le {date}", "Released on {date}"),
    "checks.none": both("Tous les contrôles du mois ont réussi.", "All checks of the month passed."),
    "reviews.decision": both("Décision", "Decision"),
    "reviews.value": both("Valeur", "Value"),
    "reviews.by": both("À revoir avant", "Review by"),
    "reviews.soon": both("Bientôt", "Soon"),
    "reviews.none": both("Aucune décision n'est à revoir.", "No decision is to be reviewed."),
    "reviews.awaited": both("Décisions que personne n'a prises", "Decisions nobody has taken"),
    # detail
    "held.none": both("Aucun enregistrement n'est gelé.", "No record is held."),
    "set_aside.none": both("Aucun enregistrement en quarantaine.", "No record is in quarantine."),
    "batches.none": both("Aucun lot n'a été traité.", "No batch was disposed of."),
    "detail.read_at": both("Bases lues le (heure de Paris)", "Stores read at (Paris time)"),
    "detail.privacy": both("Confidentialité", "Privacy"),
    "detail.privacy.text": both(
        "Ni nom ni adresse : la référence est la clé de l'enregistrement dans sa base. Elle y mène ; ce fichier est donc à "
        "réserver à qui doit examiner ces enregistrements, et à effacer ensuite.",
        "Neither names nor addresses: the reference is the record's key in its store. It leads there, so this file is for "
        "those who must look into these records, and is to be erased afterwards.",
    ),
    "detail.list": both("Liste", "List"),
    "detail.lists": both(
        "Les listes, comparées aux comptes de la dernière passe", "The lists, against the counts of the last run"
    ),
    "detail.further": both("Suites, là où une feuille n'a pas suffi", "Where one sheet was not enough"),
    "detail.listed": both("Listés ici", "Listed here"),
    "detail.counted": both("Comptés par la passe", "Counted by the run"),
    "detail.difference": both("Comparaison", "Comparison"),
    "detail.same": both("Identique", "The same"),
    "detail.changed": both("La base a changé depuis la passe", "The store has changed since the run"),
    "detail.record": both("Référence", "Reference"),
    "detail.since_hold": both("Gelé depuis", "Held since"),
    "detail.late": both("En retard", "Overdue"),
    "detail.yes": both("oui, à bon droit", "yes, lawfully"),
    "detail.no": both("non", "no"),
    # trends
    "trends.month": both("Mois", "Month"),
    "trends.expected": both("Nuits attendues", "Nights expected"),
    "trends.missing": both("dont manquantes", "of which missing"),
    "trends.failed": both("dont échouées", "of which failed"),
    "trends.held_end": both("Gelés en fin de mois", "Held at the end"),
    "trends.quarantined_end": both("Quarantaine en fin de mois", "Quarantined at the end"),
    "trends.worst": both("Pire retard (jours)", "Worst delay (days)"),
    "trends.worst_night": both("Nuit du pire retard", "Night of the worst"),
    "trends.worst_rows": both("Échus restés cette nuit-là", "Left due that night"),
    "trends.unknown": both("inconnu", "unknown"),
    "trends.none": both("Aucune nuit enregistrée sur la période.", "No night is on record in this period."),
    "trends.all": both("Toutes les bases", "All stores"),
    "trends.age": both("Retard du plus ancien (jours)", "Age of the oldest (days)"),
    "trends.ran": both("{ran} sur {expected} bases", "{ran} of {expected} stores"),
    "trends.ran_failed": both(" ; échouées : {failed}", "; failed: {failed}"),
    "trends.again": both(" ({runs} passes)", " ({runs} runs)"),
    "trends.not_yet": both("Avant la première passe", "Before the first run"),
    "trends.night_missing": both("Nuit manquante", "Night missing"),
    "trends.chart.age": both("Retard du plus ancien enregistrement échu", "Age of the oldest overdue record"),
    "trends.chart.disposed": both("Enregistrements traités chaque nuit", "Records disposed of each night"),
    "trends.chart.held": both("Enregistrements gelés, par base", "Records held, by store"),
    "trends.chart.quarantined": both("Enregistrements en quarantaine, par base", "Records in quarantine, by store"),
    "summary.disposed": both("Traités par ces passes", "Disposed of by these runs"),
    "trends.unit.days": both("jours", "days"),
    "trends.unit.records": both("enregistrements", "records"),
}
