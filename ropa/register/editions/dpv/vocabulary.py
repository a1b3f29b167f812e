"""The words DPV has no term for: what the runs found, and that the policy is silent. Each file defines those it uses.

They are URNs, not web addresses: nobody is to look for them elsewhere.
"""

from __future__ import annotations

from typing import Any

from retention.declare.words import Text

NAMESPACE = "urn:retention:vocabulary:"

CLASSES: dict[str, Text] = {
    "Check": Text(fr="Contrôle du registre lui-même", en="A check of the register itself"),
    "ControllerRecord": Text(
        fr="Fiche du responsable du traitement (article 30.1)", en="Record of a controller (article 30(1))"
    ),
    "Cookie": Text(fr="Cookie, ou tiers qui en dépose", en="A cookie, or a third party that sets one"),
    "Decision": Text(fr="Décision due par le responsable", en="A decision the controller owes"),
    "Finding": Text(fr="Ce que les exécutions ont constaté", en="What the runs found"),
    "Gap": Text(fr="Lacune, contradiction ou doute à lever", en="A gap, a contradiction or a doubt to settle"),
    "Limitation": Text(
        fr="Ce que la politique oppose à un droit", en="What the policy sets against a right of the data subject"
    ),
    "ProcessorRecord": Text(fr="Fiche du sous-traitant (article 30.2)", en="Record of a processor (article 30(2))"),
    "RetentionRule": Text(fr="Règle de conservation", en="A retention rule"),
    "Store": Text(fr="Base de données", en="A database"),
    "StatedPlace": Text(fr="Lieu de conservation ou d'envoi", en="A place of storage or sending"),
}  # fmt: skip

