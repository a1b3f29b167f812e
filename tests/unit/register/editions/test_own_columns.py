"""Each column of our workbook, by its header: the value below is that field's and no other's. The list is written by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from retention.declare.words import Text, period_text
from retention.typography import typeset
from ropa.register.changes import Change
from ropa.register.editions import own
from ropa.register.editions.own.reading import read_fact, read_tables
from ropa.register.model import Finding, Statement
from ropa.register.publication import Approval, Publication
from tests.unit.register.editions.own_model import RUN, register

REGISTER = register()
CHANGE = Change(
    *(Text(fr="area.fr", en="area.en"), "change.ref", Text(fr="what.fr", en="what.en")),
    *(Text(fr="before.fr", en="before.en"), Text(fr="after.fr", en="after.en")),
)
APPROVAL = Approval("approval.approver", dt.datetime.fromisoformat("2031-01-02T09:00"), "approval.note", "7.1")
PUBLICATION = Publication(7, 3, dt.datetime.fromisoformat("2031-01-03T09:30"), REGISTER, APPROVAL)
Columns = list[tuple[str, Any]]


def day(date: dt.date | None) -> dt.datetime:
    assert date is not None
    return dt.datetime.combine(date, dt.time())


def number(count: int) -> str:
    """A count inside a sentence."""
    return f"{count:,}".replace(",", "\u202f")


def words(text: Text | None) -> str:
    assert text is not None
    return text.fr


def cited(statement: Any) -> str:
    cite = statement.citations[0]
    return f"{cite.lines}\u00a0: «\u00a0{cite.quote}\u00a0»"


def checks(finding: Finding) -> str:
    found = finding.checks
    assert found is not None
    return (
        f"réussis\u00a0: {number(found.passed)}\navertissements\u00a0: {number(found.warnings)}\n"
        f"échoués\u00a0: {number(found.failed)}\nnon évalués\u00a0: {number(found.errors)}"
    )


def total(name: str, finding: Finding) -> int:
    span = getattr(finding, name)
    return int(span.deleted + span.anonymised + span.minimised + span.archived)


def holdings(finding: Finding) -> Columns:
    assert finding.overdue is not None
    ground, run, store = finding.grounds[0], REGISTER.nights[0].counted, REGISTER.nights[0].store
    assert run is not None
    return [
        ("Détenus", finding.records),
        ("Plus ancien", day(finding.oldest)),
        ("Échus à la dernière passe", finding.due),
        ("Échus, restants", finding.overdue.rows),
        ("Échu depuis le", day(finding.overdue.since)),
        ("Gelés", finding.held),
        ("Motifs de gel", f"{words(ground.kind.title)}\u00a0: {number(ground.rows)}"),
        ("En quarantaine", finding.quarantined),
        ("Gardés faute de décision", finding.undecided),
        ("Éliminés : dernière passe", total("last_run", finding)),
        ("Éliminés : 30 jours", total("days_30", finding)),
        ("Éliminés : 12 mois", total("months_12", finding)),
        ("Dernières passes", f"{words(store.title)}\u00a0: {run.as_of:%d/%m/%Y}, inachevée\n{RUN}"),
        ("Contrôles", checks(finding)),
        ("Conservées et effacées conformément à la politique ?", "Oui"),
        ("Sinon, pourquoi ; réserves", words(finding.why[0])),
    ]


def stated(statement: Statement, header: str) -> Columns:
    return [(header, words(statement.title)), ("Source", cited(statement))]


R = REGISTER
A, CATEGORY, ELEMENT, RECIPIENT, TRANSFER = R.activities[0], R.categories[0], R.elements[0], R.recipients[0], R.transfers[0]
LINE, RIGHT, COOKIE, DECISION, GAP, PROCESSOR = (
    *(R.schedule[0], R.rights[0], R.cookies[0], R.decisions[0], R.gaps[0], R.processor.activities[0]),
)
QUOTATION, CHECK, NIGHT, PART = R.quotations[0], R.checks[0], R.nights[0], A.found[0]
assert NIGHT.last is not None and NIGHT.counted is not None and LINE.finding.last_run is not None
assert LINE.finding.overdue is not None and RECIPIENT.data != "not stated" and A.bases != "not stated"
assert CATEGORY.sources != "not stated" and PROCESSOR.controllers != "not stated" and PROCESSOR.transfers != "not stated"
BASIS = f"{words(A.bases[0].title)} ({words(A.bases[0].article)})\u00a0: {words(A.bases[0].note)}"
DISCLOSED = RECIPIENT.data[0]

TABLES: list[tuple[str, Columns]] = [
    (
        "Couverture",
        [
            ("Base", words(NIGHT.store.title)),
            ("Dernière passe (heure de Paris)", NIGHT.last.started_at + dt.timedelta(hours=2)),
            ("Au titre du", day(NIGHT.last.as_of)),
            ("Issue", "Inachevée"),
            ("Chiffres tirés de la passe", RUN),
            ("Déclaration appliquée", "une autre que celle de ce registre"),
        ],
    ),
    (
        "Traitements",
        [
            ("Réf.", A.ref),
            ("Traitement", words(A.title)),
            ("Finalités", f"• {words(A.purpose)}\n• {words(A.purposes[0].title)}"),
            ("Personnes concernées", words(A.subjects.items[0].title)),
            ("Catégories de données", words(A.categories.items[0].title)),
            ("Destinataires", words(A.recipients.items[0].title)),
            ("Source", A.lines),
            ("Transferts, pays tiers", words(A.transfers.items[0].title)),
            ("Délais d'effacement", words(A.time_limit)),
            ("Mesures de sécurité", words(A.security.items[0].title)),
            ("Base légale", BASIS),
            ("Lacunes", words(A.gaps[0].title)),
            ("Conforme à la politique ?", "Oui"),
        ],
    ),
    (
        "Fiches",
        [
            ("Chiffres des passes", words(PART.category.title)),
            *(
                pair
                for pair in holdings(PART.finding)
                if pair[0] in ("Détenus", "Plus ancien", "Échus à la dernière passe", "Échus, restants")
            ),
            *(pair for pair in holdings(PART.finding) if pair[0] == "En quarantaine"),
            *(pair for pair in holdings(PART.finding) if pair[0] == "Gelés"),
            *(pair for pair in holdings(PART.finding) if pair[0].startswith(("Gardés", "Éliminés", "Conservées"))),
        ],
    ),
    (
        "Données",
        [
            ("Catégorie", words(CATEGORY.title)),
            ("Personnes concernées", words(CATEGORY.subjects[0].title)),
            ("Finalités", f"{words(CATEGORY.purposes[0].title)} ({CATEGORY.purposes[0].lines})"),
            (
                "Base légale",
                f"{words(CATEGORY.bases[0].title)} ({words(CATEGORY.bases[0].article)}, {CATEGORY.bases[0].lines})",
            ),
            ("Origine des données", f"{words(CATEGORY.sources[0].title)} ({CATEGORY.sources[0].lines})"),
            ("Source", CATEGORY.lines),
        ],
    ),
    (
        "Données",
        [
            ("Catégorie", words(CATEGORY.title)),
            ("Élément", words(ELEMENT.title)),
            ("Précisions", words(ELEMENT.note)),
            ("Colonnes qui le contiennent", ELEMENT.columns[0]),
            ("Source", ELEMENT.lines),
        ],
    ),
    (
        "Destinataires",
        [
            ("Destinataire", words(RECIPIENT.name)),
            ("Type", "Prestataire"),
            (
                "Catégories de données",
                f"{words(DISCLOSED.category.title)} (seulement\u00a0: {words(DISCLOSED.only[0].title)})",
            ),
            ("Pour quoi faire", words(RECIPIENT.purpose)),
            ("Pays", words(RECIPIENT.country)),  # type: ignore[arg-type]  # a sentinel states all
            ("Garanties", words(RECIPIENT.safeguards)),  # type: ignore[arg-type]
            ("Traitements", RECIPIENT.activities[0]),
            ("Source", RECIPIENT.lines),
        ],
    ),
    (
        "Transferts",
        [
            ("Énoncé", words(TRANSFER.title)),
            ("Pays", words(TRANSFER.country)),  # type: ignore[arg-type]
            ("Pays tiers ?", "Non"),
            ("Destinataires", words(TRANSFER.recipients.items[0].title)),
            ("Garanties", words(TRANSFER.safeguards)),  # type: ignore[arg-type]
            ("Traitements", TRANSFER.activities[0]),
            ("Source", cited(TRANSFER)),
        ],
    ),
    (
        "Conservation",
        [
            ("Règle", words(LINE.title)),
            ("Champ", words(LINE.scope[0])),
            ("Critère", words(LINE.criterion)),
            ("Durée", period_text(LINE.months or 0, "fr")),
            ("Source", f"Critère non décidé\n{words(LINE.sources[0])}"),
            ("Sort à l'échéance", "Suppression"),
            ("Date limite", day(LINE.cutoff)),
            ("Analysés", LINE.finding.scanned),
            ("Échus", LINE.finding.due),
            ("Supprimés", LINE.finding.last_run.deleted),
            ("Anonymisés", LINE.finding.last_run.anonymised),
            ("Réduits", LINE.finding.last_run.minimised),
            ("Archivés", LINE.finding.last_run.archived),
            ("Gelés", LINE.finding.held),
            ("Échus, restants", LINE.finding.overdue.rows),
            ("Échu depuis le", day(LINE.finding.overdue.since)),
            (
                "Dernières passes",
                f"{words(NIGHT.store.title)}\u00a0: {NIGHT.last.as_of:%d/%m/%Y}, inachevée "
                f"(chiffres du {NIGHT.counted.as_of:%d/%m/%Y})",
            ),
            ("Contrôles", checks(LINE.finding)),
            ("Conservées et effacées conformément à la politique ?", "Oui"),
            ("Sinon, pourquoi ; réserves", words(LINE.finding.why[0])),
        ],
    ),
    ("Données détenues", [("Catégorie de données", words(CATEGORY.title)), *holdings(CATEGORY.finding)]),
    (
        "Données détenues",
        [
            ("Réf.", A.ref),
            ("Traitement", words(A.title)),
            ("Catégorie de données", words(PART.category.title)),
            *holdings(PART.finding),
        ],
    ),
    (
        "Sécurité",
        [
            ("Mesure", words(R.security[0].title)),
            ("Précisions", words(R.security[0].detail)),
            ("Source", cited(R.security[0])),
        ],
    ),
    (
        "Droits",
        [
            ("Droit", f"{words(RIGHT.title)} (limite\u00a0: {words(RIGHT.limits)})"),
            ("Article", words(RIGHT.article)),
            ("Portée", words(RIGHT.scope)),
            ("Effet sur la purge", words(RIGHT.effect)),
            ("Source", cited(RIGHT)),
        ],
    ),
    ("Droits", stated(R.exercise[0], "Voie")),
    (
        "Cookies",
        [
            ("Finalité", words(COOKIE.title)),
            ("Déposé par", COOKIE.setter),
            ("Nombre", COOKIE.count),
            ("Durée de vie", words(COOKIE.lifetime)),  # type: ignore[arg-type]
            ("Destinataire déclaré", words(COOKIE.recipient)),  # type: ignore[arg-type]
            ("Source", cited(COOKIE)),
        ],
    ),
    ("Cookies", stated(R.cookie_practice[0], "Énoncé")),
    (
        "Décisions",
        [
            ("Question", words(DECISION.question)),
            ("État", "Décidée"),
            ("Valeur", words(DECISION.value)),
            ("Source, ou ce qui est attendu", words(DECISION.source)),
            ("Approuvée par", DECISION.approver),
            ("Vérifiée le", day(DECISION.checked_on)),
            ("À revoir avant", day(DECISION.review_by)),
            ("Règles qui en dépendent", words(DECISION.rules[0].title)),
            ("Identifiant", DECISION.id),
        ],
    ),
    (
        "Lacunes",
        [
            ("Rang", "1 – aucun terme\u00a0: rien n’est effacé"),
            ("Objet", words(GAP.title)),
            ("Ce qui ne va pas", words(GAP.detail)),
            ("Ce qui le clôt", words(GAP.closes)),
            ("Qui le doit", words(GAP.owner)),
            ("Enregistrements en attente", GAP.waiting),
            ("Où", words(GAP.where)),
            ("Source", GAP.lines),
        ],
    ),
    (
        "Contrôles",
        [
            ("Contrôle", words(CHECK.title)),
            ("Article du RGPD", words(CHECK.article)),
            ("Exigé par la loi ?", "Non"),
            ("Résultat", "Réussi"),
            ("Ce qui y manque", CHECK.concerns[0]),
            ("Identifiant", CHECK.id),
        ],
    ),
    (
        "Changements",
        [
            ("Partie du registre", "area.fr"),
            ("Réf.", "change.ref"),
            ("Ce qui a changé", "what.fr"),
            ("Avant", "before.fr"),
            ("Après", "after.fr"),
        ],
    ),
    (
        "Sous-traitant",
        [
            ("Réf.", PROCESSOR.ref),
            ("Traitement", words(PROCESSOR.title)),
            ("Catégories de traitements", words(PROCESSOR.processing)),
            ("Pour le compte de", words(PROCESSOR.controllers[0])),
            ("Transferts, pays tiers", words(PROCESSOR.transfers[0])),
            ("Mesures de sécurité", words(PROCESSOR.security.items[0].title)),
            ("Ce qui manque à ce registre", words(PROCESSOR.missing[0].title)),
            ("Lacunes", words(PROCESSOR.gaps[0].title)),
            ("Source", PROCESSOR.lines),
        ],
    ),
    (
        "Sources",
        [
            ("Partie", words(QUOTATION.section)),
            ("Énoncé", words(QUOTATION.title)),
            ("Lignes", QUOTATION.citation.lines),
            ("Mots cités", f"«\u00a0{QUOTATION.citation.quote}\u00a0»"),
            ("Identifiant", QUOTATION.id),
        ],
    ),
]
CASES = [
    pytest.param(sheet, at, header, value, id=f"{sheet}-{at}-{header}")
    for sheet, columns in TABLES
    for at, (header, value) in enumerate(columns)
]
FACTS: dict[str, Columns] = {
    "Couverture": [
        ("Dénomination", R.controller.name),
        ("Numéro d'enregistrement", R.controller.registration_number),
        ("Siège social", f"{R.controller.street}, {R.controller.postcode} {R.controller.city}, {words(R.controller.country)}"),
        ("Sites", R.controller.sites[0]),
        (
            "Qualités",
            f"{words(R.controller.roles[0].title)} ({R.controller.roles[0].lines}) – {words(R.controller.roles[0].detail)}",
        ),
        (
            "Délégué à la protection des données",
            f"{words(R.controller.dpo.title)}. {words(R.controller.dpo.detail)} ({R.controller.dpo.lines})",
        ),
        (words(R.controller.missing[0].title), "Non indiqué par la politique"),
        ("Source", R.controller.lines),
        ("État au", f"{R.as_of:%d/%m/%Y}"),
        ("Numéro de publication", "7.3"),
        ("Publiée le", "03/01/2031 à 10:30 (heure de Paris)"),
        ("Empreinte du contenu (SHA-256)", f"{PUBLICATION.content_hash[:8]} – {PUBLICATION.content_hash}"),
        (
            "Approbation",
            "Approuvée par approval.approver le 02/01/2031 à 10:00 (heure de Paris), "
            "dans la publication 7.1\u00a0: approval.note",
        ),
        ("Politique de confidentialité", f"{words(R.grounding.policy_title)} – {R.grounding.policy_file}"),
        ("Version de la politique (SHA-256)", R.grounding.policy_sha256),
        ("Jeu de décisions", f"{words(R.grounding.decision_set.title)} ({R.grounding.decision_set.id})"),
        ("Empreinte des règles appliquées", R.grounding.policy_hash),
        ("Empreinte de tout ce qui est déclaré", R.grounding.declaration_hash),
        (
            "Création et mise à jour",
            f"créé le {R.grounding.created_on:%d/%m/%Y}, mis à jour le {R.grounding.updated_on:%d/%m/%Y}",
        ),
    ],
    "Fiches": [
        ("Finalité principale", words(A.purpose)),
        ("Sous-finalités", words(A.purposes[0].title)),
        ("Personnes concernées", words(A.subjects.items[0].title)),
        ("Catégories de données", words(A.categories.items[0].title)),
        ("Éléments", words(A.elements.items[0].title)),
        ("Transferts, pays tiers", words(A.transfers.items[0].title)),
        ("Lacunes", words(A.gaps[0].title)),
        ("Source", A.lines),
        ("Conservées et effacées conformément à la politique ?", "Oui"),
        ("Base légale", BASIS),
        ("Délais d'effacement", words(A.time_limit)),
        ("Règles appliquées", words(A.rules[0].title)),
        ("Destinataires", words(A.recipients.items[0].title)),
        ("Données sensibles", "aucune n’est déclarée (article 9)"),
        ("Remarques", words(A.notes[0])),
        ("Mesures de sécurité", words(A.security.items[0].title)),
        ("Fiche", f"créé le {R.grounding.created_on:%d/%m/%Y}, mis à jour le {R.grounding.updated_on:%d/%m/%Y}"),
        ("Sinon, pourquoi ; réserves", words(A.why[0])),
    ],
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    folder: Path = tmp_path_factory.mktemp("sentinels")
    return load_workbook(own.write(PUBLICATION, "fr", folder, changes=[CHANGE], previous="7.2"))


def worksheet(book: Workbook, name: str) -> Worksheet:
    sheet = book[name]
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.parametrize(("sheet", "at", "header", "value"), CASES)
def test_the_value_below_a_header_is_its_own(book: Workbook, sheet: str, at: int, header: str, value: Any) -> None:
    columns = next(columns for name, columns in TABLES if name == sheet and columns[at : at + 1] == [(header, value)])
    (table,) = read_tables(worksheet(book, sheet), [typeset(name, "fr") for name, _ in columns])
    assert table[0][typeset(header, "fr")] == value


@pytest.mark.parametrize(
    ("sheet", "label", "value"), [pytest.param(s, *pair, id=f"{s}-{pair[0]}") for s, pairs in FACTS.items() for pair in pairs]
)
def test_the_value_beside_a_label_is_its_own(book: Workbook, sheet: str, label: str, value: Any) -> None:
    assert read_fact(worksheet(book, sheet), typeset(label, "fr")) == value


def test_no_two_columns_of_a_table_could_be_taken_for_each_other() -> None:
    """A value that also stood in another field would not show that the two were exchanged."""
    for sheet, columns in TABLES:
        told = [value for _, value in columns if value not in ("Oui", "Non")]
        assert len(told) == len(set(map(str, told))), sheet


def test_every_table_of_the_workbook_is_in_the_list(book: Workbook) -> None:
    listed = [{typeset(header, "fr") for header, _ in columns} for _, columns in TABLES]
    listed.append({"Feuille", "Contenu", "Entrées"})
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            if str(row[0].style).startswith("header"):
                assert {str(cell.value) for cell in row if cell.value is not None} in listed, sheet.title
