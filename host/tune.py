"""`mgd tune`: search for better keys of a config, and write one with them."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table

from host import effort, files, report, screen, writing
from host.proposal import Key, render
from host.rules import Tables
from host.screen import console
from host.tuning.pool import Pool
from host.tuning.scoring import Score
from host.tuning.space import AXES, draw, shortened, variant
from host.tuning.study import RUNGS, Study
from model.eta import chosen
from model.training import seconds
from spec.config import Config, read_toml
from spec.errors import InputError
from spec.keys import AUTO

VALIDATION = 0.2
"""Part of the samples for training by which own data are judged, if the config keeps none."""

FEWEST = 30
"""Samples from which on such a part is kept."""

MOST_TRIALS = 1000
"""Candidates."""

MOST_ROWS = 10
"""Candidates that are listed."""


def tune(options: Namespace) -> int:
    """Search, and write a config; a search that was interrupted goes on where it was."""
    path = files.config_path(options.config)
    given = read_toml(path)
    asked = files.load_config(options.config)
    output: Path = options.output or _beside(path, options.config)
    files.check_suffix(output, (".toml",))
    kept: Path = options.study or output.with_suffix(".json")
    files.check_suffix(kept, (".json",))
    files.check_outputs([output, kept], files.read_by(options, asked))
    if files.look(output) is not None and not options.force:
        raise InputError(f"{output}: is there already; --force replaces it, -o FILE writes another")
    if options.trials > MOST_TRIALS:
        raise InputError(f"--trials {options.trials}: must be at most {MOST_TRIALS:,}")
    fix = sorted(set(options.fix or ()))
    config = _with_validation(asked, given, path)
    words = {"trials": options.trials, "runs": options.runs, "fix": fix}
    study = Study(kept, config, words, draw(config, options.trials, fix))
    study.go_on()
    report.show_data(config)
    jobs = min(options.jobs or processors(), len(study.candidates))
    effort.require_memory(config, options.runs * jobs)
    _announce(study, options.runs, jobs)
    study.keep()
    try:
        _search(study, options.runs, jobs)
    except KeyboardInterrupt:
        _show(study)
        console.print(f"{kept} has what was found; the same command goes on")
        raise
    _show(study)
    assert study.best is not None
    text = _written(study, given, path, output)
    writing.write_text(output, text)
    console.print(f"{output} is written; mgd train {output} trains with it")
    return 0


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _beside(path: Path, name: str) -> Path:
    """Return where the new config goes: beside the old one, but not among the examples."""
    tuned = f"{path.stem}-tuned.toml"
    return path.with_name(tuned) if path == Path(name) else Path(tuned)


def _with_validation(config: Config, given: Tables, path: Path) -> Config:
    """Return the config with samples for validation, if it is of enough own data."""
    own = config.own
    if own is None or own.validation is not None or len(own.train.data) < FEWEST:
        return config
    task = given["task"] | {"validation": VALIDATION}
    return chosen(Config.from_dict(given | {"task": task}, path.parent))


def _seconds(study: Study, runs: int) -> float:
    """Estimate how long all rungs take on one processor."""
    sizes = [len(study.candidates)]
    while len(sizes) < RUNGS:
        sizes.append(min(sizes[-1], -(-sizes[-1] // 3) + 1))
    return sum(
        size * seconds(shortened(study.config, study.steps(rung)), runs)
        for rung, size in enumerate(sizes)
    )


def _announce(study: Study, runs: int, jobs: int) -> None:
    config = study.config
    takes = screen.duration(_seconds(study, runs) / jobs)
    if config.own and config.own.validation:
        by = "samples for validation"
    else:
        by = "steps to the goal" if config.training.has_goal else "the cost in training"
    known = sum(map(len, study.scores))
    more = f"; {known} scores are known from before" if known else ""
    console.print(
        f"{len(study.candidates)} candidates, judged by {by}: about {takes} on {jobs} "
        f"processor{'s' * (jobs > 1)}{more}"
    )


def _search(study: Study, runs: int, jobs: int) -> None:
    every = study.config.training.steps
    total = sum(study.steps(rung) * len(study.candidates) / 3**rung for rung in range(RUNGS))
    done = sum(score.steps for scores in study.scores for score in scores)
    with screen.progress_bar("tuning", total) as advance:

        def progress(number: int, score: Score) -> None:
            nonlocal done
            done += score.steps
            rung = study.rung
            best = study.ranked(rung)[0]
            advance(
                min(done, total),
                f"{score.steps:,} of {every:,} steps: best {study.scores[best][rung].shown()}",
            )

        with Pool(study.config, runs, jobs) as pool:
            study.search(pool, progress)


def _show(study: Study) -> None:
    """Print the best candidates of the last rung that there is anything of."""
    if study.rung < 0:
        return
    table = Table("changes", "cells", "score", "cost")
    best = study.ranked(study.rung)
    for number in [*best[:MOST_ROWS], *([0] if 0 in best[MOST_ROWS:] else [])]:
        score = study.scores[number][study.rung]
        changes = study.candidates[number]
        cells = variant(study.config, changes).parameters
        said = _said(changes) or "none: the config as it is"
        table.add_row(said, f"{cells:,}", score.shown(), f"{score.cost:.4f}")
    console.print(table)
    steps, every = study.steps(study.rung), study.config.training.steps
    runs = study.words["runs"]
    console.print(
        f"each on average over {runs} run{'s' * (runs > 1)} of at most {steps:,} steps"
        + ("" if steps == every else f", of {every:,} in the end")
    )


def _said(changes: Tables) -> str:
    """Say what is changed, without what goes along with it."""
    words = []
    for keys in changes.values():
        for key, value in keys.items():
            if key in AXES:
                shown = "-".join(map(str, value)) if isinstance(value, list) else value
                words.append(f"{key} {shown}")
    return ", ".join(words)


def _written(study: Study, given: Tables, path: Path, output: Path) -> str:
    """Return the TOML of the best candidate: the keys that were given, and those that are new."""
    best = study.best
    assert best is not None
    config = variant(study.config, study.candidates[best])
    before, after = study.config.to_dict(), config.to_dict()
    proposal = {
        table: _keys(given.get(table, {}), before[table], after[table])
        for table in dict.fromkeys([*given, *after])
    }
    proposal["task"] = [_moved(key, path.parent, output) for key in proposal["task"]]
    score, plain = (study.scores[k][-1].shown() for k in (best, 0))
    by = " in validation" if config.own and config.own.validation else ""
    head = (
        f"Made by mgd tune of {report.shown(path.name)}, the best of {len(study.candidates)} "
        f"candidates:\n{score}{by}; {plain} as it was. Every key is in docs/config.md."
    )
    return render({table: keys for table, keys in proposal.items() if keys}, head)


def _keys(given: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> list[Key]:
    """Return the keys of a table: as they were given, but for what is another now."""
    keys = []
    for name, value in after.items():
        if name == "schedule":
            keys += _schedule(given.get(name, []), value)
        elif value != before[name]:
            keys.append(Key(name, value, f"was {before[name]}"))
        elif name == "eta" and given.get(name) == AUTO:
            keys.append(Key(name, value, 'what "auto" chose'))
        elif name in given:
            keys.append(Key(name, given[name]))
    return keys


def _schedule(given: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Key]:
    """Return the changes during training, η as it is now where it was given."""
    both = zip(given, after, strict=True)
    moved = [one | ({"eta": other["eta"]} if "eta" in one else {}) for one, other in both]
    return [Key("schedule", moved)] if moved else []


def _moved(key: Key, folder: Path, output: Path) -> Key:
    """Let a file be found from where the new config is."""
    if key.name not in ("path", "test_path"):
        return key
    there = (folder / key.value).absolute()
    return replace(key, value=os.path.relpath(there, output.absolute().parent))
