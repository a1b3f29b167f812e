"""Recipients and transfers."""

from __future__ import annotations

PARTIES = {
    "recipients.name": ("Destinataire", "Recipient"),
    "recipients.kind": ("Type", "Kind"),
    "recipients.purpose": ("Pour quoi faire", "What for"),
    "recipients.country": ("Pays", "Country"),
    "recipients.safeguards": ("Garanties", "Safeguards"),
    "recipients.activities": ("Traitements", "Activities"),
    "recipient.provider": ("Prestataire", "Provider"),
    "recipient.group": ("Groupe", "Group"),
    "recipient.successor": ("Successeur", "Successor"),
    "recipient.adviser": ("Conseil, assureur", "Adviser, insurer"),
    "recipient.authority": ("Autorité", "Authority"),
    "transfers.what": ("Énoncé", "Statement"),
    "transfers.country": ("Pays", "Country"),
    "transfers.third": ("Pays tiers ?", "Third country?"),
}
