"""The user's side: the `mgd` command."""
