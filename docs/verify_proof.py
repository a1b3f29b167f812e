"""Checks a proof of disposal: `python verify_proof.py proof.json`. Needs Python 3.9 or later, and no secret."""

import hashlib
import json
import sys
from pathlib import Path

FIELDS = {"format", "what", "store", "population", "key", "receipt", "scheme", "leaf", "path", "ledger_entry"}
SENTENCE = "record {key} of {store}.{population}: {action} under rule {rule}, run {run_id}, at {disposed_at} UTC"


def need(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def content(scheme, leaf, key):
    """What the leaf holds: the bitmap of 256 neighbouring keys, or the salted digest of this one."""
    salt = bytes.fromhex(leaf["salt"])
    need(len(salt) == 16, "the salt is not one")
    if scheme == "digests":
        need(set(leaf) == {"salt"}, "the leaf is not one")
        return sha(b"\x02", salt, key.encode())[:16]
    bitmap, bit = bytes.fromhex(leaf["bitmap"]), int(key) & 255
    need(scheme == "blocks" and set(leaf) == {"salt", "bitmap", "block"} and len(bitmap) == 32, "the leaf is not one")
    need(str(int(key)) == key and int(key) >> 8 == leaf["block"], "the leaf is of other keys")
    need(bitmap[bit >> 3] >> (bit & 7) & 1, "the leaf does not name this key")
    return leaf["block"].to_bytes(8, "big", signed=True) + salt + bitmap


def check(proof):
    """What a proof proves, in a sentence. Raises where it does not hold."""
    need(set(proof) == FIELDS and proof["format"] == "retention proof 1", "this is no proof of that format")
    receipt, entry = proof["receipt"], proof["ledger_entry"]
    node = sha(b"\x00", content(proof["scheme"], proof["leaf"], proof["key"]))
    for side, other in proof["path"]:
        need(side in ("left", "right") and len(other) == 64, "the path is broken")
        node = sha(b"\x01", bytes.fromhex(other), node) if side == "left" else sha(b"\x01", node, bytes.fromhex(other))
    need(node.hex() == receipt["root"], "the path does not lead to the receipt's root")
    need(all(proof[name] == receipt[name] for name in ("store", "population", "scheme")), "the receipt is another's")
    need(receipt == json.loads(entry["payload"]) and entry["kind"] == "receipt", "the ledger sealed something else")
    sealed = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    need(sha(text.encode()).hex() == entry["hash"], "the ledger entry was altered")
    need(proof["what"] == SENTENCE.format(key=proof["key"], **receipt), "it says something else than it proves")
    return f"PROVEN: {proof['what']}\nledger entry {entry['seq']}, to be compared with a ledger you trust: {entry['hash']}"


if __name__ == "__main__":
    try:
        print(check(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
    except Exception as reason:
        sys.exit(f"NOT PROVEN: {reason}")
