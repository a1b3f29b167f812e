"""Every code a night writes, in plain words and two languages. An unknown code is shown as it is: better odd than hidden."""

from __future__ import annotations

from retention.declare.rules import Rules
from retention.declare.words import Language, Text
from retention.typography import typeset

REASONS: dict[str, Text] = {
    # keep
    "contract_live": Text(fr="un contrat de la personne est en cours", en="a contract of the person is live"),
    "period_running": Text(fr="la durée de conservation court encore", en="the retention period is still running"),
    "interest_holds": Text(fr="l'intérêt légitime évalué vaut encore", en="the assessed legitimate interest still holds"),
    "trial_open": Text(fr="l'essai gratuit n'est pas terminé", en="the free trial has not ended"),
    "floor_running": Text(
        fr="une obligation légale de conserver court encore", en="a legal obligation to keep is still running"
    ),
    "undecided": Text(
        fr="critère non décidé : l'opérateur doit encore se prononcer",
        en="criterion not decided: the operator has yet to settle it",
    ),
    "no_criterion": Text(fr="aucune règle ne vise cet enregistrement", en="no rule covers this record"),
    "facts_stale": Text(
        fr="faits sur la personne absents ou trop anciens : rien n'est supprimé sur leur foi",
        en="facts about the person missing or too old: nothing is erased on their strength",
    ),
    "child_kept": Text(fr="des enregistrements qui en dépendent sont conservés", en="records that depend on it are kept"),
    "already_anonymised": Text(fr="déjà anonymisé", en="already anonymised"),
    "already_minimised": Text(
        fr="déjà réduit aux champs que la loi impose", en="already reduced to the fields the law requires"
    ),
    "erasure_contract_live": Text(
        fr="effacement demandé, mais un contrat est en cours : une personne doit trancher",
        en="erasure requested, but a contract is live: a person must decide",
    ),
    # held
    "hold": Text(fr="gelé par une mesure de conservation", en="frozen by a hold"),
    "restriction_and_erasure": Text(
        fr="limitation et effacement demandés à la fois : une personne doit trancher",
        en="restriction and erasure both requested: a person must decide",
    ),
    # quarantine
    "anchor_missing": Text(fr="la date de départ manque", en="the starting date is missing"),
    "anchor_unreadable": Text(fr="la date de départ est illisible", en="the starting date cannot be read"),
    "anchor_future": Text(fr="la date de départ est dans l'avenir", en="the starting date lies in the future"),
    "end_before_start": Text(fr="la fin précède le début", en="the end comes before the start"),
    "unknown_state": Text(fr="état inconnu de la déclaration", en="a state the declaration does not know"),
    "quarantined_state": Text(fr="état ambigu, déclaré à examiner", en="an ambiguous state, declared as needing review"),
    "parent_missing": Text(fr="l'enregistrement de rattachement n'existe pas", en="the record it belongs to does not exist"),
    "subject_missing": Text(fr="la référence de la personne manque", en="the reference of the person is missing"),
    "subject_unknown": Text(fr="personne inconnue du registre des clients", en="a person the customer records do not know"),
    "subject_contradictory": Text(
        fr="les faits sur la personne se contredisent", en="the facts about the person contradict each other"
    ),
    "archive_key_taken": Text(
        fr="l'archive contient déjà un enregistrement de cette clé : rien n'y est écrasé",
        en="the archive holds a record of this key already: nothing there is overwritten",
    ),
    # due
    "period_over": Text(fr="la durée de conservation est écoulée", en="the retention period is over"),
    "relationship_over": Text(
        fr="dernier contrat terminé et durée écoulée", en="the last contract ended and the period is over"
    ),
    "interest_over": Text(
        fr="durée maximale de l'intérêt légitime écoulée", en="the longest period of the legitimate interest is over"
    ),
    "interest_lapsed": Text(
        fr="l'évaluation de l'intérêt légitime ne vaut plus", en="the assessment of the legitimate interest has lapsed"
    ),
    "erasure_request": Text(fr="effacement demandé et validé", en="erasure requested and approved"),
    "fields_period_over": Text(fr="durée écoulée pour certains champs seulement", en="the period is over for some fields only"),
    "ceiling_reached": Text(fr="plafond de conservation atteint", en="the retention ceiling is reached"),
    "floor_remains": Text(
        fr="échu, sauf les champs que la loi impose de garder", en="due, save the fields the law requires to be kept"
    ),
    "floor_over": Text(fr="la durée légale de conservation est écoulée", en="the period the law requires is over"),
    "small_cell": Text(fr="groupe trop petit pour l'anonymat : supprimé", en="group too small to be anonymous: erased instead"),
}

