"""Editions of the register: each is written from a publication and from nothing else."""
