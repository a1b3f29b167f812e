"""The labels of the CNIL's simplified register, as the layout has them, and their English equivalents in the same places."""

from __future__ import annotations

from retention.declare.words import Text
from ropa.register.editions.official import both

SHEETS: dict[str, Text] = {  # exactly these names in the French edition
    "sheet.tutorial": both("Tutoriel", "Guide"),
    "sheet.list": both("2 - Liste des traitements", "2 - List of activities"),
    "sheet.model": both("3 - Modèle de fiche de registre", "3 - Model activity record"),
    "sheet.example": both("4 - Exemple de fiche", "4 - Example of a record"),
    "sheet.lists": both("5 - Listes", "5 - Lists"),
}

TITLES: dict[str, Text] = {
    "book": both("Registre des activités de traitement – modèle CNIL", "Record of processing activities – CNIL layout"),
    "tutorial.title": both("Registre des activités de traitement", "Record of processing activities"),
    "tutorial.intro": both(
        "Registre du responsable du traitement (article 30, paragraphe 1, du RGPD), dans la présentation du registre "
        "simplifié de la CNIL.",
        "The controller's record (article 30(1) GDPR), in the layout of the CNIL's simplified register.",
    ),
    "list.title": both("Liste des traitements", "List of processing activities"),
    "list.intro": both(
        "Une ligne par traitement ; la référence est le nom de la feuille où se trouve sa fiche.",
        "One line per activity; the reference is the name of the sheet that holds its record.",
    ),
    "fiche.title": both("Fiche de registre", "Activity record"),
    "model.title": both("Modèle de fiche de registre", "Model activity record"),
    "model.intro": both(
        "Modèle vide, à copier pour décrire un traitement nouveau. Les listes de choix viennent de la feuille 5.",
        "An empty model, to be copied when a new activity is described. The lists of choices come from sheet 5.",
    ),
    "example.title": both("Exemple de fiche", "Example of a record"),
    "example.intro": both(
        "L'exemple est une fiche de ce registre : il répète la feuille {ref}, sans rien y ajouter.",
        "The example is a record of this register: it repeats sheet {ref} and adds nothing to it.",
    ),
    "lists.title": both("Listes", "Lists"),
    "lists.intro": both(
        "Les choix proposés dans les fiches. Le bouclier de protection des données (Privacy Shield), invalidé le 16 "
        "juillet 2020, n'y figure pas. L'entrée marquée d'un astérisque est propre à ce registre.",
        "The choices the records offer. The Privacy Shield, invalidated on 16 July 2020, is not among them. The entry "
        "marked with an asterisk is this record's own.",
    ),
}

LIST: dict[str, Text] = {
    "list.name": both("Nom du traitement", "Name of the activity"),
    "list.ref": both("N° / RÉF", "No. / REF"),
    "list.created": both("Date de création de la fiche", "Record created on"),
    "list.updated": both("Dernière mise à jour de la fiche", "Record last updated on"),
    "list.purpose": both("Finalité du traitement", "Purpose of the processing"),
    "list.sensitive": both("Données sensibles ? (Oui/non)", "Sensitive data? (Yes/No)"),
    "list.controller": both("Responsable", "Controller"),
    "list.dpo": both("DPO", "DPO"),
}

