"""One night of one store, a module a step: facts, scan, plan, validate, dispose, record."""
