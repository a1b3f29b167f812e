"""Every word of the register that is not declared elsewhere, in its two languages."""

from __future__ import annotations

from retention.declare.words import Text


def _both(fr: str, en: str) -> Text:
    return Text(fr=fr, en=en)


_SHEETS = {
    "cover.sheet": _both("Couverture", "Cover"),
    "cover.title": _both("Registre des activités de traitement", "Record of processing activities"),
    "cover.intro": _both(
        "Registre du responsable du traitement (article 30, paragraphe 1, du RGPD). Il est tiré de la déclaration qui commande "
        "aussi la purge : ce qu'il annonce est ce qui s'applique, et ce que la purge a fait y est inscrit en regard.",
        "The controller's record (article 30(1) GDPR). It is made from the declaration that also drives the purge: what it "
        "announces is what is applied, and what the purge did stands beside it.",
    ),
    "activities.sheet": _both("Traitements", "Activities"),
    "activities.title": _both("Liste des activités de traitement", "List of processing activities"),
    "activities.intro": _both(
        "Une ligne par traitement, avec chaque champ de l'article 30, paragraphe 1 ; la référence mène à la fiche.",
        "One line per activity, with every field of article 30(1); the reference leads to its record.",
    ),
    "cards.sheet": _both("Fiches", "Records"),
    "cards.title": _both("Fiches de registre", "Activity records"),
    "cards.intro": _both(
        "Une fiche par traitement, à lire ou à imprimer ; l'ordre suit le modèle de la CNIL, base légale en plus.",
        "One record per activity, to be read or printed; the order follows the CNIL's model, with the legal basis added.",
    ),
    "data.sheet": _both("Données", "Data"),
    "data.title": _both("Catégories et éléments de données", "Categories and elements of data"),
    "data.intro": _both(
        "Les quatre catégories de la politique, puis chaque élément et les colonnes des bases où il se trouve.",
        "The policy's four categories, then every element and the columns of the stores that hold it.",
    ),
    "recipients.sheet": _both("Destinataires", "Recipients"),
    "recipients.title": _both("Destinataires des données", "Recipients of the data"),
    "recipients.intro": _both(
        "À qui les données sont communiquées selon la politique, et pour quoi faire.",
        "To whom data is disclosed according to the policy, and what for.",
    ),
    "transfers.sheet": _both("Transferts", "Transfers"),
    "transfers.title": _both("Lieux de conservation et transferts", "Places of storage and transfers"),
    "transfers.intro": _both(
        "Ce que la politique dit des lieux. Ses énoncés se contredisent : ils sont repris tels quels, sans choisir.",
        "What the policy says of places. Its statements contradict each other: they are given as they are, without choosing.",
    ),
    "schedule.sheet": _both("Conservation", "Retention"),
    "schedule.title": _both("Tableau de conservation", "Retention schedule"),
    "schedule.intro": _both(
        "À gauche, ce qui est déclaré ; à droite, ce que la dernière passe de chaque base a trouvé et fait. La date limite est "
        "la plus récente des dates de départ échues au jour du registre.",
        "On the left what is declared; on the right what the last run of every store found and did. The cutoff is the latest "
        "starting date that is due on the day of the register.",
    ),
    "security.sheet": _both("Sécurité", "Security"),
    "security.title": _both("Mesures de sécurité", "Security measures"),
    "security.intro": _both(
        "Les mesures techniques et organisationnelles que la politique énonce (article 32, paragraphe 1).",
        "The technical and organisational measures the policy states (article 32(1)).",
    ),
    "rights.sheet": _both("Droits", "Rights"),
    "rights.title": _both("Droits des personnes", "Rights of data subjects"),
    "rights.intro": _both(
        "Chaque droit, ce que la politique en dit et ce qu'il change à la purge.",
        "Each right, what the policy says of it and what it changes in the purge.",
    ),
    "cookies.sheet": _both("Cookies", "Cookies"),
    "cookies.title": _both("Cookies", "Cookies"),
    "cookies.intro": _both(
        "Les nombres sont ceux que la page publiée donne entre parenthèses.",
        "The numbers are those the published page gives in brackets.",
    ),
    "decisions.sheet": _both("Décisions", "Decisions"),
    "decisions.title": _both("Décisions de l'exploitant", "Decisions of the operator"),
    "decisions.intro": _both(
        "Ce que la politique laisse ouvert : la valeur retenue, par qui, quand, sur quelle source ; ou ce qui est attendu.",
        "What the policy leaves open: the value chosen, by whom, when, on what source; or what is awaited.",
    ),
    "gaps.sheet": _both("Lacunes", "Gaps"),
    "gaps.title": _both("Lacunes et contradictions", "Gaps and contradictions"),
    "gaps.intro": _both(
        "Ce qui manque, se contredit ou prête au doute, du plus urgent au moins urgent : ce qui le clôt et qui le doit.",
        "What is missing, contradictory or doubtful, the most urgent first: what closes it and who owes it.",
    ),
    "processor.sheet": _both("Sous-traitant", "Processor"),
    "processor.title": _both("Registre du sous-traitant (article 30, paragraphe 2)", "Processor's record (article 30(2))"),
    "processor.intro": _both(
        "Tenu à part du registre du responsable du traitement.", "Kept apart from the controller's record."
    ),
    "sources.sheet": _both("Sources", "Sources"),
    "sources.title": _both("Sources : lignes et mots cités", "Sources: lines and words quoted"),
    "sources.intro": _both(
        "Chaque énoncé du registre avec les lignes de la politique publiée et les mots qui s'y trouvent. […] marque "
        "une coupure.",
        "Every statement of the register with the lines of the published policy and the words found there. […] marks a cut.",
    ),
}

