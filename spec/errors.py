"""The one error a user's input can cause."""


class InputError(ValueError):
    """Something the user gave is wrong: a config, a data file, a board, a path, a missing tool.

    The message is one line that names what is wrong and what is allowed; the `mgd` command prints
    it and exits with status 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))
