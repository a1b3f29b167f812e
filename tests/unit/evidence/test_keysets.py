"""Key sets give back exactly the keys they were made of, stay small, and prove members and nobody else."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.errors import EvidenceError, NotFound
from retention.evidence import keysets
from retention.evidence.keysets import Blocks, Digests, KeySet, contains, holds, interval, merkle_root, opened, prove, seal

SECRET = bytes(range(32))
PLACE = ("run/visits/1", "usage", "visits")
LOWEST, HIGHEST = -(2**63), 2**63 - 1

INT64 = st.integers(LOWEST, HIGHEST)
DENSE = st.builds(
    lambda first, size: set(range(first, first + size)), st.integers(LOWEST, HIGHEST - 2000), st.integers(1, 2000)
)
HOLED = st.builds(lambda keys, holes: keys - {min(keys) + hole for hole in holes}, DENSE, st.sets(st.integers(0, 2000)))
NUMBERS = st.one_of(st.sets(INT64, max_size=60), st.sets(st.integers(-600, 600), max_size=300), DENSE, HOLED)
TEXTS = st.sets(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), max_size=40)
few = settings(max_examples=60, deadline=None)


def sealed(keys: Sequence[Any] | set[Any]) -> KeySet:
    return seal(SECRET, *PLACE, list(keys))


def blocks(keyset: KeySet) -> Blocks:
    found = opened(SECRET, keyset)
    assert isinstance(found, Blocks)
    return found


@few
@given(NUMBERS)
def test_integer_keys_come_back(keys: set[int]) -> None:
    keyset = sealed(keys)
    found = blocks(keyset)
    assert found.keys().tolist() == sorted(keys)
    assert found.count == len(keys)
    assert found.root() == keyset.root
    assert len(keyset.blob) <= 32 * max(len(keys), 1)


@few
@given(NUMBERS, st.randoms())
def test_order_and_repetition_do_not_matter(keys: set[int], chance: random.Random) -> None:
    shuffled = [*keys, *list(keys)[:3]]
    chance.shuffle(shuffled)
    assert seal(SECRET, *PLACE, np.array(shuffled, dtype=np.int64)) == sealed(sorted(keys))


@few
@given(NUMBERS.filter(bool), st.data())
def test_members_are_proven_and_others_are_not(keys: set[int], data: st.DataObject) -> None:
    keyset = sealed(keys)
    member = data.draw(st.sampled_from(sorted(keys)))
    neighbour = data.draw(st.sampled_from([member ^ 1, member ^ 128, member - 1, member + 256]))
    proof = prove(SECRET, keyset, member)
    assert holds(proof, keyset.root, member)
    assert contains(SECRET, keyset, str(member))
    if neighbour in keys:
        return
    assert not holds(proof, keyset.root, neighbour)
    assert not contains(SECRET, keyset, neighbour)
    with pytest.raises(NotFound):
        prove(SECRET, keyset, neighbour)


@few
@given(TEXTS.filter(bool), st.text(st.characters(exclude_categories=("Cs",))))
def test_text_keys_come_back_and_are_proven(keys: set[str], other: str) -> None:
    keyset = sealed(keys)
    found = opened(SECRET, keyset)
    assert isinstance(found, Digests)
    assert (found.count, found.root(), len(keyset.blob)) == (len(keys), keyset.root, 16 * len(keys))
    for key in keys:
        assert holds(prove(SECRET, keyset, key), keyset.root, key)
    if other not in keys:
        assert other not in found
        assert not holds(prove(SECRET, keyset, min(keys)), keyset.root, other)
        with pytest.raises(NotFound):
            prove(SECRET, keyset, other)


@few
@given(st.integers(LOWEST, HIGHEST - 3000), st.integers(0, 3000))
def test_an_interval_is_the_set_of_its_integers(first: int, more: int) -> None:
    assert interval(SECRET, *PLACE, first, first + more) == sealed(range(first, first + more + 1))


def test_a_whole_partition_is_counted_without_listing_it() -> None:
    found = blocks(interval(SECRET, *PLACE, -5_000_000, 5_000_000))
    assert found.count == 10_000_001
    assert -5_000_000 in found
    assert 5_000_001 not in found
    with pytest.raises(ValueError, match="interval"):
        interval(SECRET, *PLACE, 2, 1)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 255, 256, 257, 5000])
@pytest.mark.parametrize("spread", ["dense", "every fourth", "one a block", "anywhere"])
def test_the_size_limit(size: int, spread: str) -> None:
    chance = random.Random(size)
    keys = {
        "dense": lambda: range(HIGHEST - size, HIGHEST),
        "every fourth": lambda: range(0, 4 * size, 4),
        "one a block": lambda: [number * 256 + chance.randrange(256) for number in range(size)],
        "anywhere": lambda: [chance.randrange(LOWEST, HIGHEST) for _ in range(size)],
    }[spread]()
    blob = sealed(list(keys)).blob
    assert len(blob) <= 32 * size
    if spread in ("dense", "every fourth"):
        assert len(blob) <= 64


# the construction, reckoned by another hand


def by_the_book(keys: set[int], salts: dict[int, bytes]) -> str:
    """RFC 6962 over leaves of block number, salt and bitmap, with Python's own integers."""
    leaves = []
    for block in sorted({key // 256 for key in keys}):
        bitmap = sum(1 << key % 256 for key in keys if key // 256 == block).to_bytes(32, "little")
        leaves.append(block.to_bytes(8, "big", signed=True) + salts[block] + bitmap)
    return _tree(leaves).hex()


def _tree(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two smaller than n."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _tree(leaves[:split]) + _tree(leaves[split:])).digest()


@few
@given(NUMBERS)
def test_the_root_is_the_books(keys: set[int]) -> None:
    keyset = sealed(keys)
    salts = {key // 256: prove(SECRET, keyset, key).salt for key in {key // 256: key for key in keys}.values()}
    assert keyset.root == by_the_book(keys, salts)
    assert len(set(salts.values())) == len(salts)


@pytest.mark.parametrize("count", [*range(20), 31, 32, 33, 63, 64, 65, 127, 128, 129])
def test_roots_are_those_of_rfc_6962(count: int) -> None:
    leaves = [bytes([number]) for number in range(count)]
    assert merkle_root([hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]) == _tree(leaves).hex()


def test_a_root_known_from_the_rfcs_test_vectors() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    level = [hashlib.sha256(b"\x00" + bytes.fromhex(one)).digest() for one in inputs]
    assert merkle_root(level) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


# what it gives away, and what it refuses


KEYS: tuple[list[Any], ...] = (list(range(0, 3000, 7)), ["a", "b", "é"])


@pytest.mark.parametrize("keys", KEYS)
def test_another_secret_or_receipt_makes_another_root(keys: list[Any]) -> None:
    mine = sealed(keys)
    others = [seal(bytes(32), *PLACE, keys)]
    for at in range(3):
        names = list(PLACE)
        names[at] += "x"
        others.append(seal(SECRET, names[0], names[1], names[2], keys))
    others.append(seal(SECRET, "run/visits/1u", "sage", "visits", keys))  # the same letters, cut elsewhere
    assert len({one.root for one in [mine, *others]}) == 6
    assert len({one.blob for one in [mine, *others]}) == 6


def test_the_blob_opens_with_its_secret_and_in_its_receipt_only() -> None:
    keyset = sealed(KEYS[0])
    for wrong in (replace(keyset, receipt_id="x"), replace(keyset, store="x"), replace(keyset, population="x")):
        with pytest.raises(EvidenceError):
            opened(SECRET, wrong)
    with pytest.raises(EvidenceError):
        opened(bytes(32), keyset)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_byte_of_a_blob_counts(data: st.DataObject) -> None:
    keyset = sealed(data.draw(st.sampled_from([*KEYS, [1], []])))
    at = data.draw(st.integers(0, max(len(keyset.blob) - 1, 0)))
    altered = bytearray(keyset.blob)
    altered[at] ^= data.draw(st.integers(1, 255))
    changed = replace(keyset, blob=bytes(altered))
    assert changed.hash != keyset.hash
    try:
        assert opened(SECRET, changed).root() != keyset.root
    except EvidenceError:
        assert keyset.scheme == "blocks"


@pytest.mark.parametrize("keys", KEYS)
def test_a_proof_is_bound_to_every_part_of_itself(keys: list[Any]) -> None:
    keyset, key = sealed(keys), keys[1]
    proof = prove(SECRET, keyset, key)
    side, other = proof.path[0]
    flipped = "left" if side == "right" else "right"
    broken = [replace(proof, salt=bytes(16)), replace(proof, path=proof.path[1:]), replace(proof, path=())]
    broken += [
        replace(proof, path=((flipped, other), *proof.path[1:])),
        replace(proof, path=((side, bytes(32)), *proof.path[1:])),
    ]
    if proof.bitmap is not None and proof.block is not None:
        broken += [replace(proof, bitmap=b"\xff" * 32), replace(proof, block=proof.block + 1)]
    assert holds(proof, keyset.root, key)
    assert not any(holds(one, keyset.root, key) for one in broken)


def test_a_number_is_named_only_as_it_is_written() -> None:
    keyset = sealed([7, -7])
    assert contains(SECRET, keyset, "-7")
    assert not any(contains(SECRET, keyset, text) for text in ("007", "+7", " 7", "7.0", "", "x", str(2**64 + 7), "٧"))


def test_purposes_have_keys_of_their_own() -> None:
    place = keysets._Place(SECRET, *PLACE)
    assert len({place.sealing()[:32], place.sealing()[32:], place.salting("blocks"), place.salting("digests")}) == 4
