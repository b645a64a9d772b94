"""What `run` shows beside its figures: leaks and their value, one more rep, the inputs known least."""