PROPERTIES: dict[str, Text] = {
    "action": Text(fr="sort des données échues", en="what becomes of data that is due"),
    "anonymised": Text(fr="enregistrements anonymisés", en="records anonymised"),
    "approvalNote": Text(fr="note de l'approbation", en="note given with the approval"),
    "approvedAt": Text(fr="approuvé le", en="approved at"),
    "approvedBy": Text(fr="approuvé par", en="approved by"),
    "archived": Text(fr="enregistrements versés en archivage intermédiaire", en="records moved to the intermediate archive"),
    "article": Text(fr="article du RGPD", en="article of the GDPR"),
    "asOf": Text(fr="date d'arrêté", en="day the statement is made for"),
    "awaited": Text(fr="ce qui est attendu", en="what is awaited"),
    "awaits": Text(fr="décision attendue", en="decision that is awaited"),
    "check": Text(fr="contrôle du registre", en="check of the register"),
    "checkErrors": Text(fr="contrôles non évalués", en="checks that could not be evaluated"),
    "checkedOn": Text(fr="source vérifiée le", en="day the source was checked"),
    "checksFailed": Text(fr="contrôles en échec", en="checks failed"),
    "checksPassed": Text(fr="contrôles réussis", en="checks passed"),
    "checkWarnings": Text(fr="avertissements des contrôles", en="warnings of the checks"),
    "citation": Text(fr="passage de la politique", en="passage of the policy"),
    "closes": Text(fr="ce qui comblerait la lacune", en="what would close the gap"),
    "column": Text(fr="colonne qui contient l'élément", en="column that holds the element"),
    "concerns": Text(fr="référence en cause", en="reference that fails"),
    "contentHash": Text(fr="empreinte SHA-256 du contenu", en="SHA-256 of the content"),
    "countedOn": Text(fr="date des chiffres", en="day of the figures"),
    "countryStated": Text(fr="pays, dans les termes de la politique", en="country, in the policy's words"),
    "cutoff": Text(fr="dernière date de départ échue", en="latest starting date that is due"),
    "dataProtectionOfficer": Text(
        fr="position sur le délégué à la protection des données", en="statement on the data protection officer"
    ),
    "decided": Text(fr="décidé", en="decided"),
    "decisionSet": Text(fr="jeu de décisions", en="decision set"),
    "declarationHash": Text(fr="empreinte SHA-256 de ce qui est déclaré", en="SHA-256 of what is declared"),
    "deleted": Text(fr="enregistrements supprimés", en="records deleted"),
    "disposed12Months": Text(fr="traités en fin de vie en 12 mois", en="disposed of in 12 months"),
    "disposed30Days": Text(fr="traités en fin de vie en 30 jours", en="disposed of in 30 days"),
    "disposedLastRun": Text(fr="traités en fin de vie à la dernière exécution", en="disposed of in the last run"),
    "doubtful": Text(fr="base légale douteuse", en="legal basis hard to defend"),
    "due": Text(fr="échus à la dernière exécution", en="due in the last run"),
    "draft": Text(fr="projet, à ne pas présenter comme le registre", en="draft, not to be presented as the register"),
    "effect": Text(fr="effet sur la conservation", en="effect on retention"),
    "exampleDecisions": Text(fr="repose sur des décisions d'exemple", en="rests on example decisions"),
    "finding": Text(fr="constat", en="finding"),
    "frozen": Text(fr="échus mais gelés", en="overdue, but lawfully held"),
    "frozenSince": Text(fr="gelés : le plus ancien échu depuis le", en="frozen: the oldest due since"),
    "gap": Text(fr="lacune", en="gap"),
    "held": Text(fr="gelés", en="held"),
    "heldOn": Text(fr="gelés pour ce motif", en="held on this ground"),
    "inferred": Text(fr="déduit, la politique ne le dit pas", en="inferred, the policy does not say so"),
    "legal": Text(fr="exigé par la loi", en="required by law"),
    "lifetime": Text(fr="durée de vie", en="lifetime"),
    "limits": Text(fr="limite ce droit", en="limits this right"),
    "minimised": Text(fr="enregistrements réduits", en="records minimised"),
    "note": Text(fr="note", en="note"),
    "notCounted": Text(fr="aucune exécution n'a compté", en="no run has counted"),
    "notStated": Text(
        fr="la politique ne dit rien de cette propriété, ou de ce point (voir dpv:NotAvailable)",
        en="the policy does not say what this property holds, or this point (see dpv:NotAvailable)",
    ),
    "number": Text(fr="nombre", en="number"),
    "oldest": Text(fr="plus ancienne date de départ conservée", en="earliest starting date that is kept"),
    "outcome": Text(fr="résultat", en="outcome"),
    "overdue": Text(fr="en retard", en="overdue"),
    "overdueSince": Text(fr="en retard depuis le", en="overdue since"),
    "owner": Text(fr="qui doit y répondre", en="who owes it"),
    "policyHash": Text(fr="empreinte de la déclaration appliquée", en="hash of the declaration applied"),
    "policyLines": Text(fr="lignes de la politique", en="lines of the policy"),
    "quarantined": Text(fr="en quarantaine", en="in quarantine"),
    "rank": Text(fr="rang (1 : le plus urgent)", en="rank (1: the most urgent)"),
    "records": Text(fr="enregistrements détenus", en="records held"),
    "reviewBy": Text(fr="à réexaminer avant le", en="to be reviewed by"),
    "reviewDue": Text(fr="réexamen dépassé", en="past its review date"),
    "role": Text(fr="qualité", en="role"),
    "runStatus": Text(fr="état de l'exécution", en="status of the run"),
    "scanned": Text(fr="enregistrements analysés", en="records scanned"),
    "scope": Text(fr="portée", en="scope"),
    "setBy": Text(fr="déposé par", en="set by"),
    "sha256": Text(fr="empreinte SHA-256", en="SHA-256"),
    "spared": Text(fr="épargnés au dernier moment", en="spared at the last moment"),
    "store": Text(fr="base", en="database"),
    "thirdCountry": Text(fr="hors de l'Espace économique européen", en="outside the European Economic Area"),
    "timeLimit": Text(fr="délai d'effacement, tel que la politique le dit", en="time limit for erasure, as the policy puts it"),
    "undecided": Text(fr="conservés faute de décision", en="kept for want of a decision"),
    "value": Text(fr="valeur décidée", en="value decided"),
    "verdict": Text(
        fr="conservées et effacées conformément à la politique ?", en="retained and erased in accordance with the policy?"
    ),
    "waiting": Text(fr="enregistrements en attente", en="records that wait"),
    "where": Text(fr="où", en="where"),
    "why": Text(fr="motif ou réserve", en="reason or reservation"),
}  # fmt: skip


def definitions(used: set[str]) -> list[dict[str, Any]]:
    """The terms a file uses, each defined where it stands. A term nobody defined here is an error."""
    kinds = ((CLASSES, "rdfs:Class"), (PROPERTIES, "rdf:Property"))
    unknown = used - CLASSES.keys() - PROPERTIES.keys()
    if unknown:
        raise KeyError(f"no definition of {', '.join(sorted(unknown))}")
    return [
        {
            "@id": f"ret:{term}",
            "@type": [kind],
            "rdfs:label": [{"@language": "en", "@value": text.en}, {"@language": "fr", "@value": text.fr}],
        }
        for terms, kind in kinds
        for term, text in terms.items()
        if term in used
    ]
