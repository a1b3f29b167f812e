"""The register as a catalogue, and its records: one for each activity, the processor's in a catalogue of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from retention.declare.words import Text
from ropa.register.editions.dpv.findings import finding
from ropa.register.editions.dpv.nodes import Node, day, iri, links, make, moment, quotes, ref, refs, silent, text, texts
from ropa.register.editions.dpv.parties import COMPANY
from ropa.register.editions.dpv.schedule import unruled
from ropa.register.editions.dpv.terms import BASIS, COMPLIANCE, GDPR
from ropa.register.model import NOT_STATED, Activity, Basis, ProcessorActivity, Register
from ropa.register.publication import Publication

CATALOGUE = ["dcat:Catalog", "dpcat:ROPA", "dpv:RecordsOfActivities"]
RECORD = ["dcat:Dataset", "dpcat:ROPARecord", "dpv:PersonalDataProcess"]
LANGUAGES = [f"http://publications.europa.eu/resource/authority/language/{code}" for code in ("ENG", "FRA")]
DESCRIPTION = Text(
    fr="Registre tenu au titre de l'article 30, paragraphe 1, du règlement (UE) 2016/679, rempli d'après ce que déclare le "
    "responsable et d'après ce que les exécutions ont constaté.",
    en="Record kept under Article 30(1) of Regulation (EU) 2016/679, filled from what the controller declares and from what "
    "the runs found.",
)
DRAFT = Text(
    fr="PROJET : à ne pas présenter comme le registre ; personne ne l'a approuvé, ou il repose sur des décisions d'exemple.",
    en="DRAFT: not to be presented as the register; nobody has approved it, or it rests on example decisions.",
)
STATUS = {True: "http://purl.org/adms/status/UnderDevelopment", False: "http://purl.org/adms/status/Completed"}


def catalogue(publication: Publication) -> Node:
    """The controller's register: number, hash and approval of the publication, and the records."""
    register, approval = publication.register, publication.approval
    fields = _common(publication) | {
        "dct:description": text(DESCRIPTION),
        "dct:title": text(register.title),
        "dcat:dataset": refs(iri("activity", activity.id) for activity in register.activities),
        "dct:hasPart": ref(iri("processor-register")),
        "dct:source": ref(iri("policy")),
        "dpv:hasRight": refs(iri("right", each.id) for each in register.rights if not each.limits),
        "ret:approvalNote": approval.note if approval else None,
        "ret:approvedAt": moment(approval.at) if approval else None,
        "ret:approvedBy": approval.approver if approval else None,
        "ret:check": refs(iri("check", each.id) for each in register.checks),
        "ret:contentHash": publication.content_hash,
        "ret:declarationHash": register.grounding.declaration_hash,
        "ret:decisionSet": text(register.grounding.decision_set.title),
        "ret:exampleDecisions": register.grounding.example,
        "ret:gap": refs(iri("gap", each.id) for each in register.gaps),
        "ret:policyHash": register.grounding.policy_hash,
    }
    return make(iri("register"), CATALOGUE, fields)


def _common(publication: Publication) -> Node:
    """What both catalogues say of the publication they belong to."""
    register = publication.register
    return {
        "adms:status": ref(STATUS[publication.draft]),
        "dcat:version": publication.number,
        "dct:conformsTo": ref(GDPR),
        "dct:created": day(register.grounding.created_on),
        "dct:issued": moment(publication.published_at),
        "dct:language": refs(LANGUAGES),
        "dct:modified": day(register.grounding.updated_on),
        "dct:publisher": ref(COMPANY),
        "ret:asOf": day(register.as_of),
        "ret:draft": publication.draft,
        "ret:note": text(DRAFT) if publication.draft else [],
    }


def policy(register: Register) -> Node:
    grounding = register.grounding
    fields = {
        "dct:identifier": grounding.policy_file,
        "dct:title": text(grounding.policy_title),
        "ret:sha256": grounding.policy_sha256,
    }
    return make(iri("policy"), ["foaf:Document", "prov:Entity"], fields)


def records(register: Register) -> Iterator[Node]:
    """Each activity with its purpose, its legal bases and its findings."""
    for activity in register.activities:
        name = iri("activity", activity.id)
        bases = () if activity.bases == NOT_STATED else activity.bases
        yield _record(register, activity)
        yield make(f"{name}:purpose", ["dpv:Purpose"], {"dct:title": text(activity.purpose)})
        yield from (_basis(name, basis) for basis in bases)
        yield from (finding(f"{name}:finding:{found.category.id}", found.finding) for found in activity.found)
        if not activity.rules:
            yield unruled(activity)


