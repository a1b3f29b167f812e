"""The register as files: every edition is written from a `Publication` and from nothing else."""
