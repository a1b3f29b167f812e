"""The evidence database: what was planned, found, validated, disposed of, and on what facts and holds."""