_COMMON = {
    "title": _both("Registre des traitements – article 30 du RGPD", "Record of processing – article 30 GDPR"),
    "edition": _both(
        "{owner} – état au {date} | politique {version} – déclaration {hash}",
        "{owner} – as of {date} | policy {version} – declaration {hash}",
    ),
    "example": _both(
        "JEU DE DÉCISIONS D'EXEMPLE – sans valeur, n'engage personne", "EXAMPLE DECISION SET – of no force, binds nobody"
    ),
    "example.short": _both("sans valeur : ne pas présenter comme registre", "of no force: not to be presented as a record"),
    "not_stated": _both("Non indiqué par la politique", "Not stated in the policy"),
    "inferred": _both("déduit, la politique ne le dit pas", "inferred, the policy does not say so"),
    "doubtful": _both("douteuse", "doubtful"),
    "undecided": _both("non décidé", "undecided"),
    "all": _both("Toutes", "All"),
    "all_measures": _both("Toutes celles de la feuille Sécurité", "All those of the Security sheet"),
    "all_elements": _both("Tous ceux de ces catégories", "All those of these categories"),
    "none": _both("aucun", "none"),
    "no_recipient": _both("aucun destinataire", "no recipient"),
    "no_transfer": _both("aucun transfert", "no transfer"),
    "yes": _both("Oui", "Yes"),
    "no": _both("Non", "No"),
    "only": _both("seulement : {names}", "only: {names}"),
    "until": _both("jusqu'au {date}", "until {date}"),
    "unknown_date": _both("date inconnue", "unknown date"),
    "source": _both("Source", "Source"),
    "detail": _both("Précisions", "Detail"),
    "id": _both("Identifiant", "Identifier"),
    "total": _both("Total", "Total"),
}