MENDS: dict[str, Text] = {
    "anchor_missing": Text(fr="renseigner la date dans la base source", en="enter the date in the source store"),
    "anchor_unreadable": Text(
        fr="corriger le format de la date dans la base source", en="correct the format of the date in the source store"
    ),
    "anchor_future": Text(fr="corriger la date ou l'horloge de la source", en="correct the date, or the clock of the source"),
    "end_before_start": Text(
        fr="corriger celle des deux dates qui est fausse", en="correct whichever of the two dates is wrong"
    ),
    "unknown_state": Text(
        fr="corriger l'état, ou le déclarer dans store.yaml", en="correct the state, or declare it in store.yaml"
    ),
    "quarantined_state": Text(
        fr="lever l'ambiguïté dans la base source : à qui est l'adresse, faut-il encore lui écrire ?",
        en="resolve the ambiguity in the source store: whose address is it, may it still be written to?",
    ),
    "parent_missing": Text(
        fr="rétablir le rattachement, ou supprimer l'orphelin après examen",
        en="restore the link, or erase the orphan after review",
    ),
    "subject_missing": Text(
        fr="renseigner la référence client dans la base source", en="enter the customer reference in the source store"
    ),
    "subject_unknown": Text(
        fr="retrouver le compte correspondant, ou faire examiner ces lignes",
        en="find the account they belong to, or have these rows reviewed",
    ),
    "subject_contradictory": Text(
        fr="corriger contrats et essais de la personne dans la base des comptes",
        en="correct the person's contracts and trials in the account store",
    ),
    "archive_key_taken": Text(
        fr="donner une autre clé à l'enregistrement : la sienne a déjà servi",
        en="give the record another key: its own was used before",
    ),
}

EXPECTATIONS: dict[str, Text] = {
    "keys_unique": Text(fr="chaque enregistrement porte une clé unique", en="every record has a unique key"),
    "every_row_seen": Text(
        fr="la requête voit chaque ligne de la table, une seule fois", en="the query sees every row of the table, once"
    ),
    "anchors_present": Text(fr="aucune date de départ ne manque", en="no starting date is missing"),
    "anchors_not_future": Text(fr="aucune date de départ dans l'avenir", en="no starting date lies in the future"),
    "end_after_start": Text(fr="aucune fin ne précède son début", en="no end comes before its start"),
    "known_state": Text(fr="tous les états sont connus de la déclaration", en="every state is known to the declaration"),
    "no_card_number": Text(
        fr="aucun numéro de carte bancaire valide n'est stocké", en="no valid payment card number is stored"
    ),
    "no_verification_code": Text(fr="aucune colonne de cryptogramme de carte", en="no column for a card verification code"),
    "candidates_not_held": Text(fr="aucun candidat à la suppression n'est gelé", en="no candidate for disposal is frozen"),
    "candidates_really_due": Text(
        fr="chaque candidat est bien échu (calcul indépendant)", en="every candidate is really due (independent calculation)"
    ),
    "candidate_share": Text(
        fr="la part de candidats reste sous le seuil déclaré", en="the share of candidates is below the declared limit"
    ),
    "quarantine_share": Text(
        fr="la part en quarantaine reste sous le seuil déclaré", en="the share in quarantine is below the declared limit"
    ),
    "parents_present": Text(fr="chaque rattachement existe", en="every parent record exists"),
    "nothing_overdue": Text(fr="il ne reste rien d'échu", en="nothing overdue is left"),
    "nothing_refused": Text(fr="la base a laissé partir tout ce qui est échu", en="the database let go of all that is due"),
    "nothing_held_gone": Text(fr="rien de gelé n'a disparu", en="nothing frozen has gone"),
    "rows_balance": Text(fr="lignes avant = lignes après + lignes supprimées", en="rows before = rows after + rows erased"),
    "no_new_orphans": Text(fr="aucun orphelin n'a été créé", en="no orphan was created"),
    "no_suppressed_live": Text(fr="aucune adresse opposée n'est encore active", en="no suppressed address is still live"),
    "receipts_match": Text(fr="les reçus correspondent aux lignes traitées", en="the receipts match the rows disposed of"),
}

