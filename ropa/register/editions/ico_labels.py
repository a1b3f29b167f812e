"""The labels of the ICO's controller template, in its order, with French translations; and what its cells say."""

from __future__ import annotations

from retention.declare.words import Text
from ropa.register.editions.official import Heading, both

_ARTICLE_30, _CONTINUED, _NOTICES, _CONSENT = "group.article30", "group.article30.continued", "group.notices", "group.consent"
_REQUESTS, _DPIA, _BREACHES, _DPA = "group.requests", "group.dpia", "group.breaches", "group.dpa"

# The template's columns, none added and none left out. A key is also the attribute of an `IcoLine`.
COLUMNS = (
    Heading("function", "function", 24, kind="strong", group=_ARTICLE_30),
    Heading("purpose", "purpose", 30, group=_ARTICLE_30),
    Heading("joint_controller", "joint_controller", 20, group=_ARTICLE_30),
    Heading("individuals", "individuals", 22, group=_ARTICLE_30),
    Heading("data", "data", 44, group=_ARTICLE_30),
    Heading("recipients", "recipients", 24, group=_ARTICLE_30),
    Heading("processor_contract", "processor_contract", 18, group=_ARTICLE_30),
    Heading("third_countries", "third_countries", 40, group=_CONTINUED),
    Heading("safeguards", "safeguards", 28, group=_CONTINUED),
    Heading("schedule", "schedule", 50, group=_CONTINUED),
    Heading("measures", "measures", 40, group=_CONTINUED),
    Heading("basis", "basis", 25, group=_NOTICES),
    Heading("article9", "article9", 17, group=_NOTICES),
    Heading("interests", "interests", 24, group=_NOTICES),
    Heading("interests_record", "interests_record", 24, group=_NOTICES),
    Heading("rights", "rights", 34, group=_NOTICES),
    Heading("automated", "automated", 17, group=_NOTICES),
    Heading("source", "source", 21, group=_NOTICES),
    Heading("consent_record", "consent_record", 22, group=_CONSENT),
    Heading("location", "location", 34, group=_REQUESTS),
    Heading("dpia_required", "dpia_required", 17, group=_DPIA),
    Heading("dpia_progress", "dpia_progress", 17, group=_DPIA),
    Heading("dpia_link", "dpia_link", 17, group=_DPIA),
    Heading("breach", "breach", 18, group=_BREACHES),
    Heading("breach_record", "breach_record", 18, group=_BREACHES),
    Heading("schedule1", "schedule1", 18, group=_DPA),
    Heading("basis_again", "basis_again", 28, group=_DPA),
    Heading("policy_document", "policy_document", 34, group=_DPA),
    Heading("adhered", "adhered", 22, kind="strong", group=_DPA),
    Heading("not_adhered", "not_adhered", 48, group=_DPA),
)

# Printed side by side, each page with whole groups; the first is the column of the activities, which every page repeats.
PAGES = ((_ARTICLE_30,), (_CONTINUED,), (_NOTICES,), (_CONSENT, _REQUESTS, _DPIA, _BREACHES), (_DPA,))

PARTIES = (
    Heading("party", "role", 36, kind="strong"),
    Heading("name", "name", 40),
    Heading("address", "address", 44),
    Heading("email", "email", 30),
    Heading("telephone", "telephone", 30),
)

