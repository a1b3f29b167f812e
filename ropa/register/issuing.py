"""From the declaration and the evidence to files: make, check, publish, write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from retention import clock
from retention.declare.bundle import Bundle
from retention.declare.words import Language
from retention.errors import RegisterError
from retention.evidence.database import Evidence
from retention.night.record import note_head
from retention.workspace import Workspace
from ropa.register import versions
from ropa.register.changes import changes
from ropa.register.checking import check
from ropa.register.editions import editions
from ropa.register.making import make_register
from ropa.register.model import Register
from ropa.register.publication import Publication

FOLDER = "register"


def made(bundle: Bundle, evidence: Evidence, as_of: dt.date) -> Register:
    """The register of a day with its checks, ready to be published: a check that fails is published too, and shown."""
    return check(make_register(bundle, evidence, as_of))


def publish(workspace: Workspace, bundle: Bundle, evidence: Evidence, as_of: dt.date) -> Publication:
    """Publishes the register of a day, unless it says what the latest version says, and notes the ledger's head outside.

    Raises RegisterError for a day to come, or one before that of the latest version.
    """
    if as_of > clock.today():
        raise RegisterError(f"{as_of} lies ahead: nobody knows yet what the register will say", mend="leave out --as-of")
    publication = versions.publish(evidence, made(bundle, evidence, as_of))
    note_head(workspace, evidence.head())
    return publication


def publish_or_find(workspace: Workspace, bundle: Bundle, evidence: Evidence, as_of: dt.date) -> Publication:
    """Publishes the register of a run's day; where a later day's is published already, the version that stood then.

    A run may come late, and be run again: it never puts an older day after a newer one.
    """
    latest = versions.latest_day(evidence)
    if latest is not None and as_of < latest:
        return versions.standing(evidence, as_of)
    return publish(workspace, bundle, evidence, as_of)


def write_editions(
    workspace: Workspace,
    evidence: Evidence,
    publication: Publication,
    languages: Iterable[Language],
    names: Iterable[str],
) -> tuple[Path, ...]:
    """Writes editions of a version into `output/register/`, with what changed since the version before it.

    Raises NotFound for an edition there is none of, OutputError where a file cannot be written: those before it are whole.
    """
    writers = editions(names)
    folder = workspace.output_folder(FOLDER)
    previous = versions.before(evidence, publication)
    found = changes(previous.register, publication.register) if previous is not None else ()
    number = previous.number if previous is not None else None
    return tuple(
        write(publication, language, folder, changes=found, previous=number)
        for language in languages
        for write in writers.values()
    )
