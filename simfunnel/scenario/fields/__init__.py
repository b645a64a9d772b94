"""What a field of a scenario file may hold, a file a concept: its types, its readings and their errors."""
