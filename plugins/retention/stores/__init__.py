"""Stores as databases: connections, our tables inside them, their schema, and the reading of population queries."""
