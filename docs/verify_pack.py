"""Checks an audit pack that was unzipped: `python -I verify_pack.py [FOLDER]`. Needs Python 3.9 or later, and nothing else.

It checks that every file is the one that was packed, that the ledger is an unbroken chain, that receipts, plans, declarations
and versions of the register are those that the ledger sealed. It names every file that is not, and then ends with 1.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

MANIFEST = "MANIFEST.sha256"
IN_FORCE = "declaration/in-force"
SEAL = "  (the lines above)"
ENTRY = {"seq", "at", "kind", "run_id", "store", "reference", "payload", "previous", "hash"}


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def sha_of(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(1 << 16), b""):
            digest.update(chunk)
    return digest.hexdigest()


def lines_of(path):
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def listed(folder):
    """Name and SHA-256 of every packed file. Raises ValueError where the list itself was changed."""
    text = (folder / MANIFEST).read_bytes().decode("utf-8")
    head, _, last = text.rstrip("\n").rpartition("\n")
    if last != sha(head + "\n") + SEAL or not text.endswith("\n"):
        raise ValueError(f"{MANIFEST}: is not as it was made")
    found = {}
    for line in head.split("\n"):
        match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if not match or match[2] in found:
            raise ValueError(f"{MANIFEST}: has a line that is none")
        found[match[2]] = match[1]
    return found


def check_files(folder, manifest):
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(there - manifest.keys() - {MANIFEST}):
        yield f"{name}: was not packed"
    for name, digest in sorted(manifest.items()):
        if name not in there:
            yield f"{name}: is missing"
        elif sha_of(folder / name) != digest:
            yield f"{name}: is not as it was packed"


def check_ledger(folder):
    """The chain, and beside it the receipts, which lie in the same order."""
    receipts, first, last, declared = lines_of(folder / "receipts.jsonl"), None, None, {}
    for entry in lines_of(folder / "ledger" / "entries.jsonl"):
        yield from check_entry(entry, last)
        first, last = first or entry, entry
        if entry["kind"] == "receipt":
            yield from check_receipt(next(receipts, {}), entry)
        elif entry["kind"] == "plan":
            yield from check_sealed(folder, f"plans/{entry['reference']}.json", entry["reference"])
        elif entry["kind"] == "register":
            number, _, digest = entry["reference"].partition("@")
            yield from check_sealed(folder, f"register/{number}/register.json", digest)
        elif entry["kind"] == "declaration":
            declared[entry["reference"]] = entry
    if next(receipts, None) is not None:
        yield "receipts.jsonl: has a receipt that the ledger did not seal"
    head = json.loads((folder / "ledger" / "head.json").read_text(encoding="utf-8"))
    if head != {"seq": last["seq"] if last else 0, "hash": last["hash"] if last else ""}:
        yield "ledger/head.json: is not where the ledger ends"
    yield from check_declarations(folder, declared, range(first["seq"], last["seq"] + 1) if last else ())


def check_entry(entry, last, place="ledger/entries.jsonl"):
    where = f"{place}: entry {entry['seq']}"
    if set(entry) != ENTRY or sha(canonical({key: entry[key] for key in entry if key != "hash"})) != entry["hash"]:
        yield f"{where} was altered after it was sealed"
    if last is not None and (entry["previous"] != last["hash"] or entry["seq"] != last["seq"] + 1):
        yield f"{where} does not follow the one before it"


def check_receipt(receipt, entry):
    if receipt.pop("ledger_entry", None) != entry["seq"] or receipt != json.loads(entry["payload"]):
        yield f"receipts.jsonl: the receipt of ledger entry {entry['seq']} is not the one that was sealed"


def check_sealed(folder, name, digest):
    """A file that the ledger names by its SHA-256."""
    if not (folder / name).is_file() or sha_of(folder / name) != digest:
        yield f"{name}: is not the one that the ledger sealed"


def declarations(folder):
    """Each declaration in force: its folder, and the ledger entry that seals it."""
    for path in sorted(folder.glob(f"{IN_FORCE}/*/sealed.json")):
        yield path.parent, json.loads(path.read_text(encoding="utf-8"))


def check_declarations(folder, sealed, here):
    """Their files against the entries that seal them. An entry of these days must be the one that stands in the ledger."""
    there = set()
    for place, entry in declarations(folder):
        there.add(place.name)
        yield from check_entry(entry, None, f"{IN_FORCE}/{place.name}/sealed.json")
        paths = [path for path in place.rglob("*") if path.is_file() and path != place / "sealed.json"]
        files = {path.relative_to(place).as_posix(): path.read_bytes().decode("utf-8") for path in paths}
        known = sealed.get(place.name) == entry if entry["seq"] in here else entry["kind"] == "declaration"
        digest = json.loads(entry["payload"])["content_hash"]
        if not known or entry["reference"] != place.name or sha(canonical(files)) != digest:
            yield f"{IN_FORCE}/{place.name}: is not the one that the ledger sealed"
    for name in sorted(sealed.keys() - there):
        yield f"{IN_FORCE}/{name}: is missing"


def check(folder):
    """Everything that is wrong with a pack."""
    try:
        manifest = listed(folder)
        findings = list(check_files(folder, manifest))
    except (OSError, ValueError) as reason:
        return [str(reason) if str(reason).startswith(MANIFEST) else f"{MANIFEST}: cannot be read ({type(reason).__name__})"]
    try:
        findings += check_ledger(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as reason:
        findings.append(f"ledger/entries.jsonl: cannot be followed ({type(reason).__name__})")
    return findings


def main(arguments):
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    findings = check(folder)
    for finding in findings:
        print(f"NOT AS IT WAS: {finding}")
    if findings:
        return 1
    head = json.loads((folder / "ledger" / "head.json").read_text(encoding="utf-8"))
    print(f"PROVEN: {len(listed(folder))} files are as they were packed, and the ledger is unbroken")
    print(f"ledger entry {head['seq']}, to be compared with a ledger or a head that you trust: {head['hash']}")
    sealed = {entry["seq"] for entry in lines_of(folder / "ledger" / "entries.jsonl") if entry["kind"] == "declaration"}
    for place, entry in declarations(folder):
        if entry["seq"] not in sealed:
            print(f"declaration {place.name} was sealed earlier: ledger entry {entry['seq']}, likewise: {entry['hash']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
