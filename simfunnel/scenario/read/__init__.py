"""Read a scenario: files and inputs, places of what was typed, and every independent mistake at once."""
