"""Bridge from one plan to another: revenue split among their settings."""
