"""Retention and records of processing: one declaration drives the purge and the article 30 register."""
