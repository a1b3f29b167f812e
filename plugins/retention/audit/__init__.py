"""`retention audit-pack`: one zip about a span of days, which a stranger can follow and check without this product.

It holds what the evidence holds: counts, hashes, opaque references, and the names of those who acted. It holds no row of a
store, no key set, no reason of a hold, and not the digest key. What is written depends on evidence, declaration and span
alone, so that two packs of the same are the same file.
"""
