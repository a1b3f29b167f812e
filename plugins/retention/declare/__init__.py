"""Declarations: YAML and SQL files read into frozen typed models."""