_COVER = {
    "cover.controller": _both("Responsable du traitement", "Controller"),
    "cover.name": _both("Dénomination", "Name"),
    "cover.number": _both("Numéro d'enregistrement", "Registration number"),
    "cover.address": _both("Siège social", "Registered office"),
    "cover.sites": _both("Sites", "Sites"),
    "cover.roles": _both("Qualités", "Roles"),
    "cover.dpo": _both("Délégué à la protection des données", "Data protection officer"),
    "cover.basis": _both("Sur quoi ce registre repose", "What this record rests on"),
    "cover.as_of": _both("État au", "As of"),
    "cover.policy": _both("Politique de confidentialité", "Privacy policy"),
    "cover.version": _both("Version de la politique (SHA-256)", "Version of the policy (SHA-256)"),
    "cover.decisions": _both("Jeu de décisions", "Decision set"),
    "cover.hash": _both("Empreinte de la déclaration", "Hash of the declaration"),
    "cover.dates": _both("Création et mise à jour", "Created and updated"),
    "cover.dates.text": _both("créé le {created}, mis à jour le {updated}", "created on {created}, updated on {updated}"),
    "cover.col.store": _both("Base", "Store"),
    "cover.col.last": _both("Dernière passe (heure de Paris)", "Last run (Paris time)"),
    "cover.col.as_of": _both("Au titre du", "As of"),
    "cover.col.status": _both("Issue", "Outcome"),
    "cover.col.run": _both("Chiffres tirés de la passe", "Figures taken from run"),
    "cover.col.declaration": _both("Déclaration appliquée", "Declaration applied"),
    "cover.same": _both("celle de ce registre", "the one of this record"),
    "cover.other": _both("une autre que celle de ce registre", "another than that of this record"),
    "cover.no_figures": _both("aucune passe achevée : aucun chiffre", "no finished run: no figures"),
    "cover.contents": _both("Sommaire", "Contents"),
    "cover.col.sheet": _both("Feuille", "Sheet"),
    "cover.col.holds": _both("Contenu", "What it holds"),
    "cover.col.entries": _both("Entrées", "Entries"),
    "cover.legend": _both("Comment lire ce registre", "How to read this record"),
    "cover.legend.lines": _both("L15", "L15"),
    "cover.legend.lines.text": _both(
        "Ligne 15 du texte publié de la politique ; la feuille Sources en donne les mots.",
        "Line 15 of the published text of the policy; the Sources sheet gives its words.",
    ),
    "cover.legend.not_stated": _both(
        "La politique se tait. Rien n'est inventé pour combler le vide ; la feuille Lacunes dit ce qui le comblerait.",
        "The policy is silent. Nothing is invented to fill the gap; the Gaps sheet says what would.",
    ),
    "cover.legend.inferred": _both(
        "Tiré des mots de la politique par déduction, et signalé comme tel.",
        "Drawn from the policy's words by inference, and marked as such.",
    ),
    "cover.legend.undecided": _both(
        "Une décision de l'exploitant manque : les données concernées sont conservées et rien n'est effacé à ce titre.",
        "A decision of the operator is missing: the data concerned is kept and nothing is erased on that ground.",
    ),
    "cover.legend.evidence": _both("Preuves", "Evidence"),
    "cover.legend.evidence.text": _both(
        "Les chiffres viennent de la base de preuves des passes nocturnes. Là où aucune passe n'a parlé, le registre le dit.",
        "The figures come from the evidence of the nightly runs. Where no run has spoken, the record says so.",
    ),
}

_ACTIVITIES = {
    "activities.ref": _both("Réf.", "Ref."),
    "activities.name": _both("Traitement", "Activity"),
    "activities.purpose": _both("Finalité principale", "Main purpose"),
    "activities.subpurposes": _both("Sous-finalités", "Sub-purposes"),
    "activities.purposes": _both("Finalités", "Purposes"),
    "activities.subjects": _both("Personnes concernées", "Data subjects"),
    "activities.data": _both("Catégories de données", "Categories of data"),
    "activities.elements": _both("Éléments", "Elements"),
    "activities.sensitive": _both("Données sensibles", "Special categories"),
    "activities.sensitive.none": _both("aucune n'est déclarée (article 9)", "none is declared (article 9)"),
    "activities.recipients": _both("Destinataires", "Recipients"),
    "activities.transfers": _both("Transferts, pays tiers", "Transfers, third countries"),
    "activities.limit": _both("Délais d'effacement", "Time limits for erasure"),
    "activities.rules": _both("Règles appliquées", "Rules applied"),
    "activities.security": _both("Mesures de sécurité", "Security measures"),
    "activities.basis": _both("Base légale", "Legal basis"),
    "activities.source": _both("Source", "Source"),
    "activities.gaps": _both("Lacunes", "Gaps"),
    "activities.dates": _both("Fiche", "Record"),
    "activities.notes": _both("Remarques", "Remarks"),
    "basis.contract": _both("Contrat", "Contract"),
    "basis.legitimate_interest": _both("Intérêt légitime", "Legitimate interest"),
    "basis.legal_obligation": _both("Obligation légale", "Legal obligation"),
    "basis.vital_interests": _both("Intérêts vitaux", "Vital interests"),
    "basis.consent": _both("Consentement", "Consent"),
}