HEADERS: dict[str, Text] = {
    "function": both("Fonction de l'entreprise", "Business function"),
    "purpose": both("Finalité du traitement", "Purpose of processing"),
    "joint_controller": both("Nom et coordonnées du responsable conjoint", "Name and contact details of joint controller"),
    "individuals": both("Catégories de personnes", "Categories of individuals"),
    "data": both("Catégories de données à caractère personnel", "Categories of personal data"),
    "recipients": both("Catégories de destinataires", "Categories of recipients"),
    "processor_contract": both("Lien vers le contrat de sous-traitance", "Link to contract with processor"),
    "third_countries": both(
        "Pays tiers ou organisations internationales", "Names of third countries or international organisations"
    ),
    "safeguards": both("Garanties des transferts exceptionnels", "Safeguards for exceptional transfers"),
    "schedule": both("Tableau de conservation", "Retention schedule"),
    "measures": both(
        "Description générale des mesures de sécurité techniques et organisationnelles",
        "General description of technical and organisational security measures",
    ),
    "basis": both("Base légale (article 6)", "Article 6 lawful basis"),
    "article9": both("Condition de l'article 9", "Article 9 condition"),
    "interests": both("Intérêts légitimes poursuivis", "Legitimate interests for the processing"),
    "interests_record": both(
        "Lien vers l'évaluation des intérêts légitimes", "Link to record of legitimate interests assessment"
    ),
    "rights": both("Droits ouverts aux personnes", "Rights available to individuals"),
    "automated": both("Existence d'une décision automatisée", "Existence of automated decision-making"),
    "source": both("Origine des données", "The source of the personal data"),
    "consent_record": both("Lien vers la preuve du consentement", "Link to record of consent"),
    "location": both("Localisation des données", "Location of personal data"),
    "dpia_required": both("AIPD requise ?", "DPIA required?"),
    "dpia_progress": both("Avancement de l'AIPD", "DPIA progress"),
    "dpia_link": both("Lien vers l'AIPD", "Link to DPIA"),
    "breach": both("Une violation de données s'est-elle produite ?", "Has a personal data breach occurred?"),
    "breach_record": both("Lien vers le registre de la violation", "Link to record of breach"),
    "schedule1": both("Condition de l'annexe 1 de la loi britannique de 2018 (DPA)", "DPA 2018 Schedule 1 condition"),
    "basis_again": both("Base légale du traitement (article 6 du RGPD)", "GDPR Article 6 lawful basis for processing"),
    "policy_document": both(
        "Lien vers la politique de conservation et d'effacement", "Link to retention and erasure policy document"
    ),
    "adhered": both(
        "Les données sont-elles conservées et effacées conformément à cette politique ?",
        "Is personal data retained and erased in accordance with the policy document?",
    ),
    "not_adhered": both("Raisons de la non-conformité", "Reasons for not adhering"),
}