FICHE: dict[str, Text] = {
    "name": both("Nom", "Name"),
    "ref": both("N°/RÉF", "No./REF"),
    "created": both("Date de création", "Created on"),
    "updated": both("Mise à jour", "Updated on"),
    "actors": both("Acteurs", "Parties"),
    "address": both("Adresse", "Address"),
    "postcode": both("Code Postal", "Postcode"),
    "city": both("Ville", "Town"),
    "country": both("Pays", "Country"),
    "telephone": both("Téléphone", "Telephone"),
    "email": both("Adresse mél", "Email address"),
    "actor.controller": both("Responsable du traitement", "Controller"),
    "actor.dpo": both("Délégué à la protection des données", "Data protection officer"),
    "actor.dpo_company": both("Société du DPO", "DPO's company"),
    "actor.representative": both("Représentant", "Representative"),
    "actor.joint": both("Responsable(s) conjoint(s)", "Joint controller(s)"),
    "purposes": both("Finalité(s) du traitement", "Purpose(s) of the processing"),
    "purpose": both("Finalité principale", "Main purpose"),
    "subpurpose": both("Sous-finalité {number}", "Sub-purpose {number}"),
    "data": both("Catégories de données personnelles concernées", "Categories of personal data concerned"),
    "description": both("Description", "Description"),
    "retention": both("Durée de conservation", "Retention period"),
    "sensitive": both("Données sensibles", "Sensitive data"),
    "subjects": both("Catégories de personnes concernées", "Categories of data subjects"),
    "detail": both("Précisions", "Details"),
    "recipients": both("Destinataires", "Recipients"),
    "type": both("Type", "Type"),
    "measures": both("Mesures de sécurité", "Security measures"),
    "transfers": both("Transferts hors UE", "Transfers outside the EU"),
    "transfer.recipient": both("Destinataire", "Recipient"),
    "transfer.safeguards": both("Garanties", "Safeguards"),
    "transfer.documentation": both("Documentation", "Documentation"),
    "subject.number": both("Catégorie de personnes {number}", "Category of persons {number}"),
    "recipient.number": both("Destinataire {number}", "Recipient {number}"),
    "measure.number": both("Mesure {number}", "Measure {number}"),
    "transfer.number": both("Organisme destinataire {number}", "Recipient body {number}"),
}

ROWS: dict[str, Text] = {
    "row.identity": both(
        "État civil, identité, données d'identification, images…", "Civil status, identity, identification data, images…"
    ),
    "row.personal_life": both(
        "Vie personnelle (habitudes de vie, situation familiale, etc.)", "Personal life (habits, family situation, etc.)"
    ),
    "row.economic": both(
        "Informations d'ordre économique et financier (revenus, situation financière, situation fiscale, etc.)",
        "Economic and financial information (income, financial situation, tax situation, etc.)",
    ),
    "row.connection": both("Données de connexion (adresse IP, logs, etc.)", "Connection data (IP address, logs, etc.)"),
    "row.location": both(
        "Données de localisation (déplacements, données GPS, GSM, etc.)", "Location data (movements, GPS or GSM data, etc.)"
    ),
    "row.nir": both("Numéro de Sécurité Sociale (ou NIR)", "Social security number (NIR)"),
    "row.other": both("Autres données (à classer)", "Other data (to be classified)"),
    "sensitive.origin": both("Données révélant l'origine raciale ou ethnique", "Data revealing racial or ethnic origin"),
    "sensitive.politics": both("Données révélant les opinions politiques", "Data revealing political opinions"),
    "sensitive.religion": both(
        "Données révélant les convictions religieuses ou philosophiques", "Data revealing religious or philosophical beliefs"
    ),
    "sensitive.union": both("Données révélant l'appartenance syndicale", "Data revealing trade union membership"),
    "sensitive.genetic": both("Données génétiques", "Genetic data"),
    "sensitive.biometric": both(
        "Données biométriques aux fins d'identifier une personne physique de manière unique",
        "Biometric data for the purpose of uniquely identifying a natural person",
    ),
    "sensitive.health": both("Données concernant la santé", "Data concerning health"),
    "sensitive.sex": both(
        "Données concernant la vie sexuelle ou l'orientation sexuelle", "Data concerning sex life or sexual orientation"
    ),
    "sensitive.offences": both(
        "Données relatives à des condamnations pénales ou infractions", "Data relating to criminal convictions or offences"
    ),
    "sensitive.no": both("Non – aucune donnée sensible déclarée", "No – no sensitive data declared"),
    "sensitive.short": both("Non", "No"),
    "data.no": both("Non – aucune donnée de cette nature déclarée", "No – no data of this kind declared"),
    "transfer.inside": both("Sans objet : pays de l'Union", "Not applicable: a country of the Union"),
    "not_applicable": both("Sans objet", "Not applicable"),
    "no_subpurpose": both("Aucune autre finalité déclarée", "No other purpose declared"),
}

