"""The one guarded path that changes a store.

`strategy` chooses how due rows are found, `units` lays the work out in the store, `run` has it done, `batch` is one
transaction, `statements` says it to each database.
"""
