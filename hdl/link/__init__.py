"""The link: register accesses that come over a UART."""
