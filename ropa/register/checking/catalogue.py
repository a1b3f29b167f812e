"""What is expected of the register: which field, under which article, and whether its absence stops the publication."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from retention.declare.words import Text
from ropa.register.checking.frames import KNOWN
from ropa.register.model import NOT_STATED
from ropa.register.phrases import article


@dataclass(frozen=True)
class Expected:
    """One expectation: a kind of Great Expectations asked of a column of one of the register's tables (`frames`).

    `legal`: the law requires the field, and a register without it is not published.
    """

    id: str
    frame: str
    column: str
    title: Text
    article: Text
    legal: bool
    kind: str
    options: dict[str, Any] = field(default_factory=dict)


def _filled(id: str, frame: str, column: str, fr: str, en: str, reference: str, *, legal: bool = True) -> Expected:
    """Something stands there, be it `not stated`."""
    return Expected(id, frame, column, Text(fr=fr, en=en), article(reference), legal, "ExpectColumnValuesToNotBeNull")


def _stated(id: str, frame: str, column: str, fr: str, en: str, reference: str) -> Expected:
    """The policy says what stands there. It may well not: this never stops anything."""
    options = {"value_set": [NOT_STATED]}
    return Expected(id, frame, column, Text(fr=fr, en=en), article(reference), False, "ExpectColumnValuesToNotBeInSet", options)


def _among(id: str, frame: str, column: str, values: list[str], fr: str, en: str, reference: str, *, legal: bool) -> Expected:
    options = {"value_set": values}
    return Expected(id, frame, column, Text(fr=fr, en=en), article(reference), legal, "ExpectColumnValuesToBeInSet", options)


_CONTROLLER = (
    _filled(
        "controller.name", "controller", "name",
        "Le responsable du traitement est nommé", "The controller is named", "art. 30(1)(a)",
    ),
    _filled(
        "controller.contact", "controller", "contact",
        "Le responsable du traitement a une adresse complète", "The controller has a full address", "art. 30(1)(a)",
    ),
    _filled(
        "controller.dpo", "controller", "dpo",
        "Le délégué à la protection des données est nommé, ou son absence expliquée",
        "The data protection officer is named, or their absence explained", "art. 30(1)(a)",
    ),
    _filled(
        "controller.role", "controller", "roles",
        "La qualité de l'entreprise, responsable ou sous-traitant, est précisée",
        "The company's role, controller or processor, is stated", "art. 30(1)", legal=False,
    ),
    _stated(
        "controller.stated", "contacts", "answer",
        "La politique donne toutes les coordonnées attendues", "The policy gives all the contact details expected",
        "art. 30(1)(a)",
    ),
)  # fmt: skip

_ACTIVITIES = (
    Expected(
        "activity.reference", "activities", "reference_once",
        Text(fr="Chaque traitement a une référence qui lui est propre", en="Every activity has a reference of its own"),
        article("art. 30(1)"), False, "ExpectColumnValuesToBeUnique",
    ),
    _filled(
        "activity.purpose", "activities", "purpose",
        "Chaque traitement a une finalité", "Every activity has a purpose", "art. 30(1)(b)",
    ),
    _filled(
        "activity.subjects", "activities", "subjects",
        "Chaque traitement indique les catégories de personnes concernées, ou que la politique n'en dit rien",
        "Every activity gives the categories of data subjects, or says that the policy does not", "art. 30(1)(c)",
    ),
    _filled(
        "activity.data", "activities", "data",
        "Chaque traitement indique les catégories de données, ou que la politique n'en dit rien",
        "Every activity gives the categories of personal data, or says that the policy does not", "art. 30(1)(c)",
    ),
    _filled(
        "activity.recipients", "activities", "recipients",
        "Chaque traitement indique ses destinataires, ou que la politique n'en dit rien",
        "Every activity gives its recipients, or says that the policy does not", "art. 30(1)(d)",
    ),
    _filled(
        "activity.transfers", "activities", "transfers",
        "Chaque traitement indique ses transferts vers des pays tiers, ou que la politique n'en dit rien",
        "Every activity gives its transfers to third countries, or says that the policy does not", "art. 30(1)(e)",
    ),
    # “Where possible” excuses a time limit or a description that cannot be given, not a field left blank: a blank does not
    # say that none was possible (art. 5(2)).
    _filled(
        "activity.time_limit", "activities", "time_limit",
        "Chaque traitement indique ses délais d'effacement, ou pourquoi aucun ne peut l'être",
        "Every activity gives its time limits for erasure, or why none can be given", "art. 30(1)(f)",
    ),
    _filled(
        "activity.security", "activities", "security",
        "Chaque traitement décrit ses mesures de sécurité, ou indique que la politique n'en dit rien",
        "Every activity describes its security measures, or says that the policy does not", "art. 30(1)(g)",
    ),
    # Article 30 asks for no legal basis: its absence is a breach of articles 5 and 6, not a register that cannot be published.
    _filled(
        "activity.basis", "activities", "bases",
        "Aucun traitement dont la base légale soit laissée en blanc (l'article 30 ne l'exige pas dans le registre)",
        "No activity whose legal basis is left blank (article 30 does not require it in the register)",
        "art. 5(2), 6(1)", legal=False,
    ),
    _stated(
        "activity.data_stated", "activities", "data",
        "La politique indique les données de chaque traitement", "The policy gives the data of every activity", "art. 30(1)(c)",
    ),
    _stated(
        "activity.recipients_stated", "activities", "recipients",
        "La politique indique les destinataires de chaque traitement", "The policy gives the recipients of every activity",
        "art. 30(1)(d)",
    ),
    _stated(
        "activity.transfers_stated", "activities", "transfers",
        "La politique indique les transferts de chaque traitement", "The policy gives the transfers of every activity",
        "art. 30(1)(e)",
    ),
    _stated(
        "activity.security_stated", "activities", "security",
        "La politique décrit la sécurité de chaque traitement", "The policy describes the security of every activity",
        "art. 30(1)(g)",
    ),
    _stated(
        "activity.basis_stated", "activities", "bases",
        "La politique donne une base légale à chaque traitement", "The policy gives every activity a legal basis",
        "art. 5(2), 6(1)",
    ),
    _stated(
        "activity.subjects_stated", "activities", "subjects",
        "Les personnes concernées par chaque traitement sont connues", "The data subjects of every activity are known",
        "art. 30(1)(c)",
    ),
    _filled(
        "activity.category_rule", "activity_categories", "rule",
        "Chaque catégorie de données d'un traitement relève d'une de ses règles de conservation",
        "Every category of data of an activity is governed by one of its retention rules",
        "art. 5(1)(e), 30(1)(f)", legal=False,
    ),
)  # fmt: skip

_PARTIES = (
    # The categories are what the stores hold: one that no activity names is processed without a record.
    _filled(
        "category.activity", "categories", "activities",
        "Chaque catégorie de données relève d'au moins un traitement", "Every category of data belongs to an activity",
        "art. 30(1)(c)",
    ),
    _among(
        "recipient.declared", "activity_recipients", "recipient", [KNOWN],
        "Chaque destinataire d'un traitement est déclaré", "Every recipient of an activity is declared",
        "art. 30(1)(d)", legal=True,
    ),
    # A recipient the policy names and no activity discloses to is missing from the record of some activity.
    _filled(
        "recipient.used", "recipients", "activities",
        "Chaque destinataire déclaré figure dans au moins un traitement", "Every declared recipient appears in an activity",
        "art. 30(1)(d)",
    ),
    _stated(
        "cookie.recipient", "cookies", "recipient",
        "Chaque tiers qui dépose un cookie figure parmi les destinataires",
        "Every third party that sets a cookie is among the recipients", "art. 30(1)(d)",
    ),
    _filled(
        "transfer.closed", "transfers", "closed",
        "Chaque transfert vers un pays tiers a ses garanties, ou figure parmi les lacunes",
        "Every transfer to a third country has its safeguards, or is listed as a gap", "art. 30(1)(e), 44",
    ),
    _stated(
        "transfer.country_stated", "transfers", "country",
        "Le pays tiers de chaque transfert est indiqué", "The third country of every transfer is named", "art. 30(1)(e)",
    ),
    _stated(
        "transfer.safeguards_stated", "transfers", "safeguards",
        "Les garanties de chaque transfert sont indiquées", "The safeguards of every transfer are stated", "art. 30(1)(e), 46",
    ),
)  # fmt: skip

_SCHEDULE = (
    _filled(
        "rule.period", "rules", "period",
        "Chaque règle de conservation a une durée, ou une décision attendue",
        "Every retention rule has a period, or a decision that is awaited", "art. 30(1)(f)",
    ),
    _filled(
        "rule.decided", "rules", "decided",
        "Aucune règle de conservation n'attend une décision", "No retention rule awaits a decision",
        "art. 5(1)(e), 30(1)(f)", legal=False,
    ),
    _among(
        "decision.review", "decisions", "review", ["not due"],
        "Aucune décision n'a dépassé sa date de réexamen", "No decision is past its review date",
        "art. 5(2), 24(1)", legal=False,
    ),
    _among(
        "reference.known", "references", "target", [KNOWN],
        "Tout renvoi du registre mène quelque part", "Every reference in the register leads somewhere",
        "art. 30(1)", legal=True,
    ),
)  # fmt: skip

_PROCESSOR = (
    _filled(
        "processor.name", "processor", "name",
        "Le sous-traitant est nommé", "The processor is named", "art. 30(2)(a)",
    ),
    _filled(
        "processor.controllers", "processor", "controllers",
        "Les responsables pour le compte desquels il agit sont indiqués, ou il est dit que la politique n'en dit rien",
        "The controllers it acts for are given, or it is said that the policy does not give them", "art. 30(2)(a)",
    ),
    _filled(
        "processor.processing", "processor", "processing",
        "Les catégories de traitements effectués pour leur compte sont décrites",
        "The categories of processing carried out for them are described", "art. 30(2)(b)",
    ),
    _filled(
        "processor.transfers", "processor", "transfers",
        "Les transferts du sous-traitant sont indiqués, ou il est dit que la politique n'en dit rien",
        "The processor's transfers are given, or it is said that the policy does not give them", "art. 30(2)(c)",
    ),
    _filled(
        "processor.security", "processor", "security",
        "Les mesures de sécurité du sous-traitant sont décrites, ou il est dit que la politique n'en dit rien",
        "The processor's security measures are described, or it is said that the policy does not", "art. 30(2)(d)",
    ),
    _stated(
        "processor.controllers_stated", "processor", "controllers",
        "La politique indique pour quels responsables le sous-traitant agit",
        "The policy says which controllers the processor acts for", "art. 30(2)(a)",
    ),
    _stated(
        "processor.transfers_stated", "processor", "transfers",
        "La politique indique les transferts du sous-traitant", "The policy gives the processor's transfers", "art. 30(2)(c)",
    ),
    _stated(
        "processor.security_stated", "processor", "security",
        "La politique décrit la sécurité des traitements du sous-traitant",
        "The policy describes the security of the processor's processing", "art. 30(2)(d)",
    ),
)  # fmt: skip

EXPECTED: tuple[Expected, ...] = (*_CONTROLLER, *_ACTIVITIES, *_PARTIES, *_SCHEDULE, *_PROCESSOR)