_DATA = {
    "data.category": _both("Catégorie", "Category"),
    "data.origin": _both("Origine des données", "Source of the data"),
    "data.elements": _both("Éléments de données", "Elements of data"),
    "data.element": _both("Élément", "Element"),
    "data.note": _both("Précisions", "Detail"),
    "data.kept": _both("Colonnes qui le contiennent", "Columns that hold it"),
    "data.not_kept": _both("aucune colonne déclarée", "no declared column"),
    "data.technical": _both("Éléments techniques", "Technical elements"),
    "data.no_line": _both("hors politique", "outside the policy"),
    "recipients.name": _both("Destinataire", "Recipient"),
    "recipients.kind": _both("Type", "Kind"),
    "recipients.purpose": _both("Pour quoi faire", "What for"),
    "recipients.country": _both("Pays", "Country"),
    "recipients.safeguards": _both("Garanties", "Safeguards"),
    "recipients.activities": _both("Traitements", "Activities"),
    "recipient.provider": _both("Prestataire", "Provider"),
    "recipient.group": _both("Groupe", "Group"),
    "recipient.successor": _both("Successeur", "Successor"),
    "recipient.adviser": _both("Conseil, assureur", "Adviser, insurer"),
    "recipient.authority": _both("Autorité", "Authority"),
    "transfers.what": _both("Énoncé", "Statement"),
    "transfers.country": _both("Pays", "Country"),
    "transfers.third": _both("Pays tiers ?", "Third country?"),
    "security.measure": _both("Mesure", "Measure"),
    "rights.right": _both("Droit", "Right"),
    "rights.limit": _both("{title} (limite : {of})", "{title} (limits: {of})"),
    "rights.article": _both("Article", "Article"),
    "rights.scope": _both("Portée", "Scope"),
    "rights.effect": _both("Effet sur la purge", "Effect on the purge"),
    "rights.no_effect": _both("sans effet sur la purge", "no effect on the purge"),
    "rights.exercise": _both("Comment exercer ces droits", "How these rights are exercised"),
    "rights.way": _both("Voie", "Way"),
    "cookies.purpose": _both("Finalité", "Purpose"),
    "cookies.setter": _both("Déposé par", "Set by"),
    "cookies.count": _both("Nombre", "Number"),
    "cookies.lifetime": _both("Durée de vie", "Lifetime"),
    "cookies.recipient": _both("Destinataire déclaré", "Listed recipient"),
    "cookies.not_listed": _both("absent de la liste des destinataires", "not among the listed recipients"),
    "cookies.practice": _both("Pratique énoncée", "Stated practice"),
    "cookies.statement": _both("Énoncé", "Statement"),
}

