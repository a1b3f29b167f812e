"""What would go wrong at night, said beforehand: `check` asks, `needs` says what a night does, `grants` prints it."""
