"""Tell a scenario back: what was assumed or typed, the field reference, the JSON schema, a starter file."""
