"""Key sets: which records a batch disposed of, sealed so that it costs next to nothing and proves one record to a stranger.

Integer keys (`blocks`): one Merkle leaf for each block of 256 keys, salted, holding the block's bitmap. Other keys (`digests`):
one leaf for each record, a salted 16-byte digest. The tree is that of RFC 6962. The set itself is kept beside the root: ranges
of integers compressed and encrypted (AES-SIV), digests as they are. docs/design/evidence.md gives the reasons.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from retention.errors import EvidenceError, NotFound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Words = NDArray[np.uint64]

Scheme = Literal["blocks", "digests", "counts"]
Side = Literal["left", "right"]

BLOCK = 256  # keys under one leaf: what a proof shows of a record's neighbours
DIGEST_BYTES = 16
_SALT_BYTES = 16
_LEAF, _NODE, _RECORD = b"\x00", b"\x01", b"\x02"
_LEAF_BYTES = 1 + 8 + _SALT_BYTES + BLOCK // 8
_VARINT = 10  # bytes of the longest 64-bit number
_KEYS, _RUNS, _PACKED = 0, 1, 2  # how the plain text is written: gaps between keys or runs of keys, and whether deflated


@dataclass(frozen=True)
class KeySet:
    """A sealed set of record keys, and the receipt it belongs to: opened under another receipt it is refused."""

    receipt_id: str
    store: str
    population: str
    scheme: Scheme
    root: str
    blob: bytes

    @classmethod
    def of(cls, receipt: Mapping[str, Any]) -> KeySet:
        """The key set of a row of a receipt table."""
        names = ("receipt_id", "store", "population", "scheme", "root")
        return cls(**{name: receipt[name] for name in names}, blob=receipt["keyset"])

    @property
    def hash(self) -> str:
        return blob_hash(self.blob)

    def columns(self) -> dict[str, Any]:
        """What a receipt keeps of it, by column."""
        return {"scheme": self.scheme, "root": self.root, "keyset": self.blob, "keyset_hash": self.hash}


@dataclass(frozen=True)
class Proof:
    """One leaf and its way to the root. `block` and `bitmap` are those of a `blocks` leaf; `salt` hides all other leaves."""

    scheme: Scheme
    salt: bytes
    block: int | None
    bitmap: bytes | None
    path: tuple[tuple[Side, bytes], ...]  # the other half of each node on the way up, and the side on which it stands


def seal(secret: bytes, receipt_id: str, store: str, population: str, keys: Integers | Sequence[int] | Sequence[str]) -> KeySet:
    """Seals the keys of a batch, in any order. Integers of 64 bits become blocks, texts become digests."""
    import numpy as np

    place = _Place(secret, receipt_id, store, population)
    if isinstance(keys, np.ndarray) or all(isinstance(key, int) for key in keys):
        return _sealed_blocks(place, Blocks.from_keys(place, np.asarray(keys, dtype=np.int64)))
    return _sealed_digests(place, [str(key) for key in keys])


def interval(secret: bytes, receipt_id: str, store: str, population: str, first: int, last: int) -> KeySet:
    """Seals every integer from `first` to `last`, both included, whatever their number."""
    import numpy as np

    if first > last:
        raise ValueError("an interval starts before it ends")
    place = _Place(secret, receipt_id, store, population)
    return _sealed_blocks(place, Blocks(place, np.array([first], dtype=np.int64), np.array([last], dtype=np.int64)))


def counted(receipt_id: str, store: str, population: str) -> KeySet:
    """No keys: where the declaration settles for the number of records that a receipt gives."""
    return KeySet(receipt_id, store, population, "counts", "", b"")


def opened(secret: bytes, keyset: KeySet) -> Blocks | Digests:
    """The set itself. Raises EvidenceError where the secret, the receipt or the blob is not the one it was sealed with."""
    place = _Place(secret, keyset.receipt_id, keyset.store, keyset.population)
    if keyset.scheme == "counts":
        raise EvidenceError(
            "a receipt gives only a count", mend="nothing: its population declares `partition_evidence: counts`"
        )
    if keyset.scheme == "digests":
        return Digests(place, keyset.blob)
    try:
        plain = AESSIV(place.sealing()).decrypt(keyset.blob, place.names())
        return Blocks(place, *_decoded(plain))
    except (InvalidTag, ValueError, IndexError, zlib.error):
        raise EvidenceError(
            "a receipt's key set does not open",
            mend="it was altered, or the digest key is not the one it was sealed with: restore both from their backups",
        ) from None


def contains(secret: bytes, keyset: KeySet, key: int | str) -> bool:
    """Whether the set names this record. A number may be given as text."""
    return keyset.scheme != "counts" and key in opened(secret, keyset)


def prove(secret: bytes, keyset: KeySet, key: int | str) -> Proof:
    """A proof that the set names this record. Raises NotFound where it does not, EvidenceError where it does not open."""
    found = opened(secret, keyset)
    if key not in found:
        raise NotFound("the receipt does not name this record", mend="check the key")
    return found.proof(key)


def holds(proof: Proof, root: str, key: int | str) -> bool:
    """Whether a proof leads from this record to this root. Needs no secret."""
    content = _proven(proof, key)
    if content is None:
        return False
    node = _hash(_LEAF + content)
    for side, other in proof.path:
        node = _hash(_NODE + (other + node if side == "left" else node + other))
    return hmac.compare_digest(node.hex(), root)


def _proven(proof: Proof, key: int | str) -> bytes | None:
    """The content of the leaf, where it is one of this record."""
    if proof.block is None or proof.bitmap is None:
        return _digest(proof.salt, str(key))
    number = int(key)
    inside = number & 255
    if number >> 8 != proof.block or not proof.bitmap[inside >> 3] >> (inside & 7) & 1:
        return None
    return proof.block.to_bytes(8, "big", signed=True) + proof.salt + proof.bitmap


def blob_hash(blob: bytes) -> str:
    """What the ledger seals of a blob, so that a change of it shows without the secret."""
    return hashlib.sha256(blob).hexdigest()


# keys derived from the secret, each for one purpose


@dataclass(frozen=True)
class _Place:
    """A receipt, and the secret under which its set is sealed."""

    secret: bytes
    receipt_id: str
    store: str
    population: str

    def names(self) -> list[bytes]:
        return [part.encode() for part in (self.receipt_id, self.store, self.population)]

    def sealing(self) -> bytes:
        """The key of AES-SIV, 64 bytes: the same for every receipt, which is told apart by the associated data."""
        return self._derived(b"retention key set, sealing, 1", 64)

    def salting(self, scheme: Scheme) -> bytes:
        """The key of this receipt's salts, 32 bytes: a proof of one receipt tells nothing of another."""
        framed = b"".join(len(name).to_bytes(4, "big") + name for name in self.names())
        return self._derived(b"retention key set, salts of " + scheme.encode() + b", 1" + framed, 32)

    def _derived(self, purpose: bytes, length: int) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(self.secret)


