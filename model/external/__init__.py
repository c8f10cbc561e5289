"""The golden model of an optimizer for an external plant."""