_SCHEDULE = {
    "schedule.declared": _both("Ce qui est déclaré", "What is declared"),
    "schedule.found": _both(
        "Ce que la dernière passe de chaque base a trouvé et fait", "What the last run of every store found and did"
    ),
    "schedule.rule": _both("Règle", "Rule"),
    "schedule.scope": _both("Champ", "Scope"),
    "schedule.criterion": _both("Critère", "Criterion"),
    "schedule.period": _both("Durée", "Period"),
    "schedule.source": _both("Source", "Source"),
    "schedule.action": _both("Sort à l'échéance", "Action when due"),
    "schedule.cutoff": _both("Date limite", "Cutoff"),
    "schedule.undecided": _both("Critère non décidé", "Criterion not decided"),
    "schedule.records": _both("Analysés", "Scanned"),
    "schedule.due": _both("Échus", "Due"),
    "schedule.deleted": _both("Supprimés", "Erased"),
    "schedule.anonymised": _both("Anonymisés", "Anonymised"),
    "schedule.minimised": _both("Réduits", "Minimised"),
    "schedule.archived": _both("Archivés", "Archived"),
    "schedule.held": _both("Gelés", "Held"),
    "schedule.overdue": _both("Plus ancien échu, non gelé", "Oldest overdue, not held"),
    "schedule.nights": _both("Dernières passes", "Last runs"),
    "schedule.all_stores": _both("celles de toutes les bases", "those of all stores"),
    "schedule.night": _both("{store} : {date}, {status}", "{store}: {date}, {status}"),
    "schedule.figures_from": _both("(chiffres du {date})", "(figures of {date})"),
    "schedule.checks": _both("Contrôles", "Checks"),
    "schedule.checks.none": _both("aucun contrôle", "no check"),
    "schedule.checks.passed": _both("réussis : {count}", "passed: {count}"),
    "schedule.checks.failed": _both("échoués : {count}", "failed: {count}"),
    "schedule.checks.warnings": _both("avertissements : {count}", "warnings: {count}"),
    "schedule.checks.errors": _both("non évalués : {count}", "not evaluated: {count}"),
    "schedule.verdict": _both("Conservées et effacées conformément ?", "Retained and erased accordingly?"),
    "schedule.why": _both("Sinon, pourquoi ; réserves", "If not, why; reservations"),
    "schedule.erasure.scope": _both("Données de la personne, dans toutes les bases", "The person's data, in all stores"),
    "schedule.erasure.criterion": _both(
        "Échu sur-le-champ, sauf obstacle légal (article 17, paragraphe 3).", "Due at once, save a legal bar (article 17(3))."
    ),
    "schedule.none": _both("Sans règle", "Without a rule"),
    "schedule.none.scope": _both(
        "Quarantaine et enregistrements qu'aucune règle ne vise", "Quarantine, and records no rule covers"
    ),
    "schedule.none.criterion": _both("Aucun : rien n'en est effacé.", "None: nothing of it is erased."),
    "scope.kinds": _both("seulement : {names}", "only: {names}"),
    "scope.except": _both("sauf : {names}", "except: {names}"),
    "scope.standings": _both("personnes : {names}", "persons: {names}"),
    "scope.states": _both("états : {names}", "states: {names}"),
    "standing.customer": _both("clients et anciens clients", "customers, present and past"),
    "standing.trial": _both("essais non convertis", "unconverted trials"),
    "standing.prospect": _both("ni essai ni contrat", "neither trial nor contract"),
    "standing.anonymous": _both("personne non nommée", "nobody named"),
    "criterion.elapsed": _both("Échu {period} après : {anchor}.", "Due {period} after: {anchor}."),
    "criterion.open_until": _both(
        "Tant que la date « {anchor} » n'est pas atteinte, conservé et signalé.",
        "Until the date “{anchor}” is reached, kept and reported.",
    ),
    "criterion.ceiling": _both(
        "Plafond : l'emporte sur les autres raisons de conserver.", "A ceiling: outweighs other reasons to keep."
    ),
    "criterion.elements": _both("Ne porte que sur : {names}.", "Concerns only: {names}."),
    "criterion.blanked": _both("Sont effacés : {names}.", "Blanked: {names}."),
    "criterion.cell": _both(
        "Sous {count} enregistrements semblables, suppression.", "Below {count} records alike, erased instead."
    ),
    "criterion.relationship": _both(
        "Conservé tant qu'un contrat de la personne court ; échu {period} après la fin du dernier.",
        "Kept while any contract of the person is live; due {period} after the end of the last.",
    ),
    "criterion.interest": _both(
        "Conservé tant que vaut l'évaluation de l'intérêt légitime (jusqu'au : {until}) ; au plus {period} après : {anchor}.",
        "Kept while the assessment of the legitimate interest holds (until: {until}); at most {period} after: {anchor}.",
    ),
    "criterion.floor": _both(
        "À garder au moins {period} depuis : {anchor}. Seulement : {names}.",
        "To be kept at least {period} from: {anchor}. Only: {names}.",
    ),
    "criterion.year_close": _both(
        "clôture ({close}) de l'exercice où tombe : {anchor}", "close ({close}) of the financial year of: {anchor}"
    ),
    "criterion.anchor_undecided": _both("point de départ non décidé", "starting point not decided"),
    "criterion.period_undecided": _both("une durée non décidée", "an undecided period"),
    "source.policy": _both("Politique, {citation}", "Policy, {citation}"),
    "source.law": _both("Loi : {law}", "Law: {law}"),
    "source.decision": _both(
        "Décision {id} = {value} ; {source} ; {approver}, {date} ; à revoir avant le {review}",
        "Decision {id} = {value}; {source}; {approver}, {date}; review by {review}",
    ),
    "source.undecided": _both("Décision {id} attendue. {awaited}", "Decision {id} awaited. {awaited}"),
    "source.absent": _both("Décision {id} : absente du jeu de décisions", "Decision {id}: absent from the decision set"),
    "action.delete": _both("Suppression", "Erasure"),
    "action.anonymise": _both("Anonymisation", "Anonymisation"),
    "action.minimise": _both("Réduction aux champs légaux", "Reduction to legal fields"),
    "action.archive": _both("Archivage intermédiaire des champs légaux", "Intermediate archive of the legal fields"),
    "status.passed": _both("En ordre", "In order"),
    "status.reservations": _both("Avec réserves", "With reservations"),
    "status.failed": _both("Échouée", "Failed"),
    "status.running": _both("Inachevée", "Unfinished"),
    "status.rehearsal": _both("Répétition", "Rehearsal"),
    "status.never": _both("Aucune passe", "No run"),
    "verdict.yes": _both("Oui", "Yes"),
    "verdict.partly": _both("Oui, avec réserves", "Yes, with reservations"),
    "verdict.unknown": _both("Non établi", "Not shown"),
    "verdict.no": _both("Non", "No"),
    "why.overdue": _both(
        "échus et non gelés : {count}, le plus ancien depuis le {date}",
        "overdue and not held: {count}, the oldest since {date}",
    ),
    "why.undecided": _both("critère non décidé ({names})", "criterion not decided ({names})"),
    "why.blocking": _both("contrôles bloquants non réussis : {count}", "blocking checks that did not pass: {count}"),
    "why.warnings": _both("avertissements des contrôles : {count}", "warnings of the checks: {count}"),
    "why.frozen": _both("échus, mais gelés à bon droit : {count}", "overdue, but lawfully held: {count}"),
    "why.stale": _both("gardés faute de faits à jour sur la personne : {count}", "kept for want of current facts: {count}"),
    "why.spared": _both(
        "épargnés avant leur lot (gel ou changement) : {count}", "spared before their batch (hold or change): {count}"
    ),
    "why.never": _both("{store} : aucune passe, rien n'est établi", "{store}: no run, nothing is shown"),
    "why.failed": _both("{store} : dernière passe {status}", "{store}: last run {status}"),
    "why.rehearsal": _both("{store} : répétition, rien n'a été effacé", "{store}: rehearsal, nothing was erased"),
    "why.other_declaration": _both("{store} : la déclaration a changé depuis", "{store}: the declaration has changed since"),
    "why.unmapped": _both("aucune base déclarée ne contient ces données", "no declared store holds this data"),
}

