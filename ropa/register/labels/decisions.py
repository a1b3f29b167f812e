"""Decisions of the operator."""

from __future__ import annotations

DECISIONS = {
    "decisions.question": ("Question", "Question"),
    "decisions.state": ("État", "State"),
    "decisions.value": ("Valeur", "Value"),
    "decisions.source": ("Source, ou ce qui est attendu", "Source, or what is awaited"),
    "decisions.approver": ("Approuvée par", "Approved by"),
    "decisions.date": ("Vérifiée le", "Checked on"),
    "decisions.review": ("À revoir avant", "Review by"),
    "decisions.waiting": ("Règles qui en dépendent", "Rules that rest on it"),
    "decisions.decided": ("Décidée", "Decided"),
    "decisions.undecided": ("Non décidée", "Undecided"),
    "decisions.review_due": ("À revoir", "Review due"),
}