DISPOSITIONS: dict[str, Text] = {
    "keep": Text(fr="Conservé", en="Kept"),
    "held": Text(fr="Gelé", en="Held"),
    "quarantine": Text(fr="En quarantaine", en="Quarantined"),
    "due": Text(fr="Échu", en="Due"),
}
ACTIONS: dict[str, Text] = {
    "delete": Text(fr="Supprimer", en="Erase"),
    "anonymise": Text(fr="Anonymiser", en="Anonymise"),
    "minimise": Text(fr="Réduire aux champs légaux", en="Reduce to legal fields"),
    "archive": Text(fr="Archiver les champs légaux", en="Archive the legal fields"),
}
DONE: dict[str, Text] = {
    "delete": Text(fr="Supprimés", en="Erased"),
    "anonymise": Text(fr="Anonymisés", en="Anonymised"),
    "minimise": Text(fr="Réduits", en="Minimised"),
    "archive": Text(fr="Archivés", en="Archived"),
}
STATUSES: dict[str, Text] = {
    "passed": Text(fr="En ordre", en="In order"),
    "reservations": Text(fr="Avec réserves", en="With reservations"),
    "failed": Text(fr="Échouée", en="Failed"),
    "running": Text(fr="Inachevée", en="Unfinished"),
    "waiting": Text(fr="À approuver", en="To approve"),
    "rehearsal": Text(fr="Répétition", en="Rehearsal"),
}
SCOPES: dict[str, Text] = {
    "subject": Text(fr="Une personne", en="One person"),
    "record": Text(fr="Un enregistrement", en="One record"),
    "category": Text(fr="Une catégorie", en="One category"),
}
ERASURE_RULE = "erasure-request"  # built in: no line of retention.yaml


def words(catalogue: dict[str, Text], code: str, language: Language) -> str:
    """The plain words of a code; of one nobody wrote down, the code itself."""
    text = catalogue.get(code)
    return typeset(text.in_(language), language) if text else code


def reason(code: str, language: Language) -> str:
    """Why a record was told what it was told."""
    return words(REASONS, code, language)


def expectation(code: str, language: Language) -> str:
    """What an expectation demands."""
    return words(EXPECTATIONS, code, language)


def rule_title(rules: Rules, rule_id: str | None, language: Language) -> str:
    """The title of a rule, of the built-in erasure, or a dash where no rule spoke."""
    if rule_id is None:
        return "–"
    if rule_id == ERASURE_RULE:
        return typeset(rules.erasure.in_(language), language)
    rule = next((rule for rule in rules.rules if rule.id == rule_id), None)
    return typeset(rule.title.in_(language), language) if rule else rule_id


def hold_title(rules: Rules, kind: str | None, language: Language) -> str:
    """The ground of a hold, or of an approved erasure."""
    if kind == "erasure":
        return typeset(rules.erasure.in_(language), language)
    hold = next((hold for hold in rules.holds if hold.id == kind), None)
    return typeset(hold.title.in_(language), language) if hold else kind or "–"