_DECISIONS = {
    "decisions.question": _both("Question", "Question"),
    "decisions.state": _both("État", "State"),
    "decisions.value": _both("Valeur", "Value"),
    "decisions.source": _both("Source, ou ce qui est attendu", "Source, or what is awaited"),
    "decisions.approver": _both("Approuvée par", "Approved by"),
    "decisions.date": _both("Vérifiée le", "Checked on"),
    "decisions.review": _both("À revoir avant", "Review by"),
    "decisions.waiting": _both("Règles qui en dépendent", "Rules that rest on it"),
    "decisions.decided": _both("Décidée", "Decided"),
    "decisions.undecided": _both("Non décidée", "Undecided"),
    "decisions.review_due": _both("À revoir", "Review due"),
    "gaps.rank": _both("Rang", "Rank"),
    "gaps.rank.1": _both("aucun terme : rien n'est effacé", "no term: nothing is erased"),
    "gaps.rank.2": _both("décision à revoir", "decision due for review"),
    "gaps.rank.3": _both("contradiction", "contradiction"),
    "gaps.rank.4": _both("base légale douteuse", "doubtful legal basis"),
    "gaps.rank.5": _both("silence de la politique", "silence of the policy"),
    "gaps.rank.6": _both("réglé par une décision", "settled by a decision"),
    "gaps.matter": _both("Objet", "Matter"),
    "gaps.detail": _both("Ce qui ne va pas", "What is wrong"),
    "gaps.closes": _both("Ce qui le clôt", "What closes it"),
    "gaps.owner": _both("Qui le doit", "Who owes it"),
    "gaps.waiting": _both("Enregistrements en attente", "Records waiting"),
    "gaps.where": _both("Où", "Where"),
    "gaps.rules": _both("Règles : {names}", "Rules: {names}"),
    "gaps.operator": _both("Direction de l'entreprise", "Management of the company"),
    "gaps.compliance": _both("Équipe conformité", "Compliance team"),
    "gaps.decide": _both(
        "Une décision {id} : valeur, source, date, approbateur, date de revue.",
        "A decision {id}: value, source, date, approver, review date.",
    ),
    "gaps.absent": _both("La décision ne figure pas dans le jeu en vigueur.", "The decision is absent from the set in force."),
    "gaps.review": _both("{value} ; devait être revue avant le {date}.", "{value}; was due for review by {date}."),
    "gaps.review_again": _both(
        "Confirmer ou changer {id}, avec une nouvelle date de revue.", "Confirm or change {id}, with a new review date."
    ),
    "gaps.settled": _both("Décision {id} : {value}", "Decision {id}: {value}"),
    "gaps.basis": _both("Base légale de {ref} – {title}", "Legal basis of {ref} – {title}"),
    "gaps.no_basis": _both("La politique n'indique aucune base légale.", "The policy states no legal basis."),
    "gaps.basis.closes": _both(
        "L'analyse de la base légale, consignée, et une correction de la politique s'il le faut.",
        "The legal basis examined, on record, and a correction of the policy where needed.",
    ),
    "processor.processing": _both("Catégories de traitements", "Categories of processing"),
    "processor.controllers": _both("Pour le compte de", "On behalf of"),
    "processor.missing": _both("Ce qui manque à ce registre", "What this record lacks"),
    "sources.section": _both("Partie", "Part"),
    "sources.statement": _both("Énoncé", "Statement"),
    "sources.lines": _both("Lignes", "Lines"),
    "sources.words": _both("Mots cités", "Words quoted"),
    "sources.activity": _both("Traitements", "Activities"),
    "sources.processor": _both("Sous-traitant", "Processor"),
    "sources.controller": _both("Responsable", "Controller"),
    "sources.subjects": _both("Personnes", "Data subjects"),
    "sources.categories": _both("Données", "Data"),
    "sources.other_purposes": _both("Autres finalités", "Other purposes"),
    "sources.recipients": _both("Destinataires", "Recipients"),
    "sources.transfers": _both("Transferts", "Transfers"),
    "sources.security": _both("Sécurité", "Security"),
    "sources.retention": _both("Conservation", "Retention"),
    "sources.rights": _both("Droits", "Rights"),
    "sources.exercise": _both("Exercice des droits", "Exercise of rights"),
    "sources.cookies": _both("Cookies", "Cookies"),
    "sources.cookie_practice": _both("Cookies", "Cookies"),
    "sources.changes": _both("Mises à jour", "Changes"),
    "sources.gaps": _both("Lacunes", "Gaps"),
}

