"""The labels of the processor's record, and its tables."""

from __future__ import annotations

from retention.declare.words import Text
from ropa.register.editions.official import Heading, both

PARTIES = (
    Heading("role", "role", 26, kind="strong"),
    Heading("name", "name", 30),
    Heading("address", "address", 34),
    Heading("telephone", "telephone", 18),
    Heading("email", "email", 20),
    Heading("representative", "representative", 24),
    Heading("dpo", "dpo", 34),
)
PROCESSING = (
    Heading("ref", "ref", 8, kind="strong"),
    Heading("activity", "activity", 34, kind="strong"),
    Heading("controller", "controller", 34),
    Heading("processing", "processing", 64),
    Heading("source", "source", 16),
)
TRANSFERS = (
    Heading("ref", "ref", 8, kind="strong"),
    Heading("activity", "activity", 34, kind="strong"),
    Heading("controller", "controller", 34),
    Heading("transfers", "transfers", 44),
    Heading("safeguards", "safeguards", 36),
)
MEASURES = (
    Heading("ref", "ref", 8, kind="strong"),
    Heading("activity", "activity", 40, kind="strong"),
    Heading("measures", "measures", 100),
)
GAPS_WIDTHS = (8, 40, 38, 36, 30)
MISSING = (
    Heading("ref", "ref", kind="strong"),
    Heading("activity", "activity", kind="strong"),
    Heading("missing", "missing", span=2),
    Heading("identifier", "id", kind="code"),
)
GAPS = (
    Heading("rank", "rank", kind="count"),
    Heading("matter", "matter", kind="strong"),
    Heading("detail", "detail"),
    Heading("closes", "closes"),
    Heading("owner", "owner"),
)

LABELS: dict[str, Text] = {
    "book": both("Registre du sous-traitant (art. 30.2)", "Processor's record (art. 30(2))"),
    "sheet.cover": both("Couverture", "Cover"),
    "sheet.parties": both("a - Acteurs", "a - Parties"),
    "sheet.processing": both("b - Catégories de traitements", "b - Categories of processing"),
    "sheet.transfers": both("c - Transferts", "c - Transfers"),
    "sheet.measures": both("d - Mesures de sécurité", "d - Security measures"),
    "sheet.gaps": both("Lacunes", "Gaps"),
    "title.cover": both("Registre du sous-traitant", "Processor's record"),
    "title.parties": both("Sous-traitant et responsables du traitement", "Processor and controllers"),
    "title.processing": both(
        "Catégories de traitements effectués pour chaque responsable",
        "Categories of processing carried out for each controller",
    ),
    "title.transfers": both("Transferts vers des pays tiers", "Transfers to third countries"),
    "title.measures": both("Mesures de sécurité", "Security measures"),
    "title.gaps": both("Ce qui manque à ce registre", "What this record lacks"),
    "intro.cover": both(
        "Activités effectuées pour le compte des clients (article 30, paragraphe 2). Tenu à part du registre du responsable.",
        "Activities carried out on behalf of customers (article 30(2)). Kept apart from the controller's record.",
    ),
    "intro.parties": both(
        "Article 30, paragraphe 2, point a : le sous-traitant, et chaque responsable pour le compte duquel il agit.",
        "Article 30(2)(a): the processor, and each controller on whose behalf it acts.",
    ),
    "intro.processing": both("Article 30, paragraphe 2, point b.", "Article 30(2)(b)."),
    "intro.transfers": both(
        "Article 30, paragraphe 2, point c : pays tiers ou organisations internationales, et documentation des garanties.",
        "Article 30(2)(c): third countries or international organisations, and the documentation of safeguards.",
    ),
    "intro.measures": both(
        "Article 30, paragraphe 2, point d : description générale des mesures (article 32, paragraphe 1).",
        "Article 30(2)(d): general description of the measures (article 32(1)).",
    ),
    "intro.gaps": both(
        "Ce que l'article exige et que la politique ne dit pas ; puis les lacunes et contradictions qui s'y rapportent.",
        "What the article requires and the policy does not say; then the gaps and contradictions that bear on it.",
    ),
    "role.processor": both("Sous-traitant", "Processor"),
    "role.controller": both("Responsable du traitement ({ref})", "Controller ({ref})"),
    "number": both("Numéro d'enregistrement", "Registration number"),
    "record": both("Registre", "Record"),
    "dates": both("Création et mise à jour", "Created and updated"),
    "dates.text": both("créé le {created}, mis à jour le {updated}", "created on {created}, updated on {updated}"),
    "roles": both("Qualité", "Role"),
    "policy": both("Politique de confidentialité", "Privacy policy"),
    "contents": both("Sommaire", "Contents"),
    "column.sheet": both("Feuille", "Sheet"),
    "column.holds": both("Contenu", "What it holds"),
    "column.entries": both("Lignes", "Lines"),
    "role": both("Rôle", "Role"),
    "name": both("Nom", "Name"),
    "address": both("Adresse", "Address"),
    "telephone": both("Téléphone", "Telephone"),
    "email": both("Adresse électronique", "Email address"),
    "representative": both("Représentant", "Representative"),
    "dpo": both("Délégué à la protection des données", "Data protection officer"),
    "ref": both("Réf.", "Ref."),
    "activity": both("Activité", "Activity"),
    "controller": both("Pour le compte de", "On behalf of"),
    "processing": both("Catégories de traitements", "Categories of processing"),
    "source": both("Source", "Source"),
    "transfers": both("Pays tiers ou organisations internationales", "Third countries or international organisations"),
    "safeguards": both("Documentation des garanties", "Documentation of safeguards"),
    "measures": both("Mesures techniques et organisationnelles", "Technical and organisational measures"),
    "missing": both("Ce qui manque", "What is missing"),
    "identifier": both("Identifiant", "Identifier"),
    "rank": both("Rang", "Rank"),
    "matter": both("Lacune ou contradiction", "Gap or contradiction"),
    "detail": both("Ce qui ne va pas", "What is wrong"),
    "closes": both("Ce qui la clôt", "What closes it"),
    "owner": both("Qui le doit", "Who owes it"),
    "no_missing": both("Rien ne manque", "Nothing is missing"),
    "no_gap": both("Aucune lacune", "No gap"),
}
