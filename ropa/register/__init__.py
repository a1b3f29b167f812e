"""The article 30 register: what is declared, beside what the last night of each store found and did."""
