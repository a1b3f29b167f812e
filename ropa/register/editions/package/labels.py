"""What the package calls its tables and columns. A column of one name means the same thing wherever it stands."""

from __future__ import annotations

from retention.declare.words import Text


def _catalogue(lines: str) -> dict[str, Text]:
    """`name | français | English`, a line each."""
    found = (tuple(part.strip() for part in line.split("|")) for line in lines.strip().splitlines())
    return {name: Text(fr=fr, en=en) for name, fr, en in found}


PACKAGE: dict[str, Text] = {
    "title": Text(fr="{title} – {name}", en="{title} – {name}"),
    "draft": Text(
        fr="PROJET : à ne pas présenter comme le registre ; personne ne l'a approuvé, ou il repose sur des décisions "
        "d'exemple.",
        en="DRAFT: not to be presented as the register; nobody has approved it, or it rests on example decisions.",
    ),
    "approved": Text(fr="Registre approuvé.", en="Approved register."),
    "description": Text(
        fr="Une cellule vide : rien à indiquer. « not stated » : la politique n'en dit rien ; une cellule vide a le même sens "
        "dans une colonne de nombres ou de valeurs vrai/faux pour ce que la politique devrait dire (nombre de cookies, pays "
        "tiers). Plusieurs textes dans une cellule : un par ligne. Chaque colonne « position » garde l'ordre du registre.",
        en="An empty cell: nothing to say. “not stated”: the policy does not say; an empty cell means the same in a column of "
        "numbers or true/false values for what the policy ought to say (number of cookies, third country). "
        "Several texts in one cell: a line each. Every column “position” keeps the order of the register.",
    ),
    "escape": Text(
        fr="Un texte qui commence par = + - @ (ou leur forme pleine chasse), une tabulation, une fin de ligne ou une "
        "apostrophe est précédé d'une apostrophe, pour qu'aucun tableur ne le prenne pour une formule : à ôter à la lecture.",
        en="A text that begins with = + - @ (or their full-width forms), a tab, a line end or an apostrophe has an apostrophe "
        "in front, so that no spreadsheet takes it for a formula: take it off when reading.",
    ),
}

TABLE_TITLES = _catalogue("""
publication | La publication : numéro, date, approbation, fondement | The publication: number, date, approval, grounding
controller | Le responsable du traitement | The controller
controller_roles | Qualités de l'entreprise | Roles of the company
controller_missing | Coordonnées que la politique ne donne pas | Contact details the policy does not give
stores | Bases de données et leurs dernières exécutions | Databases and their last runs
runs | Exécutions citées | Runs referred to
activities | Activités de traitement (article 30.1) | Processing activities (article 30(1))
activity_purposes | Sous-finalités de chaque traitement | Sub-purposes of each activity
activity_subjects | Personnes concernées par chaque traitement | Data subjects of each activity
activity_categories | Catégories de données de chaque traitement | Categories of data of each activity
activity_elements | Données de chaque traitement | Data elements of each activity
activity_recipients | Destinataires de chaque traitement | Recipients of each activity
activity_transfers | Lieux et transferts de chaque traitement | Places and transfers of each activity
activity_bases | Bases légales de chaque traitement | Legal bases of each activity
activity_rules | Règles de conservation de chaque traitement | Retention rules of each activity
activity_measures | Mesures de sécurité de chaque traitement | Security measures of each activity
activity_gaps | Lacunes de chaque traitement | Gaps of each activity
categories | Catégories de données | Categories of data
category_subjects | Personnes concernées par chaque catégorie | Data subjects of each category
category_purposes | Finalités de chaque catégorie, selon la politique | Purposes of each category, as the policy has them
category_bases | Bases légales de chaque catégorie, selon la politique | Legal bases of each category, as the policy has them
category_sources | Sources de chaque catégorie | Sources of each category
elements | Données | Data elements
element_columns | Colonnes qui contiennent chaque donnée | Columns that hold each data element
recipients | Destinataires | Recipients
recipient_data | Données communiquées à chaque destinataire | Data disclosed to each recipient
transfers | Lieux de conservation et transferts | Places of storage and transfers
transfer_recipients | Destinataires de chaque transfert | Recipients of each transfer
schedule | Règles de conservation | Retention schedule
schedule_elements | Données seules visées par une règle | Data elements a rule is about alone
schedule_awaited | Décisions attendues par chaque règle | Decisions each rule awaits
schedule_categories | Catégories régies par chaque règle | Categories each rule governs
schedule_stores | Bases concernées par chaque règle | Databases each rule concerns
findings | Constats des exécutions, par règle, catégorie et traitement | What the runs found, by rule, category and activity
finding_grounds | Motifs de gel | Grounds on which records are held
finding_runs | Exécutions dont viennent les chiffres | Runs the figures come from
measures | Mesures de sécurité | Security measures
rights | Droits des personnes concernées, et leurs limites | Rights of data subjects, and their limits
exercise | Moyens d'exercer ses droits | Ways to exercise one's rights
cookies | Cookies | Cookies
cookie_practice | Pratique en matière de cookies | Practice on cookies
decisions | Décisions dues par le responsable | Decisions the controller owes
decision_rules | Règles qui reposent sur chaque décision | Rules that rest on each decision
gaps | Lacunes, contradictions et doutes, les plus urgents d'abord | Gaps, contradictions and doubts, the most urgent first
processor | Traitements effectués comme sous-traitant (article 30.2) | Processing carried out as a processor (article 30(2))
processor_measures | Mesures de sécurité du sous-traitant | Security measures of the processor
processor_missing | Ce que la politique ne dit pas de la sous-traitance | What the policy does not say of processing for others
processor_gaps | Lacunes de la sous-traitance | Gaps of processing for others
processor_record | Le registre du sous-traitant | The processor's record
quotations | Citations de la politique | Quotations of the policy
checks | Contrôles du registre lui-même | Checks of the register itself
check_concerns | Références en cause dans chaque contrôle | References that fail each check
""")

