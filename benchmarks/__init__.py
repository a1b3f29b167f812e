"""How fast the engine is, against the barest way of doing the same: `make bench`, or `python -m benchmarks --help`."""
