"""What lies ahead: what another declaration would change (`impact`), and what falls due in the months to come (`forecast`).

Both ask one pass over each population (`groups`) and reckon the due month of each group with `dates` (`prospects`).
"""