COLUMNS = _catalogue("""
action | Sort des données échues | What becomes of data that is due
activities | Traitements | Activities
activity | Traitement | Activity
approval_note | Note de l'approbation | Note of the approval
approved_at | Approuvé le | Approved at
approved_number | Version approuvée | Version approved
approver | Approuvé par | Approved by
article | Article | Article
as_of | Date d'arrêté | As of
awaited | Ce qui est attendu | What is awaited
bases_stated | Base légale indiquée | Legal basis stated
basis | Base légale | Legal basis
categories_kind | Catégories de données : nommées, toutes, non indiquées | Categories of data: named, all, not stated
category | Catégorie de données | Category of data
check | Contrôle | Check
check_errors | Contrôles non évalués | Checks that could not be evaluated
check_warnings | Avertissements des contrôles | Warnings of the checks
checked_on | Source vérifiée le | Source checked on
checks_failed | Contrôles en échec | Checks failed
checks_passed | Contrôles réussis | Checks passed
city | Ville | City
closes | Ce qui comblerait la lacune | What would close it
column | Colonne (table.colonne) | Column (table.column)
content_hash | Empreinte SHA-256 du contenu | SHA-256 of the content
controllers | Responsables du traitement | Controllers
count | Nombre | Number
counted_on | Date des chiffres | Day of the figures
counted_run | Exécution dont viennent les chiffres | Run the figures come from
country | Pays | Country
created_on | Créé le | Created on
criterion | Critère de conservation | Retention criterion
cutoff | Date limite | Cutoff
data_stated | Données communiquées indiquées | Data disclosed are stated
days_30_anonymised | Anonymisés en 30 jours | Anonymised in 30 days
days_30_archived | Archivés en 30 jours | Archived in 30 days
days_30_deleted | Supprimés en 30 jours | Deleted in 30 days
days_30_minimised | Réduits en 30 jours | Minimised in 30 days
decided | Décidé | Decided
decision | Décision | Decision
decision_set | Jeu de décisions | Decision set
decision_set_title | Intitulé du jeu de décisions | Title of the decision set
declaration_hash | Empreinte de tout ce qui est déclaré | Hash of everything declared
declared | Règle déclarée | Declared rule
detail | Précisions | Detail
doubtful | Douteuse | Doubtful
dpo | Délégué à la protection des données | Data protection officer
dpo_detail | Position sur le délégué | Statement on the officer
dpo_lines | Lignes de la politique (délégué) | Lines of the policy (officer)
draft | Projet | Draft
due | Échus | Due
effect | Effet sur la conservation | Effect on retention
element | Donnée | Data element
elements_kind | Données : nommées, toutes, non indiquées | Data elements: named, all, not stated
example | Décisions d'exemple | Example decisions
finding | Constat | Finding
frozen | En retard, mais gelés à bon droit | Overdue, but lawfully held
frozen_since | Gelés : le plus ancien échu depuis le | Held: the oldest due since
gap | Lacune | Gap
ground | Motif de gel | Ground
held | Gelés | Held
id | Identifiant | Identifier
inferred | Déduite | Inferred
kind | Nature | Kind
last_run | Dernière exécution | Last run
last_run_anonymised | Anonymisés à la dernière exécution | Anonymised in the last run
last_run_archived | Archivés à la dernière exécution | Archived in the last run
last_run_deleted | Supprimés à la dernière exécution | Deleted in the last run
last_run_minimised | Réduits à la dernière exécution | Minimised in the last run
late_days | Ancienneté des chiffres, en jours | Age of the figures, in days
legal | Exigé par la loi | Required by law
lifetime | Durée de vie | Lifetime
limits | Limite le droit | Limits the right
lines | Lignes de la politique | Lines of the policy
measure | Mesure de sécurité | Security measure
missing | Ce qui manque | What is missing
months | Durée en mois civils | Period in calendar months
months_12_anonymised | Anonymisés en 12 mois | Anonymised in 12 months
months_12_archived | Archivés en 12 mois | Archived in 12 months
months_12_deleted | Supprimés en 12 mois | Deleted in 12 months
months_12_minimised | Réduits en 12 mois | Minimised in 12 months
name | Nom | Name
note | Remarque | Note
notes | Remarques | Notes
notice | Avertissement | Notice
number | Numéro de version | Version number
oldest | Plus ancienne date de départ conservée | Earliest starting date kept
outcome | Résultat | Outcome
overdue | En retard | Overdue
overdue_since | En retard depuis le | Overdue since
own | Déposé par l'entreprise | Set by the company
owner | Qui doit y répondre | Who owes it
policy | Politique | Policy
policy_file | Fichier de la politique | File of the policy
policy_hash | Empreinte de ce qui régit l'effacement | Hash of what governs erasure
policy_sha256 | Empreinte SHA-256 de la politique | SHA-256 of the policy
position | Position | Position
postcode | Code postal | Postcode
processing | Traitements effectués | Processing carried out
published_at | Publié le | Published at
purpose | Finalité | Purpose
quarantined | En quarantaine | Quarantined
question | Question | Question
quote | Citation | Quotation
rank | Rang (1 : le plus urgent) | Rank (1: the most urgent)
recipient | Destinataire | Recipient
recipients_kind | Destinataires : nommés, tous, non indiqués | Recipients: named, all, not stated
records | Enregistrements détenus | Records held
ref | Référence | Reference
reference | Référence en cause | Reference that fails
registration_number | Numéro d'immatriculation | Registration number
review_by | À réexaminer avant le | To be reviewed by
review_due | Réexamen dépassé | Past its review date
rule | Règle de conservation | Retention rule
run | Exécution | Run
run_id | Identifiant de l'exécution | Identifier of the run
safeguards | Garanties | Safeguards
same_declaration | A appliqué ce que déclare le registre | Applied what the register declares
scanned | Analysés | Scanned
scope | Portée | Scope
section | Section | Section
security_kind | Mesures de sécurité : nommées, toutes, non indiquées | Security measures: named, all, not stated
setter | Déposé par | Set by
sites | Sites | Sites
source | Source | Source
sources | Sources | Sources
sources_stated | Source indiquée | Source stated
spared | Épargnés au dernier moment | Spared at the last moment
started_at | Débutée le | Started at
status | État | Status
store | Base de données | Database
street | Adresse | Street
subject | Catégorie de personnes | Category of data subjects
subjects_inferred | Personnes concernées déduites | Data subjects inferred
subjects_kind | Personnes concernées : nommées, toutes, non indiquées | Data subjects: named, all, not stated
third_country | Pays tiers | Third country
time_limit | Délai d'effacement | Time limit for erasure
title | Intitulé | Title
transfer | Lieu ou transfert | Place or transfer
transfers | Transferts | Transfers
transfers_kind | Transferts : nommés, tous, non indiqués | Transfers: named, all, not stated
undecided | Conservés faute de décision | Kept for want of a decision
updated_on | Mis à jour le | Updated on
value | Valeur décidée | Value decided
verdict | Conservées et effacées conformément à la politique ? | Retained and erased in accordance with the policy?
waiting | Enregistrements en attente | Records that wait
where | Où | Where
why | Motifs et réserves | Reasons and reservations
""")
