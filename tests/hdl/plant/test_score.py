"""The score counts what the model's check counts."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from hdl.plant.score import Score
from spec import derive
from tests.configs import perceptron
from tests.hdl.helpers import Row, stream


def hit(y: list[int], label: int, half: int) -> bool:
    """Whether an output is classified correctly: the first largest, or above 1/2 if alone."""
    found = int(y[0] > half) if len(y) == 1 else y.index(max(y))
    return found == label


@pytest.mark.parametrize("output", ["plan", "identity"])
@pytest.mark.parametrize("outputs", range(1, 10))
def test_counts_of_back_to_back_checks(outputs: int, output: str) -> None:
    """Outputs of few values, so that ties for the largest are common in every place."""
    config = perceptron(1, outputs, output=output)
    spec = derive.score(config)
    late = spec.cost_latency
    one = 1 << config.formats.activation_bits
    lowest, _ = config.network.output.range(config.formats.activation_bits)
    rng = random.Random(outputs)
    choices = [lowest, one // 2 - 1, one // 2, one // 2 + 1, one]
    clocks = 400
    evaluations = [
        {
            "y": [rng.choice(choices) for _ in range(outputs)],
            "label": rng.randrange(max(2, outputs)),
            "count": int(rng.random() < 0.4),
            "cost": rng.randrange(1 << 8),
        }
        for _ in range(clocks)
    ]
    rows: list[Row] = []
    for k in range(clocks + late):
        row = {"clear": rng.random() < 0.05, "count": 0}
        if k < clocks:  # y and label enter now, what belongs to them so much later
            row |= {name: evaluations[k][name] for name in ("y", "label")}
        if k >= late:
            row |= {name: evaluations[k - late][name] for name in ("count", "cost")}
        rows.append(row)

    found = stream(Score(spec), rows, ["correct", "cost_sum"])
    wrap = 1 << spec.sum_width
    correct = cost_sum = 0
    for k, row in enumerate(rows):
        # There is room for the config's samples; more of them wrap.
        counted = correct % (1 << spec.correct_width)
        assert found[k] == {"correct": counted, "cost_sum": cost_sum % wrap}
        if row["clear"]:
            correct = cost_sum = 0
        elif row["count"]:
            evaluation = evaluations[k - late]
            correct += hit(evaluation["y"], evaluation["label"], one // 2)
            cost_sum += evaluation["cost"]


@pytest.mark.parametrize("outputs", range(2, 10))
def test_every_tie_goes_to_the_first(outputs: int) -> None:
    """All sets of equal largest outputs."""
    config = perceptron(1, outputs)
    spec = derive.score(config)
    late = spec.cost_latency
    sets = range(1, 1 << outputs)
    rows: list[Row] = [
        {
            "y": [100 if equal >> k & 1 else 3 for k in range(outputs)],
            "label": (equal & -equal).bit_length() - 1,
            "count": 1,
        }
        for equal in sets
    ]
    waiting: list[Row] = [{"count": 1}] * late
    found = stream(Score(spec), rows + waiting + [{"count": 0}], ["correct"])
    # The pipeline's first outputs are of y = 0, label 0, before the rows.
    room = 1 << spec.correct_width  # for the config's samples; more of them wrap
    counts = [row["correct"] for row in found[late:]]
    assert [(after - before) % room for before, after in pairwise(counts)] == [1] * len(sets)


@pytest.mark.parametrize("seed", range(4))
def test_the_target_is_what_both_limits_say_of_the_counts(seed: int) -> None:
    """In every clock of checks of as many evaluations as there are samples, limits hit exactly."""
    spec = derive.score(perceptron(2, 1, samples=5))
    rng = random.Random(seed)
    limits = {"solved_correct": rng.randrange(spec.samples + 1)}
    limits["solved_cost"] = rng.choice([0, 3 * spec.samples, (1 << spec.sum_width) - 1])
    idle: Row = {"clear": 0, "count": 0, **limits}
    rows: list[Row] = [dict(idle) for _ in range(spec.cost_latency)]
    for _ in range(40):
        rows.append(idle | {"clear": 1})
        for _ in range(spec.samples):
            rows += [idle] * rng.randrange(2)
            rows.append(idle | {"count": 1, "cost": rng.randrange(7), "label": rng.randrange(2)})
    found = stream(Score(spec), rows, ["correct", "cost_sum", "target_met"])
    judged = [
        (row["cost_sum"] <= limits["solved_cost"] and row["correct"] >= limits["solved_correct"])
        for row in found
    ]
    first = spec.cost_latency + 1  # before the first check, nothing was cleared
    assert [row["target_met"] for row in found[first:]] == judged[first:]
    assert len(set(judged[first:])) == 2 or limits["solved_cost"] != 3 * spec.samples
