"""Which terms of W3C DPV 2 and its extensions stand for what is declared here. What has none keeps the general class.

Every term below was looked up in DPV 2.2 (dpv, pd, loc, eu-gdpr). Ids are those of the policy.
"""

from __future__ import annotations

import re

from ropa.register.model import Verdict

GDPR = "http://data.europa.eu/eli/reg/2016/679/oj"

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dpcat": "https://w3id.org/dpcat#",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

BASIS = {
    "consent": "eu-gdpr:A6-1-a",
    "contract": "eu-gdpr:A6-1-b",
    "legal_obligation": "eu-gdpr:A6-1-c",
    "vital_interests": "eu-gdpr:A6-1-d",
    "legitimate_interest": "eu-gdpr:A6-1-f",
}

ELEMENTS = {
    "name": "pd:Name",
    "business_address": "pd:PhysicalAddress",
    "email": "pd:EmailAddress",
    "telephone": "pd:TelephoneNumber",
    "contact_details": "pd:Contact",
    "card_details": "pd:PaymentCard",
    "transaction_information": "pd:Purchase",
    "subscription_email": "pd:EmailAddress",
    "subscription_contact": "pd:Contact",
    "ip_address": "pd:IPAddress",
    "location": "pd:Location",
    "browser_type": "pd:UserAgent",
    "browser_version": "pd:UserAgent",
    "operating_system": "pd:DeviceOperatingSystem",
    "referral_source": "pd:BrowsingReferral",
    "visit_duration": "pd:BrowsingBehaviour",
    "pages_viewed": "pd:BrowserHistory",
    "navigation_paths": "pd:BrowsingBehaviour",
    "visit_moment": "pd:BrowsingBehaviour",
    "interests": "pd:Interest",
}

SUBJECTS = {
    "subject.holders": "dpv:Customer",
    "subject.customers": "dpv:Customer",
    "subject.subscribers": "dpv:Subscriber",
    "subject.trial_users": "dpv:User",
    "subject.users": "dpv:User",
    "subject.visitors": "dpv:Visitor",
}

MEASURES = {
    "security.restricted_access": "dpv:AccessControlMethod",
    "security.encrypted_transmission": "dpv:EncryptionInTransfer",
    "security.controlled_premises": "dpv:PhysicalAccessControlMethod",
    "security.firewalls": "dpv:NetworkSecurityProtocols",
    "security.certification": "dpv:Certification",
}

# By the name the register gives a country in English; what else it says of a place stays words.
COUNTRIES = {"France": "loc:FR", "United Kingdom": "loc:GB"}

COMPLIANCE: dict[Verdict, str] = {
    "yes": "dpv:Compliant",
    "partly": "dpv:PartiallyCompliant",
    "unknown": "dpv:ComplianceUnknown",
    "no": "dpv:NonCompliant",
}

_RIGHTS = {"7(3)", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "77", "78", "79"}


def right(article: str) -> str | None:
    """`eu-gdpr:A17` of `art. 17(1)`, `eu-gdpr:A7-3` of `art. 7(3)`: the article, or the paragraph that DPV has."""
    found = re.search(r"(\d+)(\(\d+\))?", article)
    if found is None:
        return None
    for name in (found[0], found[1]):
        if name in _RIGHTS:
            return "eu-gdpr:A" + name.replace("(", "-").replace(")", "")
    return None
