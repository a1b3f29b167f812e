"""Every word of the report that is neither declared elsewhere nor the meaning of a code, in its two languages."""

from __future__ import annotations

from retention.declare.words import Text
from retention.report.labels_over_time import OVER_TIME
from retention.report.labels_over_time import both as _both

LABELS: dict[str, Text] = {
    "title": _both("Rapport de conservation", "Retention report"),
    "subject": _both(
        "Ce que la dernière passe de chaque base a trouvé et fait", "What the last run of every store found and did"
    ),
    "edition": _both("{owner} – au titre du {date}", "{owner} – as of {date}"),
    "edition.more": _both("décisions : {sets} – déclaration {hash}", "decisions: {sets} – declaration {hash}"),
    "example": _both(
        "JEU DE DÉCISIONS D'EXEMPLE – sans valeur, n'engage personne", "EXAMPLE DECISION SET – of no force, binds nobody"
    ),
    "rehearsal": _both("RÉPÉTITION : rien n'a été effacé", "REHEARSAL: nothing was erased"),
    "rehearsal.some": _both("RÉPÉTITION pour une partie des bases", "REHEARSAL for some of the stores"),
    "made_later": _both(
        "PASSE FAITE APRÈS COUP : la date du titre était passée, gels et faits sont ceux du jour de la passe",
        "MADE LATER: the date above was over, holds and facts are those of the day of the run",
    ),
    "total": _both("Total", "Total"),
    # sheets
    "summary.sheet": _both("Synthèse", "Summary"),
    "summary.title": _both("Rapport de conservation", "Retention report"),
    "summary.intro": _both(
        "Ce que la dernière passe de chaque base a trouvé, fait et laissé. Ce rapport ne contient aucune donnée personnelle.",
        "What the last run of every store found, did and left. This report holds no personal data.",
    ),
    "breakdown.sheet": _both("Par catégorie et règle", "By category and rule"),
    "breakdown.title": _both("Par catégorie et par règle", "By category and rule"),
    "breakdown.intro": _both(
        "Avant traitement : l'issue de chaque enregistrement, la règle qui l'a donnée et sa raison.",
        "Before disposal: the outcome of every record, the rule that gave it and its reason.",
    ),
    "disposed.sheet": _both("Traités", "Disposed of"),
    "disposed.title": _both("Ce qui a été traité", "What was disposed of"),
    "disposed.intro": _both(
        "Les enregistrements traités, par règle et par action ; la feuille Reçus donne chaque lot.",
        "The records disposed of, by rule and action; the sheet Receipts gives every batch.",
    ),
    "holds.sheet": _both("Gels et exceptions", "Holds and exceptions"),
    "holds.title": _both("Gels et exceptions", "Holds and exceptions"),
    "holds.intro": _both(
        "Les mesures en vigueur au moment du rapport. Ni les personnes ni les motifs ne sont nommés : la référence y mène.",
        "The measures in force when the report was made. Neither persons nor grounds are named: the reference leads to them.",
    ),
    "quarantine.sheet": _both("Quarantaine", "Quarantine"),
    "quarantine.title": _both("Quarantaine", "Quarantine"),
    "quarantine.intro": _both(
        "Enregistrements qu'on ne peut juger : ni effacés, ni oubliés. Ce qui ne va pas et ce qui le répare.",
        "Records that cannot be judged: neither erased nor forgotten. What is wrong and what mends it.",
    ),
    "undecided.sheet": _both("Critères non décidés", "Undecided criteria"),
    "undecided.title": _both("Critères non décidés", "Undecided criteria"),
    "undecided.intro": _both(
        "Tant qu'une décision manque, les enregistrements concernés sont conservés sans terme.",
        "While a decision is missing, the records concerned are kept without a term.",
    ),
    "validation.sheet": _both("Contrôles", "Checks"),
    "validation.title": _both("Contrôles avant et après", "Checks before and after"),
    "validation.intro": _both(
        "Chaque attente, vérifiée par un calcul écrit à part de la purge. Une erreur n'est jamais une réussite.",
        "Every expectation, checked by a calculation written apart from the purge. An error is never a pass.",
    ),
    "receipts.sheet": _both("Reçus", "Receipts"),
    "receipts.title": _both("Reçus des lots traités", "Receipts of the batches"),
    "receipts.intro": _both(
        "Un reçu par lot, écrit dans la transaction même qui l'a traité. Sa racine prouve qu'un enregistrement en était.",
        "One receipt per batch, written in the very transaction that did it. Its root proves that a record was in it.",
    ),
    "ledger.sheet": _both("Registre des preuves", "Ledger"),
    "ledger.title": _both("Registre des preuves", "Ledger of evidence"),
    "ledger.intro": _both(
        "Chaque écriture porte l'empreinte de la précédente : conserver la tête hors de la base révèle toute coupure.",
        "Every entry carries the hash of the one before: keeping the head outside the database betrays any cut.",
    ),
    # columns shared by several sheets
    "col.category": _both("Catégorie", "Category"),
    "col.store": _both("Base", "Store"),
    "col.population": _both("Enregistrements", "Records"),
    "col.outcome": _both("Issue", "Outcome"),
    "col.rule": _both("Règle", "Rule"),
    "col.reason": _both("Raison", "Reason"),
    "col.action": _both("Action", "Action"),
    "open_end": _both("sans terme", "open-ended"),
    "col.rows": _both("Nombre", "Number"),
    "col.oldest": _both("Plus ancien", "Oldest"),
    "col.newest": _both("Plus récent", "Newest"),
    "col.since": _both("Échu depuis", "Due since"),
    "col.batches": _both("Lots", "Batches"),
    "col.first": _both("Premier lot (heure de Paris)", "First batch (Paris time)"),
    "col.last": _both("Dernier lot", "Last batch"),
    "col.scanned": _both("Analysés", "Scanned"),
    "col.kept": _both("Conservés", "Kept"),
    "col.held": _both("Gelés", "Held"),
    "col.quarantined": _both("En quarantaine", "Quarantined"),
    "col.disposed": _both("Traités", "Disposed"),
    "col.spared": _both("Épargnés", "Spared"),
    "col.outstanding": _both("Échus restants", "Still due"),
    "col.due": _both("Échus", "Due"),
    # summary
    "verdict.in_order": _both("EN ORDRE", "IN ORDER"),
    "verdict.reservations": _both("EN ORDRE, AVEC RÉSERVES", "IN ORDER, WITH RESERVATIONS"),
    "verdict.rehearsal": _both("RÉPÉTITION – rien n'a été effacé", "REHEARSAL – nothing was erased"),
    "verdict.attend": _both("À TRAITER", "TO ATTEND TO"),
    "summary.headline": _both(
        "Plus ancien enregistrement échu, non gelé à bon droit", "Oldest overdue record not lawfully held"
    ),
    "summary.frozen": _both("En retard, mais gelé à bon droit", "Overdue, but lawfully held"),
    "summary.none_overdue": _both("Aucun : rien d'échu ne reste sans motif", "None: nothing overdue is left without a ground"),
    "summary.none_frozen": _both("Aucun", "None"),
    "summary.age": _both(
        "{days} jours (échu depuis le {date}) ; enregistrements concernés : {count}",
        "{days} days (due since {date}); records concerned: {count}",
    ),
    "summary.age_unknown": _both(
        "date inconnue ; enregistrements concernés : {count}", "unknown date; records concerned: {count}"
    ),
    "summary.stores": _both(
        "Par base : chaque enregistrement a une issue et une seule", "By store: every record has one outcome"
    ),
    "summary.run": _both("Passe (heure de Paris)", "Run (Paris time)"),
    "summary.as_of": _both("Au titre du", "As of"),
    "summary.outcome": _both("Issue", "Outcome"),
    "summary.no_run": _both("Aucune passe", "No run"),
    "summary.check": _both("Total vérifié", "Total checked"),
    "summary.balanced": _both("Juste", "Balanced"),
    "summary.gap": _both("Écart : {count}", "Gap: {count}"),
    "summary.categories": _both("Par catégorie de données", "By category of data"),
    "summary.chart": _both(
        "Issue des enregistrements (part de chaque catégorie)", "Outcome of records (share of each category)"
    ),
    "summary.waiting": _both("Ce qui attend, et qui doit agir", "What waits, and for whom"),
    "summary.waiting.what": _both("Ce qui attend", "What waits"),
    "summary.waiting.count": _both("Nombre", "Number"),
    "summary.waiting.whom": _both("Qui doit agir", "Who must act"),
    "summary.waiting.where": _both("Détail", "Detail"),
    "summary.waiting.nothing": _both("Rien n'attend.", "Nothing waits."),
    "matter.never": _both("{store} : aucune passe", "{store}: no run"),
    "matter.failed": _both("{store} : la passe a échoué", "{store}: the run failed"),
    "matter.running": _both("{store} : passe inachevée", "{store}: the run is unfinished"),
    "matter.waiting": _both("{store} : plan à approuver ou à refuser", "{store}: a plan to approve or to refuse"),
    "matter.rehearsal": _both("{store} : répétition ; échus, non traités", "{store}: rehearsal; due, not disposed of"),
    "matter.gap": _both("{store} : enregistrements sans issue, ou comptés deux fois", "{store}: records without one outcome"),
    "matter.declaration": _both(
        "{store} : la déclaration a changé depuis la passe", "{store}: the declaration has changed since"
    ),
    "matter.warnings": _both("{store} : avertissements des contrôles", "{store}: warnings of the checks"),
    "matter.blocking": _both("{store} : contrôles bloquants non réussis", "{store}: blocking checks that did not pass"),
    "matter.overdue": _both(
        "{store} : échus et non gelés, restés après la passe ; {age}",
        "{store}: overdue and not held, left after the run; {age}",
    ),
    "matter.age": _both("le plus ancien depuis {days} jours", "the oldest for {days} days"),
    "matter.quarantine": _both("Enregistrements en quarantaine", "Records in quarantine"),
    "matter.undecided": _both("Enregistrements gardés faute de critère décidé", "Records kept for want of a decided criterion"),
    "matter.awaited": _both("Décisions attendues", "Decisions awaited"),
    "matter.no_criterion": _both("Enregistrements qu'aucune règle ne vise", "Records no rule covers"),
    "matter.stale": _both("Enregistrements gardés faute de faits à jour", "Records kept for want of current facts"),
    "matter.person": _both("Demandes d'effacement qu'une personne doit trancher", "Erasure requests that a person must decide"),
    "matter.idle": _both(
        "{store} : jamais rien à traiter en {nights} nuits ({populations}) – le mappage trouve-t-il ce qu'il doit ?",
        "{store}: nothing to dispose of in {nights} nights ({populations}) – does the mapping find what it should?",
    ),
    "matter.review": _both("Gels dont la revue est en retard", "Holds overdue for review"),
    "whom.operations": _both("Exploitation technique", "Technical operations"),
    "whom.owners": _both("Responsables des bases sources", "Owners of the source stores"),
    "whom.operator": _both("Direction de l'entreprise", "Management of the company"),
    "whom.compliance": _both("Équipe conformité", "Compliance team"),
    "whom.approvers": _both(
        "Qui les a approuvés (feuille Gels et exceptions)", "Whoever approved them (sheet Holds and exceptions)"
    ),
    # breakdown
    "breakdown.late": _both("en retard, gelé à bon droit", "overdue, lawfully held"),
    "disposed.nothing": _both("Rien n'a été traité.", "Nothing was disposed of."),
    # holds
    "holds.none": _both("Aucun gel en vigueur.", "No hold is in force."),
    "holds.erasures": _both("Demandes d'effacement validées", "Approved erasure requests"),
    "holds.no_erasures": _both("Aucune demande d'effacement en vigueur.", "No erasure request is in force."),
    "holds.frozen": _both(
        "Enregistrements gelés à l'issue de la passe, par motif", "Records held at the end of the run, by ground"
    ),
    "holds.no_frozen": _both("Aucun enregistrement n'est gelé.", "No record is held."),
    "holds.id": _both("Identifiant", "Identifier"),
    "holds.kind": _both("Motif", "Ground"),
    "holds.scope": _both("Portée", "Scope"),
    "holds.where": _both("Où", "Where"),
    "holds.everywhere": _both("toutes les bases", "all stores"),
    "holds.reference": _both("Référence", "Reference"),
    "holds.approver": _both("Approuvé par", "Approved by"),
    "holds.placed": _both("Posé le", "Placed on"),
    "holds.review": _both("À revoir avant", "Review by"),
    "holds.state": _both("Revue", "Review"),
    "holds.late": _both("En retard", "Overdue"),
    "holds.in_time": _both("Dans les temps", "In time"),
    "holds.overdue": _both("dont en retard, gelés à bon droit", "of which overdue, lawfully held"),
    # quarantine, undecided
    "quarantine.mend": _both("Ce qui le répare", "What mends it"),
    "quarantine.since": _both("Constaté depuis", "Met since"),
    "quarantine.none": _both("Aucun enregistrement en quarantaine.", "No record is in quarantine."),
    "quarantine.examine": _both("faire examiner ces enregistrements", "have these records examined"),
    "undecided.none": _both("Tous les critères sont décidés.", "All criteria are decided."),
    "undecided.no_criterion": _both("Enregistrements qu'aucune règle ne vise", "Records no rule covers"),
    "undecided.all_covered": _both("Chaque enregistrement est visé par une règle.", "Every record is covered by a rule."),
    "undecided.decision": _both("Décision attendue", "Decision awaited"),
    "undecided.question": _both("Question", "Question"),
    "undecided.awaited": _both("Ce qui est attendu", "What is awaited"),
    "undecided.absent": _both("la décision est absente du jeu en vigueur", "the decision is absent from the set in force"),
    "undecided.rows": _both("Gardés pour cela", "Kept for this"),
    # validation
    "validation.none": _both("Aucun contrôle n'a été fait.", "No check was made."),
    "validation.outcome": _both("Résultat", "Outcome"),
    "validation.expectation": _both("Attente", "Expectation"),
    "validation.unexpected": _both("Lignes en faute", "Rows at fault"),
    "validation.severity": _both("Gravité", "Severity"),
    "validation.stage": _both("Moment", "Stage"),
    "validation.code": _both("Code", "Code"),
    "outcome.PASS": _both("Réussi", "Passed"),
    "outcome.FAIL": _both("Échec", "Failed"),
    "outcome.ERROR": _both("Non évalué", "Not evaluated"),
    "severity.blocking": _both("bloquante", "blocking"),
    "severity.warning": _both("avertissement", "warning"),
    "stage.before": _both("avant", "before"),
    "stage.after": _both("après", "after"),
    # receipts, ledger
    "receipts.none": _both("Aucun lot n'a été traité.", "No batch was disposed of."),
    "receipts.time": _both("Moment (heure de Paris)", "Time (Paris)"),
    "receipts.root": _both("Racine de Merkle", "Merkle root"),
    "receipts.id": _both("Reçu", "Receipt"),
    "ledger.seq": _both("Dernière écriture", "Last entry"),
    "ledger.hash": _both("Empreinte de tête", "Hash of the head"),
    "ledger.empty": _both("le registre est vide", "the ledger is empty"),
    "ledger.verify": _both("Vérifier", "Verify"),
    "ledger.verify.text": _both(
        "La commande « retention verify » contrôle la chaîne, les reçus et leurs ensembles de clés.",
        "The command “retention verify” checks the chain, the receipts and their key sets.",
    ),
    "ledger.runs": _both("Ce à quoi chaque passe était liée", "What each run was bound to"),
    "ledger.run": _both("Passe", "Run"),
    "ledger.set": _both("Décisions", "Decisions"),
    "ledger.started": _both("Début (heure de Paris)", "Start (Paris time)"),
    "ledger.finished": _both("Fin", "End"),
    "ledger.plan": _both("Empreinte du plan", "Hash of the plan"),
    "ledger.policy": _both("Empreinte de la déclaration appliquée", "Hash of the declaration applied"),
    "ledger.declaration": _both("Empreintes de la déclaration en vigueur", "Hashes of the declaration in force"),
    "ledger.whole": _both("Ensemble", "Whole"),
    **OVER_TIME,
}
