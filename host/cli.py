"""The `mgd` command, from its first moment to its exit status.

0: it did what was asked. 1: it ran and failed. 2: the input was wrong; one line says what. 128 and
a signal's number: it was interrupted, 130 by Ctrl-C.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

from host import ending
from spec.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    ending.open_streams()
    with ending.signals():
        with ending.at_once():
            from amaranth.hdl import UnusedElaboratable  # all this takes most of a second

            from host import commands, words

        verb = "mgd"
        try:
            try:
                options = words.parser().parse_args(arguments)
                verb = f"mgd {options.verb}"
                status = options.run(options)
            except SystemExit as ended:  # argparse: its help, or wrong words
                status = int(ended.code or 0)
            ending.close_output()
            return status
        except InputError as error:
            ending.say(f"{verb}: {error}")
            return 2
        except BrokenPipeError:
            return ending.NOBODY_READS
        except commands.FAILURES as error:
            ending.say(f"{verb}: {ending.reason(error)}")
            return 1
        except KeyboardInterrupt:
            warnings.simplefilter("ignore", UnusedElaboratable)  # what was being made
            ending.say(f"{verb}: interrupted")
            return ending.status()


if __name__ == "__main__":
    sys.exit(main())
