"""Great Expectations on the register itself: is every field article 30 requires answered, does every reference lead somewhere?

A field is *answered* by what it says or by an explicit `not stated`; an empty one is a failure. That the policy is silent fails
an expectation of its own, which is shown and stops nothing: the law asks for the field, not for a better policy.
"""

from __future__ import annotations

from retention.errors import ValidationFailed
from ropa.register.checking.asking import ask
from ropa.register.checking.catalogue import EXPECTED
from ropa.register.checking.frames import frames
from ropa.register.model import Register, RegisterCheck


def check(register: Register) -> Register:
    """The register with its checks, one for each expectation. What is checked is everything but earlier checks."""
    outcomes = ask(EXPECTED, frames(register))
    checks = tuple(
        RegisterCheck(
            id=expected.id,
            title=expected.title,
            article=expected.article,
            legal=expected.legal,
            outcome=outcome,
            concerns=concerns,
        )
        for expected, (outcome, concerns) in zip(EXPECTED, outcomes, strict=True)
    )
    return register.model_copy(update={"checks": checks})


def unmet(register: Register) -> tuple[RegisterCheck, ...]:
    """The checks of what the law requires that did not pass."""
    return tuple(each for each in register.checks if each.legal and each.outcome != "PASS")


def refuse(register: Register) -> None:
    """Raises ValidationFailed where the register lacks what the law requires, or has never been checked."""
    if not register.checks:
        raise ValidationFailed("the register has not been checked", mend="check it (ropa.register.checking.check) first")
    failed = unmet(register)
    if failed:
        raise ValidationFailed(
            "the register lacks what the law requires: " + "; ".join(map(_told, failed)),
            mend="complete ropa/declarations; where the policy says nothing, write `not stated`",
        )


def _told(failed: RegisterCheck) -> str:
    article = f" ({failed.article.en})" if failed.article else ""
    what = ", ".join(failed.concerns) if failed.outcome == "FAIL" else "could not be evaluated"
    return f"{failed.id} – {failed.title.en}{article}: {what}"