_FOUND = {
    "basis.marked": _both("{title} ({article}) – {mark}", "{title} ({article}) – {mark}"),
    "why.quarantined": _both(
        "mis en quarantaine, faute de pouvoir être jugés : {count}", "quarantined, for they could not be judged: {count}"
    ),
    "why.kept_undecided": _both("conservés faute de décision : {count}", "kept for want of a decision: {count}"),
    "why.no_rule": _both(
        "aucune règle de conservation n'est rattachée à ce traitement", "no retention rule is attached to this activity"
    ),
    "why.no_category": _both(
        "la politique n'indique pas les données de ce traitement", "the policy does not state this activity's data"
    ),
    "why.old": _both("{store} : chiffres du {date}, vieux de {days} jours", "{store}: figures of {date}, {days} days old"),
    "gaps.night": _both("{store} : la dernière passe a échoué", "{store}: the last run failed"),
    "gaps.night.detail": _both(
        "Passe du {date} : {note}. Rien n'en a été effacé ; ce que la base contient n'est pas établi.",
        "Run of {date}: {note}. Nothing of it was erased; what the store holds is not shown.",
    ),
    "gaps.night.closes": _both(
        "`retention check --store {store}` nomme ce qui manque ou n'est pas déclaré ; le corriger, puis relancer la passe.",
        "`retention check --store {store}` names what is missing or undeclared; mend it, then run the night again.",
    ),
    "gaps.run": _both("Passe {run}", "Run {run}"),
    "gaps.engineers": _both("Ingénierie des données", "Data engineering"),
    "gaps.recipient": _both("Destinataire {name}", "Recipient {name}"),
    "gaps.recipient.detail": _both("La politique n'indique pas : {names}.", "The policy does not state: {names}."),
    "gaps.recipient.country": _both("le pays", "the country"),
    "gaps.recipient.safeguards": _both("les garanties du transfert", "the safeguards of the transfer"),
    "gaps.recipient.closes": _both(
        "Le contrat de sous-traitance ou la fiche du destinataire : pays, garanties (article 46), lien vers le document.",
        "The processing contract or the recipient's record: country, safeguards (article 46), link to the document.",
    ),
}

LABELS: dict[str, Text] = {}
for _part in (_FOUND, _COMMON, _SHEETS, _COVER, _ACTIVITIES, _DATA, _SCHEDULE, _DECISIONS):
    assert not LABELS.keys() & _part.keys(), "a label stands twice"
    LABELS.update(_part)
