"""Retention rules in words."""

from __future__ import annotations

CRITERIA = {
    "scope.kinds": ("seulement : {names}", "only: {names}"),
    "scope.except": ("sauf : {names}", "except: {names}"),
    "scope.standings": ("personnes : {names}", "persons: {names}"),
    "scope.states": ("états : {names}", "states: {names}"),
    "standing.customer": ("clients et anciens clients", "customers, present and past"),
    "standing.trial": ("essais non convertis", "unconverted trials"),
    "standing.prospect": ("ni essai ni contrat", "neither trial nor contract"),
    "standing.anonymous": ("personne non nommée", "nobody named"),
    "criterion.elapsed": ("Échu {period} après : {anchor}.", "Due {period} after: {anchor}."),
    "criterion.open_until": (
        "Tant que la date « {anchor} » n'est pas atteinte, conservé et signalé.",
        "Until the date “{anchor}” is reached, kept and reported.",
    ),
    "criterion.ceiling": (
        "Plafond : l'emporte sur les autres raisons de conserver.",
        "A ceiling: outweighs other reasons to keep.",
    ),
    "criterion.elements": ("Ne porte que sur : {names}.", "Concerns only: {names}."),
    "criterion.blanked": ("Sont effacés : {names}.", "Blanked: {names}."),
    "criterion.cell": ("Sous {count} enregistrements semblables, suppression.", "Below {count} records alike, erased instead."),
    "criterion.relationship": (
        "Conservé tant qu'un contrat de la personne court ; échu {period} après la fin du dernier.",
        "Kept while any contract of the person is live; due {period} after the end of the last.",
    ),
    "criterion.interest": (
        "Conservé tant que vaut l'évaluation de l'intérêt légitime (jusqu'au : {until}) ; au plus {period} après : {anchor}.",
        "Kept while the assessment of the legitimate interest holds (until: {until}); at most {period} after: {anchor}.",
    ),
    "criterion.floor": (
        "À garder au moins {period} depuis : {anchor}. Seulement : {names}.",
        "To be kept at least {period} from: {anchor}. Only: {names}.",
    ),
    "criterion.year_close": (
        "clôture ({close}) de l'exercice où tombe : {anchor}",
        "close ({close}) of the financial year of: {anchor}",
    ),
    "criterion.anchor_undecided": ("point de départ non décidé", "starting point not decided"),
    "criterion.period_undecided": ("une durée non décidée", "an undecided period"),
    "source.policy": ("Politique, {citation}", "Policy, {citation}"),
    "source.law": ("Loi : {law}", "Law: {law}"),
    "source.decision": (
        "Décision {id} = {value} ; {source} ; {approver}, {date} ; à revoir avant le {review}",
        "Decision {id} = {value}; {source}; {approver}, {date}; review by {review}",
    ),
    "source.undecided": ("Décision {id} attendue. {awaited}", "Decision {id} awaited. {awaited}"),
    "source.absent": ("Décision {id} : absente du jeu de décisions", "Decision {id}: absent from the decision set"),
}
