"""Who takes part and what is processed: controller, recipients, places, data, data subjects, measures, rights, cookies."""

from __future__ import annotations

from collections.abc import Iterator

from retention.declare.words import Text
from ropa.register.editions.dpv.findings import finding
from ropa.register.editions.dpv.nodes import Node, iri, links, make, quotes, ref, refs, silent, text, texts
from ropa.register.editions.dpv.terms import COUNTRIES, ELEMENTS, MEASURES, SUBJECTS, right
from ropa.register.model import NOT_STATED, Named, Recipient, Register, Statement, Transfer

COMPANY = iri("controller")
KINDS = {
    "provider": "dpv:ThirdParty",
    "group": "dpv:Organisation",
    "successor": "dpv:Organisation",
    "adviser": "dpv:ThirdParty",
    "authority": "dpv:Authority",
}


def controller(register: Register) -> Node:
    """The company, which is a controller and, for its customers, a processor."""
    company = register.controller
    address = {
        "@id": f"{COMPANY}:address",
        "@type": ["vcard:Address"],
        "vcard:country-name": text(company.country),
        "vcard:locality": company.city,
        "vcard:postal-code": company.postcode,
        "vcard:street-address": company.street,
    }
    fields = {
        "dpv:hasAddress": ", ".join(part for part in (company.street, company.postcode, company.city) if part.strip()),
        "dpv:hasContact": sorted(company.sites),
        "dpv:hasCountry": country(company.country),
        "dpv:hasIdentifier": company.registration_number,
        "dpv:hasName": company.name,
        "foaf:name": company.name,
        "ret:dataProtectionOfficer": texts(_told(company.dpo)),
        "ret:notStated": refs(iri("missing", each.id) for each in company.missing),
        "ret:policyLines": company.lines,
        "ret:role": texts(role.title for role in company.roles),
        "vcard:hasAddress": address,
    }
    return make(COMPANY, ["dpv:DataController", "dpv:DataProcessor", "foaf:Organization"], fields)


def missing(register: Register) -> Iterator[Node]:
    """What a register must carry of the company and of its processing for others, and the policy does not say."""
    unsaid = [*register.controller.missing, *(each for a in register.processor.activities for each in a.missing)]
    for each in {each.id: each for each in unsaid}.values():
        fields = {"dct:title": text(each.title), "dpv:hasApplicability": ref("dpv:NotAvailable")}
        yield make(iri("missing", each.id), ["dpv:Context"], fields)


def country(stated: Text | str) -> list[dict[str, str]]:
    """The country's own term, where the register names one country."""
    return refs([COUNTRIES[stated.en]]) if isinstance(stated, Text) and stated.en in COUNTRIES else []


def recipients(register: Register) -> Iterator[Node]:
    for each in register.recipients:
        fields = {
            "dct:description": text(each.purpose),
            "dct:title": text(each.name),
            "dpv:hasCountry": country(each.country),
            "dpv:hasName": text(each.name),
            "dpv:hasOrganisationalMeasure": _safeguards(iri("recipient", each.id), each),
            "dpv:hasPersonalData": refs(_disclosed(each)),
            "ret:countryStated": text(each.country) if isinstance(each.country, Text) else [],
            "ret:notStated": silent(
                dpv_hasPersonalData=each.data, dpv_hasCountry=each.country, dpv_hasOrganisationalMeasure=each.safeguards
            ),
            "ret:policyLines": each.lines,
        }
        yield make(iri("recipient", each.id), ["dpv:Recipient", KINDS[each.kind]], fields)


def _disclosed(recipient: Recipient) -> Iterator[str]:
    """Elements where only some of a category are disclosed, else the category."""
    for data in () if recipient.data == NOT_STATED else recipient.data:
        if data.only:
            yield from (iri("element", element.id) for element in data.only)
        else:
            yield iri("category", data.category.id)


def _safeguards(name: str, stated: Recipient | Transfer) -> Node | None:
    if not isinstance(stated.safeguards, Text):
        return None
    return make(f"{name}:safeguards", ["eu-gdpr:DataTransferTool"], {"dct:title": text(stated.safeguards)})


def places(register: Register) -> Iterator[Node]:
    """Where data is said to be kept or sent. What leaves the Economic Area, or may, is a transfer; the rest is storage."""
    for each in register.transfers:
        name = iri("place", each.id)
        fields = {
            "dct:title": text(each.title),
            "dpv:hasOrganisationalMeasure": _safeguards(name, each),
            "dpv:hasRecipient": links("recipient", each.recipients.items),
            "dpv:hasThirdCountry" if each.third_country is True else "dpv:hasCountry": country(each.country),
            "ret:citation": quotes(each.citations),
            "ret:countryStated": text(each.country) if isinstance(each.country, Text) else [],
            "ret:notStated": silent(
                dpv_hasRecipient=each.recipients,
                dpv_hasCountry=each.country,
                dpv_hasOrganisationalMeasure=each.safeguards,
                ret_thirdCountry=each.third_country,
            ),
            "ret:thirdCountry": each.third_country if isinstance(each.third_country, bool) else None,
        }
        kind = "dpv:Store" if each.third_country is False else "dpv:Transfer"
        yield make(name, [kind, "ret:StatedPlace"], fields)