# integer keys


@dataclass(frozen=True)
class Blocks:
    """Integer keys as disjoint closed runs, `firsts[i]` to `lasts[i]`, in ascending order with a gap after each."""

    place: _Place
    firsts: Integers
    lasts: Integers

    @classmethod
    def from_keys(cls, place: _Place, keys: Integers) -> Blocks:
        import numpy as np

        if not (keys[1:] > keys[:-1]).all():
            keys = np.sort(keys, kind="stable")  # which merges the few runs that a batch's keys come in
            keys = keys[np.r_[True, keys[1:] != keys[:-1]][: len(keys)]]
        breaks = np.flatnonzero(keys[1:] - keys[:-1] != 1)  # differences wrap, and only a true 1 can give 1
        return cls(place, keys[np.r_[:1, breaks + 1][: len(keys)]], keys[np.r_[breaks, len(keys) - 1][: len(keys)]])

    @property
    def count(self) -> int:
        """Records named by the set."""
        sizes = self.lasts.view("u8") - self.firsts.view("u8")
        return int(sizes.sum()) + len(sizes)

    def __contains__(self, key: object) -> bool:
        number = _number(key)
        if number is None:
            return False
        at = int(self.firsts.searchsorted(number, side="right")) - 1
        return at >= 0 and number <= int(self.lasts[at])

    def keys(self) -> Integers:
        """Every key, ascending: 8 bytes of memory each."""
        import numpy as np

        sizes = self.lasts - self.firsts + 1
        before = np.cumsum(sizes) - sizes
        return np.repeat(self.firsts - before, sizes) + np.arange(int(sizes.sum()), dtype=np.int64)

    def root(self) -> str:
        """The Merkle root over the blocks, in hexadecimal."""
        return merkle_root(_leaf_hashes(self._leaves()[1]))

    def proof(self, key: int | str) -> Proof:
        block = int(key) >> 8
        numbers, leaves = self._leaves()
        at = int(numbers.searchsorted(block))
        leaf = leaves[at * _LEAF_BYTES : (at + 1) * _LEAF_BYTES]
        return Proof("blocks", leaf[9:25], block, leaf[25:], _path(_leaf_hashes(leaves), at))

    def _leaves(self) -> tuple[Integers, bytes]:
        """Numbers of the blocks that hold a key, ascending, and their leaves (prefix, number, salt, bitmap), end to end."""
        import numpy as np

        numbers, bitmaps = _bitmaps(self.firsts, self.lasts)
        rows = np.zeros((len(numbers), _LEAF_BYTES), dtype=np.uint8)
        names = numbers.astype(">i8").view(np.uint8).reshape(-1, 8)
        rows[:, 1:9] = names
        rows[:, 9:25] = self._salts(names)
        rows[:, 25:] = bitmaps.astype("<u8").view(np.uint8).reshape(-1, BLOCK // 8)
        return numbers, rows.tobytes()

    def _salts(self, names: Any) -> Any:
        """A salt for each block: its number under AES with the receipt's key, a pseudo-random function of it."""
        import numpy as np

        plain = np.zeros((len(names), _SALT_BYTES), dtype=np.uint8)
        plain[:, 8:] = names
        # ECB is right here and only here: no two of these inputs are alike, and all are enciphered in one call
        cipher = Cipher(algorithms.AES(self.place.salting("blocks")), modes.ECB()).encryptor()
        return np.frombuffer(cipher.update(plain.tobytes()) + cipher.finalize(), dtype=np.uint8).reshape(-1, _SALT_BYTES)


def _sealed_blocks(place: _Place, found: Blocks) -> KeySet:
    blob = AESSIV(place.sealing()).encrypt(_encoded(found.firsts, found.lasts), place.names())
    return KeySet(place.receipt_id, place.store, place.population, "blocks", found.root(), blob)


def _number(key: object) -> int | None:
    """A key as a 64-bit number; None where no number is written so."""
    try:
        number = int(str(key))
    except ValueError:
        return None
    return number if str(number) == str(key) and -(2**63) <= number < 2**63 else None


def _bitmaps(firsts: Integers, lasts: Integers) -> tuple[Integers, Words]:
    """Blocks touched by the runs, ascending, and the bitmap of each as four 64-bit words, lowest key first."""
    import numpy as np

    spans = (lasts >> 8) - (firsts >> 8) + 1
    run = np.repeat(np.arange(len(spans)), spans)  # each run is cut into pieces that lie within one block
    step = np.arange(len(run)) - np.repeat(np.cumsum(spans) - spans, spans)
    block = (firsts >> 8)[run] + step
    low = np.where(step == 0, firsts[run] & 255, 0)
    end = np.where(step == spans[run] - 1, lasts[run] & 255, 255) + 1
    ones = np.array([(1 << bits) - 1 for bits in range(65)], dtype=np.uint64)
    word = np.arange(0, BLOCK, 64)
    pieces = ones[np.clip(end[:, None] - word, 0, 64)] ^ ones[np.clip(low[:, None] - word, 0, 64)]
    starts = np.flatnonzero(np.r_[True, block[1:] != block[:-1]][: len(block)])
    merged = np.bitwise_or.reduceat(pieces, starts, axis=0) if len(starts) else pieces
    return block[starts], merged


def _encoded(firsts: Integers, lasts: Integers) -> bytes:
    """The runs in as few bytes as it takes: a byte for the form, then numbers of 7 bits a byte, deflated where that helps."""
    import numpy as np

    if not len(firsts):
        return bytes([_RUNS])
    gaps = (firsts[1:].view("u8") - lasts[:-1].view("u8")) - np.uint64(2)  # between two runs at least one key is missing
    start = np.array([int(firsts[0]) << 1 ^ int(firsts[0]) >> 63], dtype=np.uint64)
    sizes = lasts.view("u8") - firsts.view("u8")
    if sizes.any():
        numbers = np.empty(2 * len(firsts), dtype=np.uint64)
        numbers[0], numbers[2::2], numbers[1::2] = start[0], gaps, sizes
        form = _RUNS
    else:
        numbers, form = np.concatenate([start, gaps]), _KEYS
    plain = _varints(numbers)
    packed = zlib.compress(plain, 1)
    return bytes([form | _PACKED]) + packed if len(packed) < len(plain) else bytes([form]) + plain


def _decoded(plain: bytes) -> tuple[Integers, Integers]:
    import numpy as np

    form, body = plain[0], plain[1:]
    numbers = _numbers(zlib.decompress(body) if form & _PACKED else body)
    single = not form & _RUNS
    gaps, sizes = (numbers, np.zeros(len(numbers), dtype=np.uint64)) if single else (numbers[::2].copy(), numbers[1::2])
    if not len(gaps):
        return gaps.view(np.int64), gaps.view(np.int64)
    gaps[1:] += np.uint64(2)
    gaps[0] = (int(gaps[0]) >> 1 ^ -(int(gaps[0]) & 1)) % 2**64
    gaps[1:] += sizes[:-1]
    firsts = np.cumsum(gaps, dtype=np.uint64)  # wraps, as the differences did
    return firsts.view(np.int64), (firsts + sizes).view(np.int64)


def _varints(numbers: Words) -> bytes:
    """Numbers in base 128, lowest digit first, the top bit set on all bytes of a number but its last."""
    import numpy as np

    width = max(1, -(-int(numbers.max()).bit_length() // 7))
    shifts = np.arange(0, 7 * width, 7, dtype=np.uint64)
    rest = numbers[:, None] >> shifts
    more = np.zeros(rest.shape, dtype=bool)
    more[:, :-1] = rest[:, 1:] != 0
    used = np.ones(rest.shape, dtype=bool)
    used[:, 1:] = more[:, :-1]
    digits = (rest & np.uint64(127)).astype(np.uint8) | (more.astype(np.uint8) << 7)
    return digits[used].tobytes()


def _numbers(plain: bytes) -> Words:
    import numpy as np

    digits = np.frombuffer(plain, dtype=np.uint8)
    ends = np.flatnonzero(digits < 128)
    starts = np.r_[0, ends + 1][: len(ends)]
    place = np.arange(len(digits)) - np.repeat(starts, np.diff(np.r_[starts, len(digits)]))
    if len(digits) and (digits[-1] > 127 or int(place.max()) >= _VARINT):
        raise ValueError("no number ends so")
    values = (digits & 127).astype(np.uint64) << (place * 7).astype(np.uint64)
    return np.bitwise_or.reduceat(values, starts) if len(starts) else values


# other keys


@dataclass(frozen=True)
class Digests:
    """Keyed digests of keys that are no numbers, sorted, end to end."""

    place: _Place
    blob: bytes

    @property
    def count(self) -> int:
        """Records named by the set; a blob of broken length has none."""
        return len(self.blob) // DIGEST_BYTES if len(self.blob) % DIGEST_BYTES == 0 else 0

    def __contains__(self, key: object) -> bool:
        digest = self._digest(str(key))
        at = self._at(digest)
        return at < self.count and hmac.compare_digest(self._one(at), digest)

    def root(self) -> str:
        """The Merkle root over the digests in ascending order, in hexadecimal. Needs no secret."""
        return merkle_root([_hash(_LEAF + self._one(at)) for at in range(self.count)])

    def proof(self, key: int | str) -> Proof:
        at = self._at(self._digest(str(key)))
        path = _path([_hash(_LEAF + self._one(other)) for other in range(self.count)], at)
        return Proof("digests", _salt_of(self.place.salting("digests"), str(key)), None, None, path)

    def _digest(self, key: str) -> bytes:
        return _digest(_salt_of(self.place.salting("digests"), key), key)

    def _at(self, digest: bytes) -> int:
        return bisect_left(range(self.count), digest, key=self._one)

    def _one(self, at: int) -> bytes:
        return self.blob[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES]


def _sealed_digests(place: _Place, keys: Iterable[str]) -> KeySet:
    salting = place.salting("digests")
    digests = sorted({_digest(_salt_of(salting, key), key) for key in keys})
    blob = b"".join(digests)
    root = merkle_root([_hash(_LEAF + digest) for digest in digests])
    return KeySet(place.receipt_id, place.store, place.population, "digests", root, blob)


def _salt_of(salting: bytes, key: str) -> bytes:
    return hmac.digest(salting, key.encode(), "sha256")[:_SALT_BYTES]


def _digest(salt: bytes, key: str) -> bytes:
    return _hash(_RECORD + salt + key.encode())[:DIGEST_BYTES]


# the tree of RFC 6962: prefixes tell leaves from nodes, an odd node moves up unpaired


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _leaf_hashes(leaves: bytes) -> list[bytes]:
    view, sha256 = memoryview(leaves), hashlib.sha256
    return [sha256(view[at : at + _LEAF_BYTES]).digest() for at in range(0, len(leaves), _LEAF_BYTES)]


def _next_level(level: list[bytes]) -> list[bytes]:
    sha256 = hashlib.sha256
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return above + level[len(level) - len(level) % 2 :]


def merkle_root(level: list[bytes]) -> str:
    """Root over leaf hashes in the order given, in hexadecimal; of none, the hash of nothing."""
    while len(level) > 1:
        level = _next_level(level)
    return level[0].hex() if level else _hash(b"").hex()


def _path(level: list[bytes], at: int) -> tuple[tuple[Side, bytes], ...]:
    """What stands beside each node on the way from a leaf to the root."""
    path: list[tuple[Side, bytes]] = []
    while len(level) > 1:
        other = at ^ 1
        if other < len(level):
            path.append(("left" if other < at else "right", level[other]))
        level, at = _next_level(level), at // 2
    return tuple(path)
