"""What people are told of a run, as a letter in French or English: what happened, what it means, what to do next.

A letter names stores, steps, counts and dates, and no person. Red means that something is overdue or unproven. How it is sent
is not decided here.
"""
