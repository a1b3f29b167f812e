"""Every word of the page that is neither declared elsewhere nor the meaning of a code, in its two languages."""

from __future__ import annotations

from retention.airflow.page.words_of_forms import FORMS
from retention.airflow.page.words_of_forms import both as _both
from retention.declare.words import Text

WORDS: dict[str, Text] = {
    # frame
    "title": _both("Conservation des données", "Data retention"),
    "skip": _both("Aller au contenu", "Skip to content"),
    "nav": _both("Pages de la conservation", "Retention pages"),
    "nav.overview": _both("Vue d'ensemble", "Overview"),
    "nav.holds": _both("Gels", "Holds"),
    "nav.explain": _both("Expliquer", "Explain"),
    "nav.papers": _both("Documents", "Documents"),
    "language": _both("Langue", "Language"),
    "user": _both("Connecté : {name}", "Logged in: {name}"),
    "yes": _both("oui", "yes"),
    "no": _both("non", "no"),
    "none": _both("–", "–"),
    # overview
    "overview.title": _both("Vue d'ensemble", "Overview"),
    "overview.as_of": _both("État au {day}", "State on {day}"),
    "overview.in_order": _both("En ordre : rien n'est en retard", "In order: nothing is overdue"),
    "overview.in_order.more": _both(
        "La dernière passe de chaque base est allée à son terme et n'a rien laissé d'échu.",
        "The last run of every store came to its end and left nothing due.",
    ),
    "overview.overdue": _both("Enregistrements en retard : {rows}", "Records overdue: {rows}"),
    "overview.oldest": _both("Le plus ancien l'est depuis {days} jours.", "The oldest has been so for {days} days."),
    "overview.attend": _both("À examiner", "To attend to"),
    "overview.attend.more": _both(
        "Rien n'est en retard que l'on sache, mais des bases demandent attention : {stores}.",
        "Nothing is known to be overdue, but stores need attention: {stores}.",
    ),
    "overview.stores": _both("Bases et catégories", "Stores and categories"),
    "overview.caption": _both(
        "Ce que la dernière passe de {store} a trouvé et laissé, par catégorie de données",
        "What the last run of {store} found and left, by category of data",
    ),
    "overview.category": _both("Catégorie", "Category"),
    "overview.standing": _both("État", "State"),
    "overview.records": _both("Enregistrements", "Records"),
    "overview.due": _both("Échus", "Due"),
    "overview.late": _both("En retard", "Overdue"),
    "overview.age": _both("Depuis (jours)", "For (days)"),
    "overview.held": _both("Gelés", "Held"),
    "overview.frozen": _both("dont échus", "of which due"),
    "overview.quarantined": _both("Quarantaine", "Quarantine"),
    "overview.undecided": _both("Non décidés", "Undecided"),
    "overview.due.note": _both(
        "Échus : trouvés par la dernière passe avant traitement. En retard : ce qu'elle a laissé sans qu'un gel le retienne.",
        "Due: found by the last run before it disposed of anything. Overdue: what it left although no hold keeps it.",
    ),
    "overview.run": _both("Dernière passe", "Last run"),
    "overview.run.of": _both("au titre du {day}, débutée le {started}", "as of {day}, started {started}"),
    "overview.run.here": _both("Ce qu'elle a fait", "What it did"),
    "overview.run.open": _both("Voir la passe dans Airflow", "See the run in Airflow"),
    "overview.run.open.of": _both("de {store}", "of {store}"),
    "overview.run.none": _both("Aucune passe encore.", "No run yet."),
    "overview.holds": _both("Gels et demandes en vigueur", "Holds and requests in force"),
    "overview.holds.count": _both("En vigueur : {count}.", "In force: {count}."),
    "overview.holds.next": _both("Prochaine revue : {day}.", "Next review: {day}."),
    "overview.holds.late": _both("Revues en retard : {count}.", "Reviews overdue: {count}."),
    "overview.holds.none": _both("Aucun gel n'est en vigueur.", "No hold is in force."),
    "overview.holds.see": _both("Voir les gels", "See the holds"),
    "overview.year": _both("Douze mois", "Twelve months"),
    "overview.year.none": _both("Les courbes viendront avec la première nuit.", "The charts come with the first night."),
    "waiting.title": _both("En attente d'approbation", "Waiting for approval"),
    "waiting.rows": _both("{store} : enregistrements à traiter, {rows}", "{store}: records to dispose of, {rows}"),
    "waiting.span": _both("Dates de départ", "Anchor dates"),
    "waiting.until": _both("Réponse attendue avant le", "Answer by"),
    "waiting.who": _both("Qui", "Who"),
    "waiting.two": _both(
        "ni qui a lancé la passe, ni qui a modifié la déclaration",
        "neither who started the run nor who changed the declaration",
    ),
    "waiting.see": _both("Voir le plan", "See the plan"),
    "waiting.answer": _both("Répondre dans Airflow", "Answer in Airflow"),
    "problem.never": _both("jamais exécutée", "never run"),
    "problem.failed": _both("la dernière passe a échoué", "the last run failed"),
    "problem.unfinished": _both("la dernière passe n'est pas terminée", "the last run did not finish"),
    "problem.waiting": _both("la dernière passe attend une approbation", "the last run waits for approval"),
    "problem.rehearsed": _both("répétitions seulement", "only ever rehearsed"),
    "problem.late": _both("aucune passe depuis {number} jours", "no run for {number} days"),
    "problem.overdue": _both("enregistrements en retard : {number}", "records overdue: {number}"),
    "standing.in_order": _both("En ordre", "In order"),
    "standing.reservations": _both("Avec réserves", "With reservations"),
    "standing.overdue": _both("En retard", "Overdue"),
    "standing.unknown": _both("Inconnu", "Not known"),
    # charts
    "chart.oldest": _both(
        "Plus ancien retard, en jours (pire nuit du mois)", "Oldest overdue record, in days (worst night of the month)"
    ),
    "chart.oldest.one": _both("{number} jours", "{number} days"),
    "chart.disposed": _both("Enregistrements traités dans le mois", "Records disposed of in the month"),
    "chart.disposed.one": _both("{number} enregistrements", "{number} records"),
    "chart.held": _both("Enregistrements gelés en fin de mois", "Records held at the end of the month"),
    "chart.held.one": _both("{number} enregistrements", "{number} records"),
    "chart.quarantined": _both(
        "Enregistrements en quarantaine en fin de mois", "Records in quarantine at the end of the month"
    ),
    "chart.quarantined.one": _both("{number} enregistrements", "{number} records"),
    "chart.unknown": _both("inconnu", "not known"),
    "chart.summary": _both(
        "Maximum {most} ; dernier mois ({month}) : {last}. Les nombres sont dans le tableau.",
        "Highest {most}; last month ({month}): {last}. The numbers are in the table.",
    ),
    "chart.table": _both("Les nombres en tableau", "The numbers as a table"),
    "chart.caption": _both("Toutes les bases ensemble, mois par mois", "All stores together, month by month"),
    "chart.month": _both("Mois", "Month"),
    "chart.expected": _both("Nuits attendues", "Nights expected"),
    "chart.missing": _both("manquantes", "missing"),
    "chart.failed": _both("échouées", "failed"),
    "chart.col.disposed": _both("Traités", "Disposed of"),
    "chart.col.held": _both("Gelés en fin de mois", "Held at month's end"),
    "chart.col.quarantined": _both("En quarantaine", "In quarantine"),
    "chart.col.oldest": _both("Plus ancien retard (jours)", "Oldest overdue (days)"),
    "chart.col.oldest_on": _both("Pire nuit", "Worst night"),
    # messages
    "message.title": _both("Refusé", "Refused"),
    "message.said": _both("Précisions (en anglais)", "In detail"),
    "message.home": _both("Retour à la vue d'ensemble", "Back to the overview"),
    "message.login": _both("Se connecter à Airflow", "Log in to Airflow"),
    "message.not_logged_in": _both(
        "Votre session Airflow est terminée. Connectez-vous, puis revenez ici.",
        "Your Airflow session is over. Log in, then come back here.",
    ),
    "message.not_allowed": _both(
        "Votre rôle dans Airflow ne permet pas cela. Qui administre Airflow peut le donner.",
        "Your role in Airflow does not allow this. Whoever administers Airflow can give it.",
    ),
    "message.no_page": _both("Il n'y a rien à cette adresse.", "There is nothing at this address."),
    "message.no_run": _both(
        "Aucune passe de ce nom n'est dans les preuves : elle n'a pas encore commencé, ou n'est pas d'ici.",
        "No run of this name is in the evidence: it has not begun yet, or is not from here.",
    ),
    "message.no_paper": _both("Aucun document de ce nom n'est proposé ici.", "No document of this name is offered here."),
    "message.no_hold": _both(
        "Aucun gel de cet identifiant n'est en vigueur : il a peut-être déjà été levé.",
        "No hold of this identifier is in force: it may have been released already.",
    ),
    "message.too_large": _both("La demande est trop longue. Rien n'a été fait.", "The request is too long. Nothing was done."),
    "message.not_a_form": _both(
        "Ce formulaire ne se lit pas. Rien n'a été fait.", "This form cannot be read. Nothing was done."
    ),
    "message.forged": _both(
        "Ce formulaire ne vient pas de cette page, ou il est trop ancien. Rien n'a été fait : rouvrez la page et recommencez.",
        "This form does not come from this page, or is too old. Nothing was done: open the page again and start anew.",
    ),
    "message.not_found": _both("Ce qui est demandé n'existe pas.", "What was asked for does not exist."),
    "message.declaration": _both(
        "Les déclarations ne se lisent pas : rien ne peut être dit avant qu'elles soient corrigées.",
        "The declarations cannot be read: nothing can be said before they are mended.",
    ),
    "message.store": _both(
        "Une base ne répond pas ou n'est pas prête. Rien n'a été changé.",
        "A store does not answer or is not ready. Nothing was changed.",
    ),
    "message.evidence": _both(
        "La base de preuves ne répond pas. Rien n'a été changé.", "The evidence database does not answer. Nothing was changed."
    ),
    "message.outputs": _both(
        "L'endroit où sont rangés les documents ne répond pas. Le reste de cette page fonctionne.",
        "The place where documents are kept does not answer. The rest of this page works.",
    ),
    "message.refused": _both("Cela n'est pas possible.", "This is not possible."),
    "message.stumbled": _both(
        "Une erreur imprévue s'est produite. Le journal du serveur en garde le type, sans aucune valeur.",
        "An unforeseen error happened. The server's log keeps its kind, and no value.",
    ),
    **FORMS,
}
