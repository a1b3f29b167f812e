"""The table of contents and the legend."""

from __future__ import annotations

CONTENTS = {
    "contents.col.sheet": ("Feuille", "Sheet"),
    "contents.col.holds": ("Contenu", "What it holds"),
    "contents.col.entries": ("Entrées", "Entries"),
    "contents.legend": ("Comment lire ce registre", "How to read this record"),
    "contents.lines": ("L15", "L15"),
    "contents.lines.text": (
        "Ligne 15 du texte publié de la politique ; la feuille Sources en donne les mots.",
        "Line 15 of the published text of the policy; the Sources sheet gives its words.",
    ),
    "contents.not_stated": (
        "La politique se tait. Rien n'est inventé pour combler le vide ; la feuille Lacunes dit ce qui le comblerait.",
        "The policy is silent. Nothing is invented to fill the gap; the Gaps sheet says what would.",
    ),
    "contents.inferred": (
        "Tiré des mots de la politique par déduction, et signalé comme tel.",
        "Drawn from the policy's words by inference, and marked as such.",
    ),
    "contents.undecided": (
        "Une décision de l'exploitant manque : les données concernées sont conservées et rien n'est effacé à ce titre.",
        "A decision of the operator is missing: the data concerned is kept and nothing is erased on that ground.",
    ),
    "contents.evidence": ("Preuves", "Evidence"),
    "contents.evidence.text": (
        "Les chiffres viennent de la base de preuves des passes nocturnes. Là où aucune passe n'a parlé, le registre le dit.",
        "The figures come from the evidence of the nightly runs. Where no run has spoken, the record says so.",
    ),
    "contents.unknown": (
        "Aucune passe n'a établi que ces données sont conservées et effacées comme déclaré, ni le contraire.",
        "No run has shown that this data is retained and erased as declared, nor the contrary.",
    ),
}
