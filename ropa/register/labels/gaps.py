"""Gaps and contradictions."""

from __future__ import annotations

GAPS = {
    "gaps.night": ("{store} : la dernière passe a échoué", "{store}: the last run failed"),
    "gaps.night.detail": (
        "Passe du {date} : {note}. Rien n'en a été effacé ; ce que la base contient n'est pas établi.",
        "Run of {date}: {note}. Nothing of it was erased; what the store holds is not shown.",
    ),
    "gaps.night.closes": (
        "`retention check --store {store}` nomme ce qui manque ou n'est pas déclaré ; le corriger, puis relancer la passe.",
        "`retention check --store {store}` names what is missing or undeclared; mend it, then run the night again.",
    ),
    "gaps.run": ("Passe {run}", "Run {run}"),
    "gaps.engineers": ("Ingénierie des données", "Data engineering"),
    "gaps.recipient": ("Destinataire {name}", "Recipient {name}"),
    "gaps.recipient.detail": ("La politique n'indique pas : {names}.", "The policy does not state: {names}."),
    "gaps.recipient.country": ("le pays", "the country"),
    "gaps.recipient.safeguards": ("les garanties du transfert", "the safeguards of the transfer"),
    "gaps.recipient.closes": (
        "Le contrat de sous-traitance ou la fiche du destinataire : pays, garanties (article 46), lien vers le document.",
        "The processing contract or the recipient's record: country, safeguards (article 46), link to the document.",
    ),
    "gaps.rank": ("Rang", "Rank"),
    "gaps.rank.1": ("aucun terme : rien n'est effacé", "no term: nothing is erased"),
    "gaps.rank.2": ("décision à revoir", "decision due for review"),
    "gaps.rank.3": ("contradiction", "contradiction"),
    "gaps.rank.4": ("base légale douteuse", "doubtful legal basis"),
    "gaps.rank.5": ("silence de la politique", "silence of the policy"),
    "gaps.rank.6": ("réglé par une décision", "settled by a decision"),
    "gaps.matter": ("Objet", "Matter"),
    "gaps.detail": ("Ce qui ne va pas", "What is wrong"),
    "gaps.closes": ("Ce qui le clôt", "What closes it"),
    "gaps.owner": ("Qui le doit", "Who owes it"),
    "gaps.waiting": ("Enregistrements en attente", "Records waiting"),
    "gaps.where": ("Où", "Where"),
    "gaps.rules": ("Règles : {names}", "Rules: {names}"),
    "gaps.operator": ("Direction de l'entreprise", "Management of the company"),
    "gaps.compliance": ("Équipe conformité", "Compliance team"),
    "gaps.decide": (
        "Une décision {id} : valeur, source, date, approbateur, date de revue.",
        "A decision {id}: value, source, date, approver, review date.",
    ),
    "gaps.absent": ("La décision ne figure pas dans le jeu en vigueur.", "The decision is absent from the set in force."),
    "gaps.review": ("{value} ; devait être revue avant le {date}.", "{value}; was due for review by {date}."),
    "gaps.review_again": (
        "Confirmer ou changer {id}, avec une nouvelle date de revue.",
        "Confirm or change {id}, with a new review date.",
    ),
    "gaps.settled": ("Décision {id} : {value}", "Decision {id}: {value}"),
    "gaps.basis": ("Base légale de {ref} – {title}", "Legal basis of {ref} – {title}"),
    "gaps.no_basis": ("La politique n'indique aucune base légale.", "The policy states no legal basis."),
    "gaps.basis.closes": (
        "L'analyse de la base légale, consignée, et une correction de la politique s'il le faut.",
        "The legal basis examined, on record, and a correction of the policy where needed.",
    ),
}
