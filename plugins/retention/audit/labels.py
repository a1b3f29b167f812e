"""Every word of a pack's index, in its two languages."""

from __future__ import annotations

from retention.declare.words import Text


def _both(fr: str, en: str) -> Text:
    return Text(fr=fr, en=en)


LABELS: dict[str, Text] = {
    "title": _both("Dossier d'audit du {first} au {last}", "Audit pack from {first} to {last}"),
    "intro": _both(
        "Ce que le système de conservation a fait, et ce qui le prouve, pendant ces jours (heure de Paris). Chaque fichier est "
        "décrit ci-dessous ; rien d'autre n'est nécessaire pour le lire ni pour le vérifier.",
        "What the retention system did in these days (Paris time), and what proves it. Every file is described below; nothing "
        "else is needed to read it or to check it.",
    ),
    "private": _both(
        "Ce dossier ne contient aucun enregistrement, ni nom ni adresse de personne concernée, ni la clé des empreintes. Il "
        "nomme ceux qui ont approuvé, gelé ou agi.",
        "This pack holds no record, no name or address of a data subject, and not the digest key. It names those who approved, "
        "placed holds or acted.",
    ),
    "verify": _both("Vérifier", "Check it"),
    "verify.how": _both(
        "Décompresser, puis, dans le dossier, avec n'importe quel Python :",
        "Unzip, then in the folder, with any Python:",
    ),
    "verify.means": _both(
        "« PROVEN » signifie : chaque fichier est celui qui a été mis ici, le registre des preuves est une chaîne sans "
        "rupture, les reçus, plans et versions du registre sont ceux qu'elle scelle. À comparer avec une tête de chaîne "
        "gardée ailleurs : entrée {seq}, {hash}.",
        "PROVEN means: each file is the one put here, the ledger is an unbroken chain, and receipts, plans and versions of the "
        "register are those that it seals. To be compared with a head kept elsewhere: entry {seq}, {hash}.",
    ),
    "verify.nothing": _both(
        "Rien n'a été scellé pendant ces jours : il n'y a pas de chaîne à suivre.",
        "Nothing was sealed in these days: there is no chain to follow.",
    ),
    "files": _both("Les fichiers", "The files"),
    "col.file": _both("Fichier", "File"),
    "col.what": _both("Ce que c'est", "What it is"),
    "col.count": _both("Nombre", "Number"),
    "file.entries": _both(
        "Le registre des preuves : chaque entrée scelle son contenu et l'entrée qui la précède.",
        "The ledger: each entry seals its content and the entry before it.",
    ),
    "file.head": _both("La dernière entrée de ces jours.", "The last entry of these days."),
    "file.receipts": _both(
        "Un reçu par lot effacé : base, population, règle, action, nombre, date, racine de l'ensemble des clés.",
        "A receipt for each batch that went: store, population, rule, action, number, date, root of the set of keys.",
    ),
    "file.plans": _both(
        "Les plans, chacun sous son empreinte SHA-256 : ce qui devait être fait.",
        "The plans, each under its SHA-256: what was to be done.",
    ),
    "file.runs": _both("Les passes : base, date, issue, déclaration.", "The runs: store, date, outcome, declaration."),
    "file.validation": _both(
        "Les contrôles de Great Expectations avant et après, avec leur issue.",
        "The checks of Great Expectations before and after, with their outcomes.",
    ),
    "file.counts": _both(
        "Ce que chaque passe a compté : par population, issue, règle et raison.",
        "What each run counted: by population, outcome, rule and reason.",
    ),
    "file.holds.force": _both("Les gels en vigueur pendant ces jours.", "The holds in force in these days."),
    "file.holds": _both("Gels posés et levés.", "Holds placed and released."),
    "file.approvals": _both(
        "Approbations et refus, de plans et du registre.", "Approvals and refusals, of plans and of the register."
    ),
    "file.actions": _both(
        "Ce que des personnes ont fait à la main dans Airflow : qui, quoi, quand.",
        "What people did by hand in Airflow: who, what, when.",
    ),
    "file.register": _both(
        "Versions du registre de l'article 30 publiées, et celle qui valait au début : JSON scellé, classeurs.",
        "Versions of the article 30 register published, and the one that stood at the start: sealed JSON, workbooks.",
    ),
    "file.reports": _both("Rapports écrits au titre de ces jours.", "Reports written as of these days."),
    "file.declaration": _both(
        "La politique, les décisions, les règles et les requêtes telles qu'elles sont aujourd'hui.",
        "Policy, decisions, rules and queries as they are today.",
    ),
    "file.declarations": _both(
        "Les déclarations en vigueur ces jours-là, telles que conservées : un dossier par empreinte, avec l'entrée du journal "
        "qui la scelle.",
        "The declarations in force in these days, as they were kept: a folder for each hash, with the ledger entry that "
        "seals it.",
    ),
    "file.airflow.runs": _both("L'historique des passes selon Airflow.", "The history of runs as Airflow has it."),
    "file.airflow.tasks": _both("Les tâches de ces passes.", "The tasks of these runs."),
    "file.airflow.events": _both("Le journal d'audit d'Airflow.", "Airflow's audit log."),
    "file.verify": _both("Vérifie ce dossier.", "Checks this pack."),
    "file.proof": _both(
        "Vérifie la preuve qu'un enregistrement donné a été effacé (retention prove).",
        "Checks a proof that one record went (retention prove).",
    ),
    "file.manifest": _both("Le SHA-256 de chaque fichier.", "The SHA-256 of every file."),
    "runs": _both("Les passes", "The runs"),
    "runs.none": _both("Aucune passe n'a commencé pendant ces jours.", "No run was started in these days."),
    "col.store": _both("Base", "Store"),
    "col.as_of": _both("Au titre du", "As of"),
    "col.status": _both("Issue", "Outcome"),
    "col.started": _both("Début (UTC)", "Started (UTC)"),
    "col.policy": _both("Déclaration", "Declaration"),
    "col.set": _both("Décisions", "Decisions"),
    "col.runs": _both("Passes", "Runs"),
    "col.files": _both("Fichiers", "Files"),
    "col.entry": _both("Scellée par l'entrée", "Sealed by entry"),
    "col.note": _both("Remarque", "Note"),
    "status.passed": _both("terminée", "passed"),
    "status.reservations": _both("terminée sous réserve", "passed with reservations"),
    "status.failed": _both("échouée", "failed"),
    "status.running": _both("en cours", "running"),
    "status.waiting": _both("attend une approbation", "waits for approval"),
    "status.rehearsal": _both("répétition", "rehearsal"),
    "declaration": _both("La déclaration", "The declaration"),
    "declaration.same": _both(
        "Toutes les passes de ces jours ont suivi la déclaration d'aujourd'hui ({hash}, décisions « {set} »).",
        "All runs of these days followed the declaration of today ({hash}, decisions “{set}”).",
    ),
    "declaration.none": _both(
        "La déclaration jointe ({hash}, décisions « {set} ») est celle d'aujourd'hui ; aucune passe n'est à comparer.",
        "The declaration enclosed ({hash}, decisions “{set}”) is that of today; there is no run to compare.",
    ),
    "declaration.other": _both(
        "Des passes de ces jours ont suivi une autre déclaration que celle d'aujourd'hui ({hash}, décisions « {set} »). "
        "Celles qui étaient en vigueur sont jointes telles que conservées, chacune dans un dossier à son empreinte.",
        "Runs of these days followed another declaration than that of today ({hash}, decisions “{set}”). Those in force are "
        "enclosed as they were kept, each in a folder named by its hash.",
    ),
    "declaration.missing": _both(
        "ATTENTION : {runs} passe(s) ont suivi une déclaration dont les fichiers n'ont pas été conservés ; son texte est à "
        "chercher dans le dépôt sous l'empreinte donnée : {others}.",
        "ATTENTION: {runs} run(s) followed a declaration whose files were not kept; its text must be looked for in the "
        "repository under its hash: {others}.",
    ),
    "files.kept": _both("joints", "enclosed"),
    "files.unread": _both(
        "joints ; cette version du programme ne les relit pas comme tels",
        "enclosed; this version of the program does not read them as what they are",
    ),
    "files.today": _both("ceux d'aujourd'hui", "those of today"),
    "files.missing": _both("non conservés", "not kept"),
    "missing": _both("Ce qui n'est pas là", "What is not here"),
    "missing.airflow": _both(
        "L'historique d'Airflow : son adresse n'a pas été donnée (--airflow).",
        "The history of Airflow: its address was not given (--airflow).",
    ),
    "missing.reports": _both(
        "Aucun rapport de ces jours ne se trouve dans le dossier des rapports.",
        "No report of these days lies in the folder of reports.",
    ),
    "missing.register": _both(
        "Aucune version du registre n'avait été publiée.", "No version of the register had been published."
    ),
    "missing.keys": _both(
        "Les ensembles de clés des reçus : sans la clé des empreintes ils ne disent rien. La preuve d'un enregistrement se "
        "demande à qui la détient.",
        "The key sets of receipts: without the digest key they say nothing. Ask whoever has it for the proof of a record.",
    ),
}
