"""`python -m retention.cli`."""

from retention.cli import main

main()