COMPLEMENTS: dict[str, Text] = {
    "complements": both("Compléments hors modèle CNIL", "Additions outside the CNIL model"),
    "basis": both("Base légale", "Legal basis"),
    "limit": both("Délais d'effacement annoncés", "Time limits for erasure, as announced"),
    "archive": both("Phase d'archivage", "Archive phase"),
    "archive.none": both(
        "Aucune phase d'archivage intermédiaire déclarée pour ce traitement",
        "No intermediate archive declared for this activity",
    ),
    "verdict": both("Conservation et effacement conformes ?", "Retained and erased accordingly?"),
    "why": both("Sinon, pourquoi ; réserves", "If not, why; reservations"),
    "source": both("Source", "Source"),
    "evidence": both("Constat fondé sur les preuves", "Finding from the evidence"),
    "records": both("Enregistrements détenus", "Records held"),
    "oldest": both("Le plus ancien", "Oldest"),
    "overdue": both("En retard", "Overdue"),
    "held": both("Gelés", "Held"),
    "disposed": both("Éliminés sur 12 mois", "Disposed of in 12 months"),
    "category.verdict": both("Conformes ?", "Accordingly?"),
    "counted": both("Chiffres du", "Figures of"),
    "no_finding": both(
        "Aucune catégorie de données déclarée : rien à constater", "No category of data declared: nothing to find"
    ),
}

TUTORIAL: dict[str, Text] = {
    "tutorial.heading": both("Composition du document", "What this document holds"),
    "tutorial.sheet": both("Feuille", "Sheet"),
    "tutorial.holds": both("Contenu", "What it holds"),
    "tutorial.list": both(
        "Le responsable, son représentant, le DPO, et la liste de tous les traitements.",
        "The controller, the representative, the DPO, and the list of all activities.",
    ),
    "tutorial.model": both("La fiche vide, à copier.", "The empty record, to be copied."),
    "tutorial.example": both("Une fiche remplie.", "A record filled in."),
    "tutorial.lists": both("Les choix proposés dans les fiches.", "The choices the records offer."),
    "tutorial.fiches": both(
        "Une fiche par traitement, de {first} à {last}.", "One record per activity, from {first} to {last}."
    ),
    "tutorial.reading": both("Comment lire ce registre", "How to read this record"),
    "tutorial.silence": both("Silence de la politique", "Silence of the policy"),
    "tutorial.silence.text": both(
        "Ce que la politique de confidentialité ne dit pas est écrit « {not_stated} » ; rien n'est inventé pour "
        "remplir le modèle.",
        "What the privacy policy does not say reads “{not_stated}”; nothing is invented to fill the model.",
    ),
    "tutorial.retention": both("Durées de conservation", "Retention periods"),
    "tutorial.retention.text": both(
        "Elles viennent du tableau de conservation qui commande la purge. « Non décidé » : la décision manque, les "
        "données sont conservées et rien n'est effacé à ce titre.",
        "They come from the schedule that drives the purge. “Undecided”: the decision is missing, the data is kept and "
        "nothing is erased on that ground.",
    ),
    "tutorial.sensitive": both("Données sensibles", "Sensitive data"),
    "tutorial.sensitive.text": both(
        "La politique n'en déclare aucune ; chaque ligne le dit. Ce n'est pas la preuve qu'il n'en est traité aucune.",
        "The policy declares none, and every line says so. That is no proof that none is processed.",
    ),
    "tutorial.complements": both("Compléments", "Additions"),
    "tutorial.complements.text": both(
        "Le modèle de la CNIL n'a de champ ni pour la base légale ni pour la phase d'archivage. Ils sont ajoutés à la "
        "fin de chaque fiche, avec ce que les passes nocturnes ont constaté.",
        "The CNIL's model has no field for the legal basis or the archive phase. They are added at the end of every "
        "record, with what the nightly runs found.",
    ),
    "tutorial.processor": both("Sous-traitant", "Processor"),
    "tutorial.processor.text": both(
        "Ce qui est fait pour le compte des clients figure dans un registre séparé (article 30, paragraphe 2).",
        "What is done on behalf of customers is in a separate record (article 30(2)).",
    ),
}

