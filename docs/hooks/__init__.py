"""What MkDocs asks of us while it builds: the pages under `reference/` get their tables from code and declarations."""
