"""What each command prints, a file a command."""