# Sheet 5. Types a fiche uses are named by their keys; the rest are offered.
CHOICES: dict[str, Text] = {
    "choice.yes_no": both("Oui / Non", "Yes / No"),
    "choice.yes": both("Oui", "Yes"),
    "choice.no": both("Non", "No"),
    "choice.subjects": both("Catégories de personnes", "Categories of persons"),
    "choice.subject.employees": both("Salariés", "Employees"),
    "choice.subject.internal": both("Services internes", "Internal departments"),
    "choice.subject.customers": both("Clients", "Customers"),
    "choice.subject.suppliers": both("Fournisseurs", "Suppliers"),
    "choice.subject.contractors": both("Prestataires", "Contractors"),
    "choice.subject.prospects": both("Prospects", "Prospects"),
    "choice.subject.candidates": both("Candidats", "Candidates"),
    "choice.subject.other": both("Autre", "Other"),
    "choice.recipients": both("Types de destinataires", "Types of recipients"),
    "choice.recipient.internal": both("Service interne qui traite les données", "Internal department that processes the data"),
    "choice.recipient.processor": both("Sous-traitants", "Processors"),
    "choice.recipient.provider": both("Prestataire, qualité non précisée *", "Provider, capacity not stated *"),
    "choice.recipient.third_country": both(
        "Destinataires dans des pays tiers ou organisations internationales",
        "Recipients in third countries or international organisations",
    ),
    "choice.recipient.partner": both("Partenaires institutionnels ou commerciaux", "Institutional or commercial partners"),
    "choice.recipient.other": both("Autre", "Other"),
    "choice.measures": both("Types de mesures de sécurité", "Types of security measures"),
    "choice.measure.access": both("Contrôle d'accès des utilisateurs", "User access control"),
    "choice.measure.tracing": both("Mesures de traçabilité", "Logging measures"),
    "choice.measure.software": both(
        "Mesures de protection des logiciels (antivirus, mises à jour et correctifs de sécurité, tests, etc.)",
        "Software protection (antivirus, updates and security patches, tests, etc.)",
    ),
    "choice.measure.backup": both("Sauvegarde des données", "Data backup"),
    "choice.measure.encryption": both("Chiffrement des données", "Data encryption"),
    "choice.measure.processors": both("Contrôle des sous-traitants", "Control of processors"),
    "choice.measure.other": both("Autres mesures", "Other measures"),
    "choice.safeguards": both("Garanties des transferts", "Safeguards of transfers"),
    "choice.safeguard.adequacy": both("Décision d'adéquation (art. 45)", "Adequacy decision (art. 45)"),
    "choice.safeguard.clauses": both("Clauses contractuelles types", "Standard contractual clauses"),
    "choice.safeguard.bcr": both("Règles d'entreprise contraignantes (BCR)", "Binding corporate rules (BCR)"),
    "choice.safeguard.code": both("Code de conduite", "Code of conduct"),
    "choice.safeguard.certification": both("Certification", "Certification"),
    "choice.safeguard.derogation": both("Dérogation (art. 49)", "Derogation (art. 49)"),
}

LABELS: dict[str, Text] = {}
for _part in (SHEETS, TITLES, LIST, FICHE, ROWS, COMPLEMENTS, TUTORIAL, CHOICES):
    assert not LABELS.keys() & _part.keys(), "a label stands twice"
    LABELS.update(_part)
