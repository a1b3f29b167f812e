"""The register for machines: valid in its own shapes, the same names in every publication, both languages, nothing lost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH, BNode, Literal, URIRef

from retention.errors import OutputError
from ropa.register.editions import dpv
from ropa.register.editions.dpv.terms import PREFIXES as VOCABULARIES
from ropa.register.editions.dpv.vocabulary import CLASSES, PROPERTIES
from ropa.register.making import make_register
from ropa.register.model import NOT_STATED, Finding, Register
from tests.unit.register.published import AS_OF, bundle, publication, register
from tests.unit.report.nights import SECRETS

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

REG, RET, SHAPE = "urn:retention:493480149:", "urn:retention:vocabulary:", "urn:retention:shape:"
DPV, DCT, DCAT = "https://w3id.org/dpv#", "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
PREFIXES = {
    "reg": REG, "ret": RET, "dpv": DPV, "dct": DCT, "dcat": DCAT, "adms": "http://www.w3.org/ns/adms#", "rdf": str(RDF),
    "prov": "http://www.w3.org/ns/prov#", "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip
BOTH = {"fr", "en"}
COUNTS = ("scanned", "records", "due", "held", "quarantined", "undecided", "spared")


# Looked up in DPV 2.2, DCAT 3, PROV-O, vCard and FOAF. A term that is not here has a slip in it, or is to be looked up.
TERMS = {
    "adms": "status",
    "dcat": "Catalog Dataset dataset version",
    "dct": "conformsTo created description hasPart identifier issued language modified publisher relation source title",
    "dpcat": "ROPA ROPARecord",
    "dpv": "AccessControlMethod Authority Certification Compliant ComplianceUnknown Conformant Context Customer DataController "
    "DataProcessor DataSource DataSubject DataSubjectRight EncryptionInTransfer IndeterminateDuration LegalBasis "
    "NetworkSecurityProtocols NonCompliant NonConformant NotAvailable Organisation OrganisationalMeasure PartiallyCompliant "
    "PersonalData PersonalDataProcess PhysicalAccessControlMethod Purpose Recipient RecordsOfActivities StorageDuration Store "
    "Subscriber TechnicalOrganisationalMeasure TemporalDuration ThirdParty Transfer User Visitor hasAddress hasApplicability "
    "hasComplianceStatus hasConformanceStatus hasContact hasCountry hasDataController hasDataProcessor hasDataSource "
    "hasDataSubject hasDuration hasIdentifier hasLegalBasis hasName hasOrganisationalMeasure hasPersonalData hasProcessing "
    "hasPurpose hasRecipient hasRight hasStorageCondition hasTechnicalOrganisationalMeasure hasThirdCountry",
    "eu-gdpr": "A6-1-b A6-1-c A6-1-d A6-1-f A7-3 A15 A16 A17 A18 A20 A21 A77 DataTransferTool",
    "foaf": "Document Organization name",
    "loc": "FR GB",
    "pd": "BrowserHistory BrowsingBehaviour BrowsingReferral Contact DeviceOperatingSystem EmailAddress IPAddress Interest "
    "Location Name PaymentCard PhysicalAddress Purchase TelephoneNumber UserAgent",
    "prov": "Activity Entity startedAtTime used wasDerivedFrom wasInfluencedBy",
    "rdf": "type value Property",
    "rdfs": "Class label",
    "vcard": "Address country-name hasAddress locality postal-code street-address",
    "xsd": "boolean date dateTime duration integer",
}


def iri(short: str) -> URIRef:
    prefix, _, name = short.partition(":")
    return URIRef(PREFIXES[prefix] + name)


def parsed(document: dict[str, Any]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=json.dumps(document), format="json-ld")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return register(tmp_path_factory.mktemp("dpv"))


@pytest.fixture(scope="module")
def document(content: Register) -> dict[str, Any]:
    return dpv.document(publication(content))


@pytest.fixture(scope="module")
def graph(document: dict[str, Any]) -> rdflib.Graph:
    return parsed(document)


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(dpv.SHAPES)


# The shapes

GONE = [
    # shape, the node that loses something, what it loses
    ("RegisterTitle", "reg:register", ["dct:title"]),
    ("RegisterPublisher", "reg:processor-register", ["dct:publisher"]),
    ("RegisterVersion", "reg:register", ["dcat:version"]),
    ("RegisterIssued", "reg:register", ["dct:issued"]),
    ("RegisterStatus", "reg:register", ["adms:status"]),
    ("RegisterRecords", "reg:processor-register", ["dcat:dataset"]),
    ("ControllerName", "reg:controller", ["dpv:hasName"]),
    ("ControllerContact", "reg:controller", ["dpv:hasAddress", "dpv:hasContact"]),
    ("ControllerOfficer", "reg:controller", ["ret:dataProtectionOfficer"]),
    ("RecordController", "reg:activity:r1", ["dpv:hasDataController"]),
    ("RecordReference", "reg:activity:r2", ["dct:identifier"]),
    ("RecordTitle", "reg:processing:p1", ["dct:title"]),
    ("RecordPurpose", "reg:activity:r3", ["dpv:hasPurpose"]),
    ("RecordSubjects", "reg:activity:r4", ["dpv:hasDataSubject"]),
    ("RecordData", "reg:activity:r5", ["dpv:hasPersonalData"]),
    ("RecordRecipients", "reg:activity:r5", ["ret:notStated"]),
    ("RecordRecipients", "reg:activity:r6", ["dpv:hasRecipient"]),
    ("RecordTransfers", "reg:activity:r5", ["ret:notStated"]),
    ("RecordTransfers", "reg:activity:r7", ["dpv:hasProcessing"]),
    ("RecordStorage", "reg:activity:r8", ["dpv:hasStorageCondition"]),
    ("RecordMeasures", "reg:activity:r9", ["dpv:hasTechnicalOrganisationalMeasure"]),
    ("RecordBasis", "reg:activity:r14", ["dpv:hasLegalBasis"]),
    ("RecordBasis", "reg:activity:r10", ["ret:notStated"]),
    ("RecordCompliance", "reg:activity:r10", ["dpv:hasComplianceStatus"]),
    ("RecipientName", "reg:recipient:recipient.ovh", ["dpv:hasName"]),
    ("TransferCountry", "reg:place:transfer.france", ["dpv:hasCountry", "ret:countryStated"]),
    ("TransferCountry", "reg:place:transfer.outside_eea", ["ret:notStated"]),
    ("TransferSafeguards", "reg:place:transfer.outside_eea", ["ret:notStated"]),
    ("StorageDuration", "reg:rule:payment-card", ["dpv:hasDuration"]),
    ("StorageDuration", "reg:activity:r12:storage", ["dpv:hasDuration"]),
    ("Undecided", "reg:rule:suppression-list", ["dpv:hasApplicability"]),
    ("FindingVerdict", "reg:finding:category:account", ["dpv:hasComplianceStatus"]),
    ("FindingDated", "reg:finding:category:usage", ["ret:countedOn"]),
    ("FindingDated", "reg:finding:category:transaction", ["prov:wasDerivedFrom"]),
    ("RunDated", "reg:run:account-20261122T011500-8c1f", ["ret:asOf"]),
    ("ProcessingProcessor", "reg:processing:p1", ["dpv:hasDataProcessor"]),
    ("ProcessingControllers", "reg:processing:p1", ["ret:notStated"]),
    ("ProcessingDescription", "reg:processing:p1", ["dct:description"]),
    ("ProcessingTransfers", "reg:processing:p1", ["ret:notStated"]),
    ("ProcessingMeasures", "reg:processing:p1", ["ret:notStated"]),
]  # fmt: skip
WRONG = [
    # shape, node, property, what stands there instead
    ("BasisArticle", "reg:activity:r1:basis:contract", "rdf:type", [iri("dpv:LegalBasis")]),
    ("Period", "reg:rule:trial-data:period", "rdf:value", [Literal("25 months")]),
    ("StorageDuration", "reg:rule:usage-visits", "dpv:hasDuration", [Literal("25 mois")]),
    ("RegisterStatus", "reg:processor-register", "adms:status", [Literal("draft")]),
]
# A broken period is no duration of its rule either.
FOLLOWS = {("StorageDuration", "reg:rule:trial-data")}


@pytest.fixture(scope="module")
def violations(graph: rdflib.Graph, shapes: rdflib.Graph) -> set[tuple[str, str]]:
    """What the shapes say of a register that has lost something in every place of `GONE` and `WRONG`: shape and node."""
    broken = rdflib.Graph() + graph
    for _, node, properties in GONE:
        for name in properties:
            broken.remove((iri(node), iri(name), None))
    for _, node, name, values in WRONG:
        broken.remove((iri(node), iri(name), None))
        for value in values:
            broken.add((iri(node), iri(name), value))
    conforms, report, _ = pyshacl.validate(broken, shacl_graph=shapes)
    assert not conforms
    found = {
        (report.value(r, SH.sourceShape), report.value(r, SH.focusNode)) for r in report.subjects(RDF.type, SH.ValidationResult)
    }
    return {(_named(shapes, shape), str(focus).replace(REG, "reg:")) for shape, focus in found}


def _named(shapes: rdflib.Graph, shape: Any) -> str:
    """The shape a result belongs to: the one that holds it, where it has no name."""
    return str(shapes.value(predicate=SH.property, object=shape) if isinstance(shape, BNode) else shape).removeprefix(SHAPE)


def test_the_register_conforms_and_the_shapes_are_shapes(graph: rdflib.Graph, shapes: rdflib.Graph) -> None:
    conforms, _, told = pyshacl.validate(graph, shacl_graph=shapes, meta_shacl=True)
    assert conforms, told


@pytest.mark.parametrize(("shape", "node"), sorted({(each[0], each[1]) for each in [*GONE, *WRONG]}))
def test_each_shape_sees_what_is_missing(violations: set[tuple[str, str]], shape: str, node: str) -> None:
    assert (shape, node) in violations


def test_the_shapes_complain_of_nothing_else(violations: set[tuple[str, str]], shapes: rdflib.Graph) -> None:
    expected = {(each[0], each[1]) for each in [*GONE, *WRONG]}
    assert violations - expected == FOLLOWS
    names = {str(shape).removeprefix(SHAPE) for shape in shapes.subjects(RDF.type) if str(shape).startswith(SHAPE)}
    assert names == {shape for shape, _ in expected}


# What the file says


def test_reading_needs_no_network_and_no_term_is_left_undefined(document: dict[str, Any], graph: rdflib.Graph) -> None:
    assert all(isinstance(value, str) for value in document["@context"].values())  # no context to be fetched
    ours = {str(term).removeprefix(RET) for triple in graph for term in triple if str(term).startswith(RET)}
    assert ours <= CLASSES.keys() | PROPERTIES.keys()
    defined = {str(s).removeprefix(RET) for s in graph.subjects() if str(s).startswith(RET)}
    assert defined == ours
    known = set(graph.subjects())
    assert {o for o in graph.objects() if str(o).startswith(REG)} <= known, "a link that leads nowhere"
    assert not any(isinstance(term, BNode) for triple in graph for term in triple)


def test_every_term_of_others_is_one_they_have(graph: rdflib.Graph) -> None:
    used: dict[str, set[str]] = {}
    for term in {term for triple in graph for term in triple if isinstance(term, URIRef)}:
        for prefix, namespace in VOCABULARIES.items():
            if str(term).startswith(namespace):
                used.setdefault(prefix, set()).add(str(term).removeprefix(namespace))
    assert not {f"{prefix}:{term}" for prefix, terms in used.items() for term in terms - set(TERMS[prefix].split())}


def test_the_same_publication_gives_the_same_bytes(content: Register, tmp_path: Path) -> None:
    first, second = (dpv.write(publication(content), language, tmp_path) for language in ("fr", "en"))
    assert (first.name, second.name) == (f"registre-{AS_OF}.jsonld", f"register-{AS_OF}.jsonld")
    assert first.read_bytes() == second.read_bytes()
    again = Register.model_validate_json(content.model_dump_json())
    assert dpv.write(publication(again), "fr", tmp_path).read_bytes() == second.read_bytes()


def test_names_are_the_same_in_the_next_publication(content: Register, document: dict[str, Any]) -> None:
    def names(of: dict[str, Any]) -> set[str]:
        return {node["@id"] for node in of["@graph"]}

    later = content.model_copy(update={"nights": content.nights[1:], "title": content.activities[0].title})
    assert {name for name in names(document) - names(dpv.document(publication(later, minor=1, approved=True)))} == {
        "reg:run:account-20261122T011500-8c1f", "reg:store:account",
    }  # fmt: skip


def test_every_text_stands_in_both_languages(graph: rdflib.Graph) -> None:
    languages: dict[tuple[Any, Any], dict[str, int]] = {}
    for subject, predicate, value in graph:
        if isinstance(value, Literal) and value.language and str(predicate) != f"{RET}citation":
            counts = languages.setdefault((subject, predicate), dict.fromkeys(BOTH, 0))
            counts[value.language] += 1
    assert languages
    assert not [where for where, counts in languages.items() if not all(counts.values())]


def test_activities_say_what_the_model_says(graph: rdflib.Graph, content: Register) -> None:
    for activity in content.activities:
        node = iri(f"reg:activity:{activity.id}")
        assert graph.value(node, iri("dct:identifier")) == Literal(activity.ref)
        assert {v for v in graph.objects(node, iri("dct:title"))} == {
            Literal(activity.title.fr, lang="fr"), Literal(activity.title.en, lang="en"),
        }  # fmt: skip
        recipients = {str(v).removeprefix(f"{REG}recipient:") for v in graph.objects(node, iri("dpv:hasRecipient"))}
        assert recipients == {item.id for item in activity.recipients.items}
        silent = {str(v).removeprefix(DPV) for v in graph.objects(node, iri("ret:notStated"))}
        assert silent == {
            name
            for name, field in (
                ("hasDataSubject", activity.subjects), ("hasPersonalData", activity.categories),
                ("hasRecipient", activity.recipients), ("hasProcessing", activity.transfers),
                ("hasTechnicalOrganisationalMeasure", activity.security),
            )
            if field.kind == "not_stated"
        } | ({"hasLegalBasis"} if activity.bases == NOT_STATED else set())  # fmt: skip
        assert str(graph.value(node, iri("ret:verdict"))) == activity.verdict


def test_legal_bases_are_those_of_the_gdpr(document: dict[str, Any]) -> None:
    nodes = {node["@id"]: node for node in document["@graph"]}
    assert nodes["reg:activity:r16:basis:vital_interests"]["@type"] == ["dpv:LegalBasis", "eu-gdpr:A6-1-d"]
    assert nodes["reg:activity:r6:basis:contract"]["ret:doubtful"] is True
    assert nodes["reg:right:rights.consent_withdrawal"]["@type"] == ["dpv:DataSubjectRight", "eu-gdpr:A7-3"]
    assert nodes["reg:right:rights.marketing_objection"]["@type"] == ["dpv:DataSubjectRight", "eu-gdpr:A21"]
    assert nodes["reg:right:rights.erasure_exclusions"]["ret:limits"] == {"@id": "reg:right:rights.erasure"}
    assert "pd:IPAddress" in nodes["reg:element:ip_address"]["@type"]


def test_a_decided_period_is_a_duration_and_an_undecided_one_says_so(document: dict[str, Any], content: Register) -> None:
    nodes = {node["@id"]: node for node in document["@graph"]}
    for line in content.schedule:
        node = nodes[f"reg:rule:{line.id}"]
        if line.months is not None:
            assert node["dpv:hasDuration"]["rdf:value"] == {"@type": "xsd:duration", "@value": f"P{line.months}M"}
            assert "dpv:hasApplicability" not in node
        else:
            assert node["dpv:hasDuration"] == {"@id": "dpv:IndeterminateDuration"}
            assert ("dpv:hasApplicability" in node) is bool(line.awaited)
    assert nodes["reg:rule:trial-data"]["dpv:hasDuration"]["rdf:value"]["@value"] == "P25M"
    assert nodes["reg:rule:suppression-list"]["ret:awaits"] == [{"@id": "reg:decision:subscription.suppression"}]


def test_findings_are_those_of_the_model(document: dict[str, Any], content: Register) -> None:
    nodes = {node["@id"]: node for node in document["@graph"]}
    expected: dict[str, Finding] = {f"reg:finding:rule:{line.id}": line.finding for line in content.schedule}
    expected |= {f"reg:finding:category:{category.id}": category.finding for category in content.categories}
    for activity in content.activities:
        expected |= {f"reg:activity:{activity.id}:finding:{found.category.id}": found.finding for found in activity.found}
    for name, found in expected.items():
        node = nodes[name]
        assert {key: node.get(f"ret:{key}") for key in COUNTS} == {key: getattr(found, key) for key in COUNTS}
        assert ("ret:notCounted" in node) is (found.records is None)
        assert node["ret:verdict"] == found.verdict
        assert [run["@id"] for run in node.get("prov:wasDerivedFrom", [])] == sorted(f"reg:run:{run}" for run in found.runs)
        assert node.get("ret:countedOn", {}).get("@value") == (str(found.counted_on) if found.counted_on else None)
        assert node.get("ret:overdue") == (found.overdue.rows if found.overdue else None)
        disposed = node.get("ret:disposed12Months", {})
        assert disposed.get("ret:deleted") == (found.months_12.deleted if found.months_12 else None)
        assert disposed.get("ret:number") == (found.months_12.total if found.months_12 else None)
    assert sum(found.records is not None for found in expected.values()) > 30


def test_a_draft_says_so_and_an_approved_one_by_whom(content: Register, document: dict[str, Any]) -> None:
    def catalogue(of: dict[str, Any]) -> dict[str, Any]:
        return next(node for node in of["@graph"] if node["@id"] == "reg:register")

    draft = catalogue(document)
    assert draft["ret:draft"] is True
    assert draft["adms:status"]["@id"].endswith("/UnderDevelopment")
    assert "ret:approvedBy" not in draft
    real = content.model_copy(update={"grounding": content.grounding.model_copy(update={"example": False})})
    approved = catalogue(dpv.document(publication(real, approved=True)))
    assert approved["ret:draft"] is False
    assert approved["adms:status"]["@id"].endswith("/Completed")
    assert (approved["ret:approvedBy"], approved["ret:approvalNote"]) == ("Direction", "lu et approuvé")
    assert approved["ret:approvedAt"]["@value"] == "2026-11-23T09:00:00+00:00"
    assert approved["ret:contentHash"] == publication(real).content_hash


def test_a_register_nobody_has_counted_conforms_and_says_so(shapes: rdflib.Graph) -> None:
    uncounted = dpv.document(publication(make_register(bundle("production"), None, AS_OF)))
    assert all(node["ret:notCounted"] is True for node in uncounted["@graph"] if "ret:Finding" in node["@type"])
    conforms, _, told = pyshacl.validate(parsed(uncounted), shacl_graph=shapes)
    assert conforms, told


def test_whatever_a_name_holds_is_read_back_as_it_was(content: Register) -> None:
    names = ["\x07\x1b[31m", "🧾 paie", "\u202eesrevni", "=HYPERLINK(1)", 'a"b\\c\n</script>', "x" * 40_000]
    changed = [
        activity.model_copy(update={"title": activity.title.model_copy(update={"fr": name})})
        for activity, name in zip(content.activities, names, strict=False)
    ]
    graph = parsed(dpv.document(publication(content.model_copy(update={"activities": (*changed, *content.activities[6:])}))))
    for activity, name in zip(changed, names, strict=True):
        assert Literal(name, lang="fr") in set(graph.objects(iri(f"reg:activity:{activity.id}"), iri("dct:title")))


def test_no_key_and_no_reason_is_in_it(document: dict[str, Any]) -> None:
    told = json.dumps(document, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in told]
    assert not re.search(r"/(work|tmp|home)/", told)


def test_a_folder_that_cannot_be_written_is_said(content: Register, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        dpv.write(publication(content), "fr", tmp_path / "absent")
    (tmp_path / f"registre-{AS_OF}.jsonld").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        dpv.write(publication(content), "fr", tmp_path)