def _record(register: Register, activity: Activity) -> Node:
    name = iri("activity", activity.id)
    bases = () if activity.bases == NOT_STATED else activity.bases
    storage = [iri("rule", rule.id) for rule in activity.rules] or [iri("activity", activity.id, "storage")]
    purposes = [f"{name}:purpose"] if activity.purpose.fr.strip() and activity.purpose.en.strip() else []
    known = {gap.id for gap in register.gaps}
    fields = {
        "dct:description": text(activity.purpose),
        "dct:identifier": activity.ref,
        "dct:title": text(activity.title),
        "dpv:hasComplianceStatus": ref(COMPLIANCE[activity.verdict]),
        "dpv:hasDataController": ref(COMPANY),
        "dpv:hasDataSubject": links("subject", activity.subjects.items),
        "dpv:hasLegalBasis": refs(f"{name}:basis:{basis.basis}" for basis in bases),
        "dpv:hasPersonalData": links("category", activity.categories.items) + links("element", activity.elements.items),
        "dpv:hasProcessing": links("place", activity.transfers.items),
        "dpv:hasPurpose": refs([*purposes, *(iri("purpose", purpose.id) for purpose in activity.purposes)]),
        "dpv:hasRecipient": links("recipient", activity.recipients.items),
        "dpv:hasStorageCondition": refs(storage),
        "dpv:hasTechnicalOrganisationalMeasure": links("measure", activity.security.items),
        "ret:citation": quotes(activity.citations),
        "ret:finding": refs(f"{name}:finding:{found.category.id}" for found in activity.found),
        "ret:gap": refs(iri("gap", gap.id) for gap in activity.gaps if gap.id in known),
        "ret:inferred": activity.subjects_inferred,
        "ret:note": texts(activity.notes),
        "ret:notStated": silent(
            dpv_hasDataSubject=activity.subjects,
            dpv_hasPersonalData=activity.categories,
            dpv_hasRecipient=activity.recipients,
            dpv_hasProcessing=activity.transfers,
            dpv_hasLegalBasis=activity.bases,
            dpv_hasTechnicalOrganisationalMeasure=activity.security,
        ),
        "ret:policyLines": activity.lines,
        "ret:timeLimit": text(activity.time_limit),
        "ret:verdict": activity.verdict,
        "ret:why": texts(activity.why),
    }
    return make(name, [*RECORD, "ret:ControllerRecord"], fields)


def _basis(name: str, basis: Basis) -> Node:
    fields = {
        "dct:title": text(basis.title),
        "ret:article": text(basis.article),
        "ret:doubtful": basis.doubtful,
        "ret:inferred": basis.inferred,
        "ret:note": text(basis.note),
    }
    return make(f"{name}:basis:{basis.basis}", ["dpv:LegalBasis", BASIS[basis.basis]], fields)


def processor_catalogue(publication: Publication) -> Iterator[Node]:
    """The processor's record (article 30(2)), a catalogue apart."""
    record = publication.register.processor
    fields = _common(publication) | {
        "dcat:dataset": refs(iri("processing", each.id) for each in record.activities),
        "dct:created": day(record.created_on),
        "dct:description": text(record.notice),
        "dct:modified": day(record.updated_on),
        "dct:title": text(record.title),
    }
    yield make(iri("processor-register"), CATALOGUE, fields)
    for each in record.activities:
        yield _processing(publication.register, each)


def _processing(register: Register, activity: ProcessorActivity) -> Node:
    known = {gap.id for gap in register.gaps}
    name = iri("processing", activity.id)
    controllers = () if activity.controllers == NOT_STATED else activity.controllers
    transfers = () if activity.transfers == NOT_STATED else activity.transfers
    fields = {
        "dct:description": text(activity.processing),
        "dct:identifier": activity.ref,
        "dct:title": text(activity.title),
        "dpv:hasDataController": _named(f"{name}:controller", "dpv:DataController", controllers),
        "dpv:hasDataProcessor": ref(COMPANY),
        "dpv:hasProcessing": _named(f"{name}:transfer", "dpv:Transfer", transfers),
        "dpv:hasTechnicalOrganisationalMeasure": links("measure", activity.security.items),
        "ret:gap": refs(iri("gap", gap.id) for gap in activity.gaps if gap.id in known),
        "ret:notStated": silent(
            dpv_hasDataController=activity.controllers,
            dpv_hasProcessing=activity.transfers,
            dpv_hasTechnicalOrganisationalMeasure=activity.security,
        )
        + refs(iri("missing", each.id) for each in activity.missing),
        "ret:policyLines": activity.lines,
    }
    return make(name, [*RECORD, "ret:ProcessorRecord"], fields)


def _named(name: str, kind: str, titles: Iterable[Text]) -> list[Node]:
    """What is only known by a title, in the order given."""
    return [make(f"{name}:{number}", [kind], {"dct:title": text(title)}) for number, title in enumerate(titles, start=1)]
