"""Processing activities and their legal bases."""

from __future__ import annotations

ACTIVITIES = {
    "basis.marked": ("{title} ({article}) – {mark}", "{title} ({article}) – {mark}"),
    "activities.ref": ("Réf.", "Ref."),
    "activities.name": ("Traitement", "Activity"),
    "activities.purpose": ("Finalité principale", "Main purpose"),
    "activities.subpurposes": ("Sous-finalités", "Sub-purposes"),
    "activities.purposes": ("Finalités", "Purposes"),
    "activities.subjects": ("Personnes concernées", "Data subjects"),
    "activities.data": ("Catégories de données", "Categories of data"),
    "activities.elements": ("Éléments", "Elements"),
    "activities.sensitive": ("Données sensibles", "Special categories"),
    "activities.sensitive.none": ("aucune n'est déclarée (article 9)", "none is declared (article 9)"),
    "activities.recipients": ("Destinataires", "Recipients"),
    "activities.transfers": ("Transferts, pays tiers", "Transfers, third countries"),
    "activities.limit": ("Délais d'effacement", "Time limits for erasure"),
    "activities.rules": ("Règles appliquées", "Rules applied"),
    "activities.security": ("Mesures de sécurité", "Security measures"),
    "activities.basis": ("Base légale", "Legal basis"),
    "activities.source": ("Source", "Source"),
    "activities.verdict": ("Conforme à la politique ?", "In accordance with the policy?"),
    "activities.gaps": ("Lacunes", "Gaps"),
    "activities.dates": ("Fiche", "Record"),
    "activities.notes": ("Remarques", "Remarks"),
    "basis.contract": ("Contrat", "Contract"),
    "basis.legitimate_interest": ("Intérêt légitime", "Legitimate interest"),
    "basis.legal_obligation": ("Obligation légale", "Legal obligation"),
    "basis.vital_interests": ("Intérêts vitaux", "Vital interests"),
    "basis.consent": ("Consentement", "Consent"),
}
