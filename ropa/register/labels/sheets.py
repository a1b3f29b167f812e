"""Name, title and introduction of every sheet."""

from __future__ import annotations

SHEETS = {
    "cover.sheet": ("Couverture", "Cover"),
    "cover.title": ("Registre des activités de traitement", "Record of processing activities"),
    "cover.intro": (
        "Registre du responsable du traitement (article 30, paragraphe 1, du RGPD). Il est tiré de la déclaration qui commande "
        "aussi la purge : ce qu'il annonce est ce qui s'applique, et ce que la purge a fait y est inscrit en regard.",
        "The controller's record (article 30(1) GDPR). It is made from the declaration that also drives the purge: what it "
        "announces is what is applied, and what the purge did stands beside it.",
    ),
    "contents.sheet": ("Sommaire", "Contents"),
    "contents.title": ("Sommaire", "Contents"),
    "contents.intro": (
        "Chaque feuille, ce qu'elle contient et combien d'entrées ; le nom y mène.",
        "Every sheet, what it holds and how many entries; the name leads there.",
    ),
    "activities.sheet": ("Traitements", "Activities"),
    "activities.title": ("Liste des activités de traitement", "List of processing activities"),
    "activities.intro": (
        "Une ligne par traitement, avec chaque champ de l'article 30, paragraphe 1 ; la référence mène à la fiche.",
        "One line per activity, with every field of article 30(1); the reference leads to its record.",
    ),
    "cards.sheet": ("Fiches", "Records"),
    "cards.title": ("Fiches de registre", "Activity records"),
    "cards.intro": (
        "Une fiche par traitement, à lire ou à imprimer ; l'ordre suit le modèle de la CNIL, base légale en plus.",
        "One record per activity, to be read or printed; the order follows the CNIL's model, with the legal basis added.",
    ),
    "data.sheet": ("Données", "Data"),
    "data.title": ("Catégories et éléments de données", "Categories and elements of data"),
    "data.intro": (
        "Les quatre catégories de la politique, puis chaque élément et les colonnes des bases où il se trouve.",
        "The policy's four categories, then every element and the columns of the stores that hold it.",
    ),
    "recipients.sheet": ("Destinataires", "Recipients"),
    "recipients.title": ("Destinataires des données", "Recipients of the data"),
    "recipients.intro": (
        "À qui les données sont communiquées selon la politique, et pour quoi faire.",
        "To whom data is disclosed according to the policy, and what for.",
    ),
    "transfers.sheet": ("Transferts", "Transfers"),
    "transfers.title": ("Lieux de conservation et transferts", "Places of storage and transfers"),
    "transfers.intro": (
        "Ce que la politique dit des lieux. Ses énoncés se contredisent : ils sont repris tels quels, sans choisir.",
        "What the policy says of places. Its statements contradict each other: they are given as they are, without choosing.",
    ),
    "schedule.sheet": ("Conservation", "Retention"),
    "schedule.title": ("Tableau de conservation", "Retention schedule"),
    "schedule.intro": (
        "À gauche, ce qui est déclaré ; à droite, ce que la dernière passe de chaque base a trouvé et fait. La date limite est "
        "la plus récente des dates de départ échues au jour du registre.",
        "On the left what is declared; on the right what the last run of every store found and did. The cutoff is the latest "
        "starting date that is due on the day of the register.",
    ),
    "holdings.sheet": ("Données détenues", "Data held"),
    "holdings.title": (
        "Données détenues, éliminées, et conformité à la politique",
        "Data held, disposed of, and accordance with the policy",
    ),
    "holdings.intro": (
        "Ce que les bases contiennent et ce qui en a été éliminé, tiré des passes et de leurs reçus, non de déclarations ; "
        "la dernière colonne dit pourquoi la réponse n'est pas oui.",
        "What the stores hold and what was disposed of, taken from the runs and their receipts, not from declarations; "
        "the last column says why the answer is not yes.",
    ),
    "security.sheet": ("Sécurité", "Security"),
    "security.title": ("Mesures de sécurité", "Security measures"),
    "security.intro": (
        "Les mesures techniques et organisationnelles que la politique énonce (article 32, paragraphe 1).",
        "The technical and organisational measures the policy states (article 32(1)).",
    ),
    "rights.sheet": ("Droits", "Rights"),
    "rights.title": ("Droits des personnes", "Rights of data subjects"),
    "rights.intro": (
        "Chaque droit, ce que la politique en dit et ce qu'il change à la purge.",
        "Each right, what the policy says of it and what it changes in the purge.",
    ),
    "cookies.sheet": ("Cookies", "Cookies"),
    "cookies.title": ("Cookies", "Cookies"),
    "cookies.intro": (
        "Les nombres sont ceux que la page publiée donne entre parenthèses.",
        "The numbers are those the published page gives in brackets.",
    ),
    "decisions.sheet": ("Décisions", "Decisions"),
    "decisions.title": ("Décisions de l'exploitant", "Decisions of the operator"),
    "decisions.intro": (
        "Ce que la politique laisse ouvert : la valeur retenue, par qui, quand, sur quelle source ; ou ce qui est attendu.",
        "What the policy leaves open: the value chosen, by whom, when, on what source; or what is awaited.",
    ),
    "gaps.sheet": ("Lacunes", "Gaps"),
    "gaps.title": ("Lacunes et contradictions", "Gaps and contradictions"),
    "gaps.intro": (
        "Ce qui manque, se contredit ou prête au doute, du plus urgent au moins urgent : ce qui le clôt et qui le doit.",
        "What is missing, contradictory or doubtful, the most urgent first: what closes it and who owes it.",
    ),
    "checks.sheet": ("Contrôles", "Checks"),
    "checks.title": ("Contrôles du registre lui-même", "Checks of the record itself"),
    "checks.intro": (
        "Ce que l'article 30 exige et ce qui doit se recouper, vérifié par Great Expectations sur le contenu du registre.",
        "What article 30 requires and what must tally, verified by Great Expectations on the record's own content.",
    ),
    "changes.sheet": ("Changements", "Changes"),
    "changes.title": ("Ce qui a changé", "What changed"),
    "changes.intro": (
        "Chaque différence avec la publication précédente, en clair.",
        "Every difference from the previous publication, in plain words.",
    ),
    "processor.sheet": ("Sous-traitant", "Processor"),
    "processor.title": ("Registre du sous-traitant (article 30, paragraphe 2)", "Processor's record (article 30(2))"),
    "processor.intro": ("Tenu à part du registre du responsable du traitement.", "Kept apart from the controller's record."),
    "sources.sheet": ("Sources", "Sources"),
    "sources.title": ("Sources : lignes et mots cités", "Sources: lines and words quoted"),
    "sources.intro": (
        "Chaque énoncé du registre avec les lignes de la politique publiée et les mots qui s'y trouvent. […] marque "
        "une coupure.",
        "Every statement of the register with the lines of the published policy and the words found there. […] marks a cut.",
    ),
}
