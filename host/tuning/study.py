"""A study: what `mgd tune` has found so far, in a file, so that it can go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from host import files, writing
from host.rules import Tables
from host.tuning.pool import Pool, Task
from host.tuning.scoring import Score
from spec.config import Config
from spec.errors import InputError
from spec.identity import config_digest

SCHEMA = 1
"""Of the file: counts up when keys change their meaning."""

RUNGS = 3
"""Of successive halving: each has three times the steps for a third of the candidates."""

CUT = 3

Progress = Callable[[int, Score], None]
"""Called with a candidate's number and its new score."""


@dataclass
class Study:
    """Candidates and their scores, by successive halving.

    All candidates get a ninth of the steps; the best third of them a third of the steps; and of
    those the best third all steps. The first, the config as it is, is always among them. Rungs
    end before the next begins, so that the outcome does not depend on who is ready first.

    Attributes
    ----------
    path : Path
        The file.
    config : Config
    words : dict
        What else was asked for: `trials`, `runs` and `fix`.
    candidates : list of Tables
        By what each differs from the config.
    scores : list of list of Score
        Of each candidate, one for each rung that it was on.
    """

    path: Path
    config: Config
    words: dict[str, Any]
    candidates: list[Tables]
    scores: list[list[Score]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scores = self.scores or [[] for _ in self.candidates]

    def steps(self, rung: int) -> int:
        """Return the steps of a rung."""
        return max(1, self.config.training.steps // CUT ** (RUNGS - 1 - rung))

    def on(self, rung: int) -> list[int]:
        """Return the numbers of the candidates on a rung, ascending; those before it are done."""
        if rung == 0:
            return list(range(len(self.candidates)))
        before = self.ranked(rung - 1)
        kept = before[: max(1, ceil(len(before) / CUT))]
        return sorted({0, *kept})

    def ranked(self, rung: int) -> list[int]:
        """Return the candidates that have a score on a rung, the best first."""
        known = [k for k, scores in enumerate(self.scores) if len(scores) > rung]
        return sorted(known, key=lambda k: (*self.scores[k][rung].rank, k))

    def left(self, rung: int) -> list[Task]:
        """Return what is still to be done on a rung."""
        steps = self.steps(rung)
        on = [k for k in self.on(rung) if len(self.scores[k]) <= rung]
        return [(k, self.candidates[k], steps) for k in on]

    @property
    def rung(self) -> int:
        """The last rung on which there is any score; -1 without any."""
        return max(map(len, self.scores)) - 1

    @property
    def finished(self) -> bool:
        """Whether all rungs are done."""
        return self.rung == RUNGS - 1 and not self.left(RUNGS - 1)

    @property
    def best(self) -> int | None:
        """The best candidate of the last rung; None before all is done."""
        return self.ranked(RUNGS - 1)[0] if self.finished else None

    def search(self, pool: Pool, progress: Progress) -> None:
        """Do what is left; the file has each score as soon as it is known."""
        for rung in range(RUNGS):
            for number, score in pool.scores(self.left(rung)):
                self.scores[number].append(score)
                self.keep()
                progress(number, score)

    def keep(self) -> None:
        """Write the file."""
        writing.write_json(self.path, self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        return {
            "schema": SCHEMA,
            "config": self.config.to_dict(),
            "config_digest": config_digest(self.config),
            **self.words,
            "finished": self.finished,
            "best": self.best,
            "candidates": [
                {"changes": changes, "scores": [score.to_json() for score in scores]}
                for changes, scores in zip(self.candidates, self.scores, strict=True)
            ],
        }

    def go_on(self) -> None:
        """Take up the scores of the file, if there is one.

        Raises
        ------
        InputError
            If it is the file of another study, or of none.
        """
        if files.look(self.path) is None:
            return
        files.check_readable(self.path)
        fresh = json.loads(writing.to_json(self.to_json()))
        try:
            given = json.loads(self.path.read_text(encoding="utf-8"))
            if given["schema"] != SCHEMA:
                raise InputError(
                    f"{self.path}: a study of schema {given['schema']!r}, not {SCHEMA}"
                )
            for key in ("config_digest", *self.words):
                if given[key] != fresh[key]:
                    what = "config, or other data" if key == "config_digest" else f"--{key}"
                    raise InputError(
                        f"{self.path}: is the study of another {what}; --study names another file"
                    )
            self.scores = _scores(given["candidates"], fresh["candidates"])
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read: {error.strerror}") from None
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{self.path}: is no study of mgd tune; --study names another"
            ) from None


def _scores(given: Sequence[Any], fresh: Sequence[Any]) -> list[list[Score]]:
    """Read the scores of candidates, which must be those of now.

    Raises
    ------
    KeyError, TypeError, ValueError
        If they are none, or of others.
    """
    if [one["changes"] for one in given] != [one["changes"] for one in fresh]:
        raise ValueError("other candidates")
    scores = [[Score.from_json(score) for score in one["scores"]] for one in given]
    if max(map(len, scores)) > RUNGS:
        raise ValueError("more scores than rungs")
    return scores
