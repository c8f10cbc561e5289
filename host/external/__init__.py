"""Commands for an external plant."""