def data(register: Register) -> Iterator[Node]:
    """The categories of data, with their findings, and the elements they are made of."""
    for each in register.categories:
        fields = {
            "dct:hasPart": refs(iri("element", element.id) for element in register.elements if element.category == each.id),
            "dct:title": text(each.title),
            "dpv:hasDataSource": [] if each.sources == NOT_STATED else refs(iri("statement", s.id) for s in each.sources),
            "dpv:hasDataSubject": links("subject", each.subjects),
            "dpv:hasPurpose": refs(iri("purpose", purpose.id) for purpose in each.purposes),
            "ret:finding": ref(iri("finding", "category", each.id)),
            "ret:inferred": each.subjects_inferred,
            "ret:notStated": silent(dpv_hasDataSource=each.sources),
            "ret:policyLines": each.lines,
        }
        yield make(iri("category", each.id), ["dpv:PersonalData"], fields)
        yield finding(iri("finding", "category", each.id), each.finding)
        for source in () if each.sources == NOT_STATED else each.sources:
            yield statement("statement", source, "dpv:DataSource")
    for element in register.elements:
        types = ["dpv:PersonalData", ELEMENTS.get(element.id, "dpv:PersonalData")]
        fields = {
            "dct:title": text(element.title),
            "ret:column": sorted(element.columns),
            "ret:note": text(element.note),
            "ret:policyLines": element.lines,
        }
        yield make(iri("element", element.id), types, fields)


def purposes(register: Register) -> Iterator[Node]:
    """The policy's own purposes: those of its categories of data, then those only an activity names."""
    told = {purpose.id for category in register.categories for purpose in category.purposes}
    for category in register.categories:
        for purpose in category.purposes:
            yield statement("purpose", purpose, "dpv:Purpose")
    for activity in register.activities:
        yield from _once("purpose", activity.purposes, "dpv:Purpose", told)


def subjects(register: Register) -> Iterator[Node]:
    told: set[str] = set()
    for items in [c.subjects for c in register.categories] + [a.subjects.items for a in register.activities]:
        for subject in items:
            yield from _once("subject", [subject], SUBJECTS.get(subject.id, "dpv:DataSubject"), told, "dpv:DataSubject")


def _once(kind: str, items: tuple[Named, ...] | list[Named], special: str, told: set[str], general: str = "") -> Iterator[Node]:
    for item in items:
        if item.id not in told:
            told.add(item.id)
            yield make(iri(kind, item.id), [special, general or special], {"dct:title": text(item.title)})


def statement(kind: str, stated: Statement, *types: str) -> Node:
    """Something the policy states, with the passages it rests on."""
    fields = {
        "dct:description": text(stated.detail),
        "dct:title": text(stated.title),
        "ret:citation": quotes(stated.citations),
        "ret:policyLines": stated.lines,
    }
    return make(iri(kind, stated.id), types, fields)


def measures(register: Register) -> Iterator[Node]:
    for each in register.security:
        general = "dpv:TechnicalOrganisationalMeasure"
        yield statement("measure", each, general, MEASURES.get(each.id, general))


def rights(register: Register) -> Iterator[Node]:
    """The rights under their articles, what is set against one, and the ways to exercise them."""
    titles = {each.title: each.id for each in register.rights}
    for each in register.rights:
        limited = titles.get(each.limits) if each.limits else None
        special = right(each.article.en)
        types = ["ret:Limitation"] if each.limits else ["dpv:DataSubjectRight", *([special] if special else [])]
        fields = {
            "dct:description": text(each.scope),
            "dct:title": text(each.title),
            "ret:article": text(each.article),
            "ret:citation": quotes(each.citations),
            "ret:effect": text(each.effect),
            "ret:limits": ref(iri("right", limited)) if limited else None,
        }
        yield make(iri("right", each.id), types, fields)
    for way in register.exercise:
        yield statement("exercise", way, "dpv:OrganisationalMeasure")


def cookies(register: Register) -> Iterator[Node]:
    for each in register.cookies:
        fields = {
            "dct:title": text(each.title),
            "dpv:hasRecipient": refs(_setter(register, each.recipient)),
            "ret:citation": quotes(each.citations),
            "ret:lifetime": text(each.lifetime) if isinstance(each.lifetime, Text) else [],
            "ret:notStated": silent(
                dpv_hasRecipient=None if each.own else each.recipient, ret_lifetime=each.lifetime, ret_number=each.count
            ),
            "ret:number": each.count if isinstance(each.count, int) else None,
            "ret:setBy": each.setter,
        }
        yield make(iri("cookie", each.id), ["ret:Cookie"], fields)


def _setter(register: Register, recipient: Text | str) -> Iterator[str]:
    return (iri("recipient", each.id) for each in register.recipients if each.name == recipient)


def _told(stated: Statement) -> tuple[Text, ...]:
    return (stated.title, stated.detail) if stated.detail else (stated.title,)
