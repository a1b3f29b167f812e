"""Every word of the two workbooks that is not declared elsewhere, in its two languages."""

from __future__ import annotations

from retention.declare.words import Text


def _both(fr: str, en: str) -> Text:
    return Text(fr=fr, en=en)


LABELS: dict[str, Text] = {
    "edition": _both("{owner} – au titre du {date}", "{owner} – as of {date}"),
    "edition.more": _both("décisions : {sets} – déclaration {hash}", "decisions: {sets} – declaration {hash}"),
    "example": _both(
        "JEU DE DÉCISIONS D'EXEMPLE – sans valeur, n'engage personne", "EXAMPLE DECISION SET – of no force, binds nobody"
    ),
    "draft": _both("SIMULATION – rien n'a été modifié ni approuvé", "SIMULATION – nothing was changed or approved"),
    "total": _both("Total", "Total"),
    "yes": _both("oui", "yes"),
    # columns
    "col.store": _both("Base", "Store"),
    "col.category": _both("Catégorie", "Category"),
    "col.population": _both("Enregistrements", "Records"),
    "col.month": _both("Mois", "Month"),
    "col.rule.before": _both("Règle en vigueur", "Rule in force"),
    "col.rule.after": _both("Règle proposée", "Proposed rule"),
    "col.before": _both("Issue en vigueur", "Outcome in force"),
    "col.after": _both("Issue proposée", "Proposed outcome"),
    "col.change": _both("Effet", "Effect"),
    "col.rows": _both("Nombre", "Number"),
    "col.frozen": _both("dont gelés", "of which held"),
    "col.reference": _both("Référence", "Reference"),
    "col.free": _both("Non gelés", "Not held"),
    "col.held": _both("Gelés", "Held"),
    # when
    "when.due": _both("Échus à ce jour", "Due already"),
    "when.month": _both("échéance en {month}", "due in {month}"),
    "when.later": _both("Plus tard", "Later"),
    "when.open": _both("Sans échéance à ce jour (contrat ou essai en cours)", "No date yet (contract or trial live)"),
    "when.undecided": _both("Critère non décidé : gardés sans terme", "Criterion not decided: kept without a term"),
    "when.waits": _both(
        "Échus, mais des enregistrements qui en dépendent restent", "Due, but records that depend on them stay"
    ),
    "when.never": _both("Aucune échéance (déjà anonymisés, ou sans règle)", "No due date (anonymised already, or no rule)"),
    "when.unjudged": _both("Non jugeables (quarantaine, ou faits absents)", "Cannot be judged (quarantine, or no facts)"),
    "rest": _both("fin {month}", "rest of {month}"),
    # what changes
    "change.dispose": _both("À traiter aussitôt", "Disposed of at once"),
    "change.release": _both("Ne seraient plus échus", "No longer due"),
    "change.sooner": _both("Échus plus tôt", "Due sooner"),
    "change.longer": _both("Gardés plus longtemps", "Kept longer"),
    "change.otherwise": _both("Échus, mais traités autrement", "Due, but treated otherwise"),
    "change.same": _both("Sans changement", "No change"),
    "change.unjudged": _both("Non jugeables", "Cannot be judged"),
    "means.dispose": _both(
        "échus dès la prochaine nuit sous les décisions proposées, alors qu'ils sont gardés aujourd'hui",
        "due from the next night under the proposed decisions, though kept today",
    ),
    "means.release": _both(
        "échus aujourd'hui ; les décisions proposées les garderaient", "due today; the proposed decisions would keep them"
    ),
    "means.sooner": _both(
        "pas encore échus ; leur échéance serait avancée, ou ils en recevraient une",
        "not due yet; their due date would come earlier, or they would get one",
    ),
    "means.longer": _both(
        "pas encore échus ; leur échéance serait reculée, ou ils n'en auraient plus",
        "not due yet; their due date would come later, or they would lose it",
    ),
    "means.otherwise": _both("échus dans les deux cas, mais l'action change", "due under both, but the action changes"),
    "means.same": _both("même issue, même mois", "same outcome, same month"),
    "means.unjudged": _both(
        "illisibles ou contradictoires : ni l'une ni l'autre déclaration ne permet de conclure",
        "unreadable or contradictory: neither declaration can say",
    ),
    # facts
    "facts.old": _both(
        "{store} : les faits sur les personnes datent du {date} ; une nuit les mettrait d'abord à jour.",
        "{store}: the facts about the persons are of {date}; a night would bring them up to date first.",
    ),
    "facts.none": _both(
        "{store} : aucun fait sur les personnes n'est connu ; ce qui en dépend ne peut être jugé.",
        "{store}: no facts about the persons are known; what depends on them cannot be judged.",
    ),
    # impact
    "impact.title": _both("Simulation d'un changement de décisions", "What a change of decisions would do"),
    "impact.subject": _both(
        "Effet d'un jeu de décisions proposé sur les enregistrements présents",
        "Effect of a proposed decision set on the records as they are",
    ),
    "impact.summary.sheet": _both("Synthèse", "Summary"),
    "impact.summary.title": _both("Simulation : {before} → {after}", "What if: {before} → {after}"),
    "impact.summary.intro": _both(
        "Chaque enregistrement présent, jugé sous la déclaration en vigueur et sous celle qui est proposée, le même "
        "jour. Lecture "
        "seule : rien n'a été modifié. Ce document ne contient aucune donnée personnelle.",
        "Every record that is there, judged under the declaration in force and under the proposed one, on the same "
        "day. Read only: "
        "nothing was changed. This document holds no personal data.",
    ),
    "impact.none": _both(
        "Aucune différence : les deux déclarations demandent la même chose de chaque enregistrement.",
        "No difference: both declarations ask the same of every record.",
    ),
    "impact.headline": _both("En bref", "In short"),
    "impact.meaning": _both("Ce que cela veut dire", "What that means"),
    "impact.differs": _both("Ce qui change dans la déclaration", "What changes in the declaration"),
    "impact.what": _both("Décision ou règle", "Decision or rule"),
    "impact.question": _both("Objet", "About"),
    "impact.from": _both("En vigueur", "In force"),
    "impact.to": _both("Proposé", "Proposed"),
    "impact.missing": _both(
        "Décisions absentes du jeu proposé, qui comptent comme non décidées : {names}.",
        "Decisions that the proposed set leaves out, and that count as undecided: {names}.",
    ),
    "impact.by": _both("Par base et catégorie", "By store and category"),
    "impact.chart": _both("Effet par catégorie de données", "Effect by category of data"),
    "impact.rules.sheet": _both("Par règle", "By rule"),
    "impact.rules.title": _both("Par base, enregistrement et règle", "By store, record and rule"),
    "impact.rules.intro": _both(
        "Ce que chaque règle dit avant et après, et combien d'enregistrements sont concernés. Les enregistrements "
        "gelés le restent : "
        "ils sont comptés à part.",
        "What each rule says before and after, and how many records are concerned. Records under hold stay held: they "
        "are counted "
        "apart.",
    ),
    "impact.months.sheet": _both("Par mois", "By month"),
    "impact.months.title": _both("Mois d'échéance, avant et après", "Month in which records fall due, before and after"),
    "impact.months.intro": _both(
        "Combien d'enregistrements, gelés non compris, tombent à échéance chaque mois sous chacune des deux déclarations.",
        "How many records, those under hold left out, fall due in each month under each of the two declarations.",
    ),
    "impact.months.chart": _both("Enregistrements échus par mois", "Records falling due by month"),
    "impact.examples.sheet": _both("Exemples", "Examples"),
    "impact.examples.title": _both("Quelques exemples", "A few examples"),
    "impact.examples.intro": _both(
        "Au plus trois par effet et type d'enregistrement, par référence (base:population:clé). « retention explain "
        "--store BASE "
        "--record POPULATION:CLÉ » dit pourquoi chacun est gardé aujourd'hui.",
        "Three at most for each effect and kind of record, by reference (store:population:key). “retention explain "
        "--store STORE "
        "--record POPULATION:KEY” says why each is kept today.",
    ),
    "impact.examples.none": _both("Aucun exemple : rien ne change.", "No example: nothing changes."),
    # forecast
    "forecast.title": _both("Prévision des échéances", "Forecast of what falls due"),
    "forecast.subject": _both(
        "Ce qui tombe à échéance dans les mois à venir, et la taille des bases",
        "What falls due in the months ahead, and the size of the stores",
    ),
    "forecast.summary.sheet": _both("Synthèse", "Summary"),
    "forecast.summary.title": _both("Prévision des échéances", "Forecast of what falls due"),
    "forecast.summary.intro": _both(
        "Quand les enregistrements présents aujourd'hui tomberont à échéance, selon les décisions en vigueur. Ce document ne "
        "contient aucune donnée personnelle.",
        "When the records that are there today will fall due, by the decisions in force. This document holds no personal data.",
    ),
    "forecast.headline": _both("En bref", "In short"),
    "forecast.next": _both("Échus d'ici la fin de {month}", "Due by the end of {month}"),
    "forecast.now": _both("Échus à ce jour, à traiter la nuit prochaine", "Due today, to be disposed of next night"),
    "forecast.peak": _both("Mois le plus chargé", "Busiest month"),
    "forecast.peak.of": _both("{month} : {count}", "{month}: {count}"),
    "forecast.size": _both("Enregistrements aujourd'hui", "Records today"),
    "forecast.size.alone": _both("Fin {month}, sans nouveaux enregistrements", "End of {month}, without new records"),
    "forecast.size.pace": _both(
        "Fin {month}, au rythme des 12 derniers mois", "End of {month}, at the pace of the last 12 months"
    ),
    "forecast.by": _both(
        "Par base et catégorie : échéance des enregistrements présents", "By store and category: when they fall due"
    ),
    "forecast.months.chart": _both("Enregistrements échus par mois", "Records falling due by month"),
    "forecast.size.chart": _both("Taille des bases, fin de mois", "Size of the stores, end of month"),
    "forecast.months.sheet": _both("Par mois", "By month"),
    "forecast.months.title": _both("Échéances par mois, base et catégorie", "Due by month, store and category"),
    "forecast.months.intro": _both(
        "Première échéance des enregistrements présents, gelés non compris ; ce qui est échu à ce jour est compté à part.",
        "First due date of the records that are there, those under hold left out; what is due today is counted apart.",
    ),
    "forecast.sizes.sheet": _both("Taille", "Size"),
    "forecast.sizes.title": _both("Comment les bases diminuent ou grandissent", "How the stores shrink or grow"),
    "forecast.sizes.intro": _both(
        "Sans nouveaux enregistrements : ce qui reste de ce qui est là. Au rythme des 12 derniers mois : on suppose "
        "qu'il en arrive "
        "autant chaque mois qu'en moyenne sur les 12 derniers mois entiers, et qu'ils repartent aussi vite.",
        "Without new records: what is left of what is there. At the pace of the last 12 months: as many are assumed "
        "to come each "
        "month as on average over the last 12 whole months, and to go as soon as those do.",
    ),
    "forecast.alone": _both("sans nouveaux", "without new ones"),
    "forecast.pace": _both("au rythme actuel", "at today's pace"),
    "forecast.assumed": _both("Ce qui est supposé", "What is assumed"),
    "forecast.assume.holds": _both(
        "Les gels restent : ce qui est gelé ne part pas et n'est compté dans aucun mois.",
        "Holds stay: what is held does not go and is counted in no month.",
    ),
    "forecast.assume.contracts": _both(
        "Un contrat sans terme n'a pas d'échéance ; un contrat à terme est supposé finir à la date convenue, sans "
        "renouvellement.",
        "A contract without an end has no due date; one with an end is taken to end on the agreed day, unrenewed.",
    ),
    "forecast.assume.children": _both(
        "Un enregistrement dont d'autres dépendent part avec le dernier d'entre eux ; la date indiquée est la sienne.",
        "A record that others depend on goes with the last of them; the date given is its own.",
    ),
    "forecast.assume.pace": _both(
        "Le rythme se lit sur les enregistrements encore présents : ce qui a déjà été effacé n'y compte pas.",
        "The pace is read from the records still there: what has been erased already does not count.",
    ),
    "forecast.assume.paceless": _both(
        "Rythme inconnu, donc nul, pour : {names}.", "Pace unknown, and so taken as nil, for: {names}."
    ),
    "forecast.assume.archive": _both(
        "Ce qui passe en archive intermédiaire reste compté dans sa base jusqu'à la fin de l'obligation légale.",
        "What moves to the intermediate archive stays counted in its store until the legal obligation ends.",
    ),
}

