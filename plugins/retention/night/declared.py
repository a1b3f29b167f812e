"""Keeps the files of a night's declaration in the evidence, so that it can be read when they have changed."""

from __future__ import annotations

from functools import lru_cache

from retention.declare.files import files_of, read_back
from retention.errors import DeclarationError, PlanError
from retention.evidence import declarations
from retention.night.context import Night


def keep(night: Night) -> bool:
    """Keeps them unless somebody has, and says whether that is new.

    Raises PlanError where the files are not, or no longer, the declaration that the night goes by; EvidenceError.
    """
    bundle = night.bundle
    if declarations.is_known(night.evidence, bundle.policy_hash):
        return False
    files = files_of(bundle, night.workspace.declarations, night.workspace.sql)
    _check(tuple(files.items()), bundle.policy_hash)
    return declarations.keep(night.evidence, bundle.policy_hash, bundle.decisions.set, files)


@lru_cache(maxsize=4)  # reading takes most of a second, and several stores may begin together
def _check(files: tuple[tuple[str, str], ...], policy_hash: str) -> None:
    try:
        with read_back(dict(files), policy_hash):
            return
    except DeclarationError:
        raise PlanError(
            "policy, decisions, rules or mappings changed while the night began", mend="start the night again"
        ) from None
