"""Words that stand on several sheets."""

from __future__ import annotations

COMMON = {
    "title": ("Registre des traitements – article 30 du RGPD", "Record of processing – article 30 GDPR"),
    "edition": (
        "{owner} – état au {date} – n° {number} | empreinte {hash} – politique {version} – déclaration {declaration}",
        "{owner} – as of {date} – no. {number} | hash {hash} – policy {version} – declaration {declaration}",
    ),
    "draft": ("PROJET – non approuvé", "DRAFT – not approved"),
    "draft.approved": ("PROJET", "DRAFT"),
    "example": (
        "JEU DE DÉCISIONS D'EXEMPLE – sans valeur, n'engage personne",
        "EXAMPLE DECISION SET – of no force, binds nobody",
    ),
    "example.short": ("sans valeur : ne pas présenter comme registre", "of no force: not to be presented as a record"),
    "not_stated": ("Non indiqué par la politique", "Not stated in the policy"),
    "inferred": ("déduit, la politique ne le dit pas", "inferred, the policy does not say so"),
    "doubtful": ("douteuse", "doubtful"),
    "undecided": ("non décidé", "undecided"),
    "all": ("Toutes", "All"),
    "all_measures": ("Toutes celles de la feuille Sécurité", "All those of the Security sheet"),
    "all_elements": ("Tous ceux de ces catégories", "All those of these categories"),
    "none": ("aucun", "none"),
    "no_recipient": ("aucun destinataire", "no recipient"),
    "no_transfer": ("aucun transfert", "no transfer"),
    "yes": ("Oui", "Yes"),
    "no": ("Non", "No"),
    "only": ("seulement : {names}", "only: {names}"),
    "until": ("jusqu'au {date}", "until {date}"),
    "unknown_date": ("date inconnue", "unknown date"),
    "source": ("Source", "Source"),
    "detail": ("Précisions", "Detail"),
    "id": ("Identifiant", "Identifier"),
    "total": ("Total", "Total"),
}
