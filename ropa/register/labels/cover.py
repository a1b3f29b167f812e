"""The cover."""

from __future__ import annotations

COVER = {
    "cover.name": ("Dénomination", "Name"),
    "cover.number": ("Numéro d'enregistrement", "Registration number"),
    "cover.address": ("Siège social", "Registered office"),
    "cover.sites": ("Sites", "Sites"),
    "cover.roles": ("Qualités", "Roles"),
    "cover.dpo": ("Délégué à la protection des données", "Data protection officer"),
    "cover.basis": ("Sur quoi ce registre repose", "What this record rests on"),
    "cover.as_of": ("État au", "As of"),
    "cover.policy": ("Politique de confidentialité", "Privacy policy"),
    "cover.version": ("Version de la politique (SHA-256)", "Version of the policy (SHA-256)"),
    "cover.decisions": ("Jeu de décisions", "Decision set"),
    "cover.hash": ("Empreinte des règles appliquées", "Hash of the rules applied"),
    "cover.dates": ("Création et mise à jour", "Created and updated"),
    "cover.dates.text": ("créé le {created}, mis à jour le {updated}", "created on {created}, updated on {updated}"),
    "cover.col.store": ("Base", "Store"),
    "cover.col.last": ("Dernière passe (heure de Paris)", "Last run (Paris time)"),
    "cover.col.as_of": ("Au titre du", "As of"),
    "cover.col.status": ("Issue", "Outcome"),
    "cover.col.run": ("Chiffres tirés de la passe", "Figures taken from run"),
    "cover.col.declaration": ("Déclaration appliquée", "Declaration applied"),
    "cover.same": ("celle de ce registre", "the one of this record"),
    "cover.other": ("une autre que celle de ce registre", "another than that of this record"),
    "cover.no_figures": ("aucune passe achevée : aucun chiffre", "no finished run: no figures"),
    "cover.publication": ("Publication", "Publication"),
    "cover.publication_number": ("Numéro de publication", "Publication number"),
    "cover.published_at": ("Publiée le", "Published at"),
    "cover.moment": ("{date} à {time} (heure de Paris)", "{date}, {time} (Paris time)"),
    "cover.content_hash": ("Empreinte du contenu (SHA-256)", "Hash of the content (SHA-256)"),
    "cover.approval": ("Approbation", "Approval"),
    "cover.approved": (
        "Approuvée par {approver} le {at}, dans la publication {number}",
        "Approved by {approver}, {at}, in publication {number}",
    ),
    "cover.brief": ("En bref", "In brief"),
    "cover.brief.activities": (
        "{count} ; conservés et effacés conformément à la politique : {verdicts}",
        "{count}; retained and erased in accordance with the policy: {verdicts}",
    ),
    "cover.brief.held": (
        "{held} enregistrements détenus ; échus et restants : {overdue}",
        "{held} records held; overdue: {overdue}",
    ),
    "cover.brief.gaps": (
        "{count}, dont de rang 1 (aucun terme, ou rien d'établi) : {urgent}",
        "{count}, of rank 1 (no term, or nothing shown): {urgent}",
    ),
    "cover.brief.checks": (
        "{count}, dont non réussis : {failed} (exigés par la loi : {legal})",
        "{count}, not passed: {failed} (required by law: {legal})",
    ),
    "cover.brief.changes": (
        "{count} depuis la publication {number}",
        "{count} since publication {number}",
    ),
    "cover.runs": ("Passes dont ce registre tire ses chiffres", "Runs from which this record takes its figures"),
    "cover.declared": ("Empreinte de tout ce qui est déclaré", "Hash of all that is declared"),
}