_WORDS: dict[str, Text] = {
    "sheet.cover": both("Responsable", "Contact details"),
    "sheet": both("Registre", "Controller"),
    "cover.title": both("Registre du responsable du traitement", "Controller's record of processing activities"),
    "cover.intro": both(
        "Coordonnées que le modèle de l'autorité britannique (ICO) demande en tête du registre.",
        "The contact details the ICO's template asks for at the head of the record.",
    ),
    "cover.reading": both("Comment lire ce registre", "How to read this record"),
    "cover.silence": both("Silence de la politique", "Silence of the policy"),
    "cover.silence.text": both(
        "Ce que la politique ne dit pas est écrit « {not_stated} » : aucune cellule ne reste vide, rien n'est inventé.",
        "What the policy does not say reads “{not_stated}”: no cell is left empty, nothing is invented.",
    ),
    "cover.evidence": both("Deux dernières colonnes", "Last two columns"),
    "cover.evidence.text": both(
        "Constat tiré des passes nocturnes, daté, avec les passes d'où viennent les chiffres. « Non établi » : les preuves "
        "manquent, sont anciennes ou ne portent pas sur cette déclaration.",
        "The finding from the nightly runs, dated, with the runs whose figures it gives. “Not shown”: the evidence is "
        "missing, old or about another declaration.",
    ),
    "cover.british": both("Colonnes propres au droit britannique", "Columns of British law"),
    "cover.british.text": both(
        "La loi de 2018 (DPA 2018) est citée parce que le modèle la cite ; ce registre ne dit pas qu'elle s'applique.",
        "The Data Protection Act 2018 is named because the template names it; this record does not say that it applies.",
    ),
    "book": both("Registre des activités de traitement – modèle de l'ICO", "Record of processing activities – ICO layout"),
    "title": both("Registre du responsable du traitement", "Controller's record of processing activities"),
    "intro": both(
        "Modèle de l'autorité britannique (ICO), colonne pour colonne, une ligne par traitement. L'intitulé d'origine "
        "figure en commentaire de chaque en-tête. Les deux dernières colonnes sont remplies par les preuves des passes "
        "nocturnes.",
        "The ICO's controller template, column for column, one line per activity. The last two columns are filled from "
        "the evidence of the nightly runs.",
    ),
    "original": both("Intitulé d'origine : {label}", "Original label: {label}"),
    "controller": both("Responsable du traitement", "Controller"),
    "dpo": both("Délégué à la protection des données", "Data Protection Officer"),
    "representative": both("Représentant", "Representative"),
    "party": both("Nom et coordonnées", "Name and contact details"),
    "name": both("Nom", "Name"),
    "address": both("Adresse", "Address"),
    "email": both("Adresse électronique", "Email"),
    "telephone": both("Téléphone", "Telephone"),
    "group.article30": both("Article 30 – registre des traitements", "Article 30 record of processing activities"),
    "group.article30.continued": both(
        "Article 30 – registre des traitements (suite)", "Article 30 record of processing activities (continued)"
    ),
    "group.notices": both("Information des personnes", "Privacy notices"),
    "group.consent": both("Consentement", "Consent"),
    "group.requests": both("Demandes d'accès", "Access requests"),
    "group.dpia": both("Analyses d'impact (AIPD)", "Data protection impact assessments"),
    "group.breaches": both("Violations de données", "Personal data breaches"),
    "group.dpa": both(
        "Données sensibles et infractions (DPA 2018) – conservation et effacement",
        "DPA 2018 special category and criminal offence data – retention and erasure",
    ),
    "cell.article9": both(
        "Non indiqué : aucune donnée sensible n'est déclarée", "Not stated: no special category data is declared"
    ),
    "cell.schedule1": both(
        "Non indiqué : aucune donnée sensible n'est déclarée", "Not stated: no special category data is declared"
    ),
    "cell.not_interest": both(
        "Sans objet : l'intérêt légitime n'est pas une base énoncée",
        "Not applicable: legitimate interest is not a stated basis",
    ),
    "cell.not_consent": both(
        "Sans objet : le consentement n'est pas une base énoncée", "Not applicable: consent is not a stated basis"
    ),
    "cell.assessment.decided": both("Décision {id} : {value} ({source})", "Decision {id}: {value} ({source})"),
    "cell.assessment.awaited": both("Décision {id} : non décidé", "Decision {id}: undecided"),
    "cell.recipient": both("{name} ({kind})", "{name} ({kind})"),
    "cell.country": both("{title} : {country}", "{title}: {country}"),
    "cell.source": both("{category} : {sources}", "{category}: {sources}"),
    "cell.stores": both("Bases : {names}", "Stores: {names}"),
    "cell.elements": both("{category} : {elements}", "{category}: {elements}"),
    "cell.policy": both(
        "{title} ({file}, SHA-256 {sha}…) et tableau de conservation, déclaration {hash}…",
        "{title} ({file}, SHA-256 {sha}…) and retention schedule, declaration {hash}…",
    ),
    "cell.verdict": both("{verdict}\n(chiffres du {date})", "{verdict}\n(figures of {date})"),
    "cell.verdict.none": both("{verdict}\n(aucune passe n'a compté)", "{verdict}\n(no run has counted)"),
    "cell.runs": both("Passes : {runs}", "Runs: {runs}"),
    "kind.provider": both("prestataire", "provider"),
    "kind.group": both("groupe", "group"),
    "kind.successor": both("successeur", "successor"),
    "kind.adviser": both("conseil, assureur", "adviser, insurer"),
    "kind.authority": both("autorité", "authority"),
}

LABELS: dict[str, Text] = HEADERS | _WORDS
assert len(LABELS) == len(HEADERS) + len(_WORDS), "a label stands twice"
assert [heading.key for heading in COLUMNS] == list(HEADERS), "the columns stand in the template's order"