# Where the proposed declaration is declared already, and a person is asked about its first disposal.
DECLARED_SINCE: dict[str, Text] = {
    "draft": _both("SIMULATION – rien n'a encore été traité", "SIMULATION – nothing was disposed of yet"),
    "col.rule.before": _both("Règle précédente", "Earlier rule"),
    "col.rule.after": _both("Règle nouvelle", "New rule"),
    "col.before": _both("Issue précédente", "Earlier outcome"),
    "col.after": _both("Issue nouvelle", "New outcome"),
    "means.dispose": _both(
        "échus à présent sous la nouvelle déclaration ; la précédente les gardait",
        "due now under the new declaration; the earlier one kept them",
    ),
    "means.release": _both(
        "échus sous la déclaration précédente ; la nouvelle les garde",
        "due under the earlier declaration; the new one keeps them",
    ),
    "impact.title": _both("Ce que change la nouvelle déclaration", "What the new declaration changes"),
    "impact.subject": _both(
        "Effet de la nouvelle déclaration sur les enregistrements présents",
        "Effect of the new declaration on the records as they are",
    ),
    "impact.summary.title": _both("Déclaration : {before} → {after}", "Declaration: {before} → {after}"),
    "impact.summary.intro": _both(
        "Chaque enregistrement présent dans la base, jugé le même jour sous la déclaration précédente et sous la nouvelle, "
        "avant que rien ne soit traité. Ce document ne contient aucune donnée personnelle.",
        "Every record that is in the store, judged on the same day under the earlier declaration and under the new one, "
        "before anything is disposed of. This document holds no personal data.",
    ),
    "impact.from": _both("Avant", "Before"),
    "impact.to": _both("À présent", "Now"),
    "impact.missing": _both(
        "Décisions absentes du nouveau jeu, qui comptent comme non décidées : {names}.",
        "Decisions that the new set leaves out, and that count as undecided: {names}.",
    ),
}
