"""Tables of layers: what they mean, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spec import derive
from spec.config import Config
from spec.network import NetworkShape, read_network
from spec.plant import ConvSpec, PoolSpec
from tests.configs import FOLDED, perceptron

CONV = {"kind": "conv", "channels": 4}
POOL = {"kind": "pool"}
DENSE = {"kind": "dense", "neurons": 3}
Tables = dict[str, Any]


def network(*layers: Tables, shape: tuple[int, ...] = (9, 8, 2), **keys: Any) -> Tables:
    return {"shape": list(shape), "layer": list(layers), **keys}


def config(*layers: Tables, shape: tuple[int, ...] = (9, 8, 2), **keys: Any) -> Config:
    given = {"lanes": 2, "inputs": "fixed"} | FOLDED | keys
    inputs = shape[0] * shape[1] * shape[2] if len(shape) == 3 else shape[0]
    outputs = layers[-1].get("neurons", 3)
    return perceptron(inputs, outputs, network=network(*layers, shape=shape), **given)


def test_the_papers_networks() -> None:
    """14,378 and 26,154 parameters; 738,176 and 1,465,024 products but for biases."""
    for shape, last, parameters, products in (
        ((28, 28, 1), 32, 14_378, 738_176),
        ((32, 32, 3), 64, 26_154, 1_465_024),
    ):
        convs = [{"kind": "conv", "channels": count} for count in (16, 32, last)]
        layers = [each for conv in convs for each in (conv, POOL)]
        found = read_network(network(*layers, {"kind": "dense", "neurons": 10}, shape=shape))
        assert sum(neurons * weights for neurons, weights in found.weights) == parameters
        total = 0
        for layer, before, after in zip(found.all, found.shapes, found.shapes[1:], strict=False):
            if layer.trained:
                neurons, weights = layer.weights(before)
                places = after[0] * after[1] if len(after) == 3 else 1
                total += places * neurons * (weights - 1)
        assert total == products


def test_shapes_and_specs() -> None:
    made = config(CONV, POOL, CONV | {"channels": 2}, DENSE)
    assert made.network.shapes == ((9, 8, 2), (7, 6, 4), (3, 3, 4), (1, 1, 2), (3,))
    assert made.network.sizes == (144, 168, 36, 2, 3)
    assert made.layer_shapes == ((4, 19), (2, 37), (3, 3))
    assert made.network.title == "9×8×2, conv 4, pool, conv 2, dense 3"
    first, pool, second, dense = derive.network(made).layers
    assert isinstance(first, ConvSpec)
    assert isinstance(pool, PoolSpec)
    assert isinstance(second, ConvSpec)
    assert (first.planar, second.planar) == (True, False)
    assert [layer.signals for layer in (first, pool, second, dense)] == [168, 36, 2, 3]
    assert derive.network(made).inputs == made.data.inputs == 144
    assert made.parameters == derive.bank(made).parameters == 4 * 19 + 2 * 37 + 9


def test_a_list_of_layers_is_short_for_dense_ones() -> None:
    short = NetworkShape((5, 3, 2))
    assert short.shapes == ((5,), (3,), (2,))
    assert short.weights == ((3, 6), (2, 4))
    assert [layer.activation for layer in short.all] == [short.hidden, short.output]
    last = {"kind": "dense", "neurons": 1, "activation": "tanh"}
    ends = []
    for given in (
        {"layers": [4, 3, 1], "hidden": "relu", "output": "tanh"},
        network(DENSE, last, shape=(4,)),
    ):
        made = Config.from_dict({"task": {"name": "parity", "bits": 4}, "network": given})
        ends.append((derive.network(made), derive.optimizer(made)))
    assert ends[0] == ends[1]


def test_a_config_comes_back_from_its_tables() -> None:
    made = config(CONV | {"doublings": 1}, POOL, DENSE | {"estimator": "node"}, init=[-2, -1])
    tables = made.to_dict()
    assert tables["network"]["layer"][0]["kind"] == "conv"
    assert Config.without_samples(tables).network == made.network
    assert Config.without_samples(tables).training.init == (-2, -1)


def test_a_conv_is_always_by_weight() -> None:
    made = config(CONV, DENSE, DENSE | {"estimator": "weight"}, estimator="node")
    assert made.by_node == (False, True, False)
    assert [group.node for group in derive.bank(made).groups] == [False, True, False]
    assert derive.bank(made).node


def test_every_layer_hears_as_many_bits_as_its_init_allows() -> None:
    made = config(CONV, DENSE, init=[-3, -1], theta="Q2.6")
    assert [group.init_bits for group in derive.bank(made).groups] == [3, 5]
    assert derive.init_bits(made) == 5


WRONG: list[tuple[Tables, str]] = [
    (network(DENSE, layers=[2, 1]), "network.layers: not beside [[network.layer]]"),
    (network(DENSE, hidden="relu"), "network.hidden: not beside [[network.layer]]"),
    (network(DENSE, output="tanh"), "network.output: not beside [[network.layer]]"),
    ({"layers": [2, 1], "shape": [2]}, "network.shape: is for [[network.layer]]"),
    ({"layer": 3}, "network.layer: must be tables"),
    (network(DENSE, shape=(2, 2)), "network.shape = [2, 2]: must be [rows, columns, colours]"),
    (network(CONV, DENSE, shape=(4,)), "network.layer[0]: a conv needs an image of 3×3 or more"),
    (network(CONV, DENSE, shape=(2, 9, 1)), "before it are 2×9×1"),
    (network(CONV, POOL, DENSE, shape=(3, 9, 1)), "network.layer[1]: a pool needs an image of 2×2"),
    (network(POOL, DENSE), "network.layer[0]: a pool must stand right behind a conv"),
    (network(CONV, POOL, POOL, DENSE), "network.layer[2]: a pool must stand right behind"),
    (network(DENSE, CONV), "network.layer[1]: a conv needs an image"),
    (network(CONV), "network.layer[0]: the last layer must be dense"),
    (network({"kind": "conv"}, DENSE), "network.layer[0].channels: is missing"),
    (network({"kind": "dense"}), "network.layer[0].neurons: is missing"),
    (network(DENSE | {"channels": 2}), "network.layer[0].channels: a dense has none"),
    (network(CONV | {"neurons": 2}, DENSE), "network.layer[0].neurons: a conv has none"),
    (network(CONV, POOL | {"activation": "tanh"}, DENSE), "activation: a pool has none"),
    (network(CONV, POOL | {"doublings": 1}, DENSE), "doublings: a pool has none"),
    (network(CONV | {"estimator": "node"}, DENSE), 'estimator = "node": is for dense layers'),
    (network({"kind": "lstm"}), "network.layer[0].kind = 'lstm': must be one of 'conv'"),
    (network(DENSE | {"stride": 2}), "network.layer[0].stride: unknown key"),
    (network({}), "network.layer[0].kind: is missing"),
    (network(DENSE | {"doublings": 9}), "network.layer[0].doublings = 9: must be from 0 to 8"),
]


@pytest.mark.parametrize(("given", "says"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_network(refusal: Callable[..., str], given: Tables, says: str) -> None:
    assert says in refusal(read_network, given)


UNBUILT: list[tuple[tuple[Tables, ...], Tables, str]] = [
    ((CONV, DENSE), {"engine": "spatial"}, 'kind = "conv": needs build.engine = "folded"'),
    (
        (DENSE | {"estimator": "node"}, DENSE),
        {"engine": "spatial"},
        "network.layer[0]: an estimator or doublings of its own",
    ),
    ((DENSE,), {"engine": "spatial", "init": [-1]}, "training.init: a list"),
    ((CONV, DENSE), {"init": [-1]}, "training.init: a list must have 2 numbers"),
    ((CONV, DENSE), {"init": [-1, 9]}, "training.init = [-1, 9]: must be from"),
    ((CONV | {"channels": 5}, DENSE), {}, "channels = 5: must be at most build.lanes = 2, or a"),
    ((DENSE | {"doublings": 4},), {}, "doublings = 4: must be at most 3 with training.amplitude"),
    ((DENSE,), {"accumulate": True, "momentum": 1}, 'folded": needs training.momentum = 0, not 1'),
    ((DENSE,), {"accumulate": True, "update_noise": 1e-2}, "needs hardware.update_noise = 0.0"),
    ((DENSE,), {"lanes": 65, "perturbation": "fresh"}, "build.lanes = 65: must be at most 64"),
]


@pytest.mark.parametrize(("layers", "keys", "says"), UNBUILT, ids=range(len(UNBUILT)))
def test_what_an_engine_cannot_be_had_with(
    refusal: Callable[..., str], layers: tuple[Tables, ...], keys: Tables, says: str
) -> None:
    spatial = {"lanes": 1, "accumulate": True} if keys.get("engine") == "spatial" else {}
    assert says in refusal(config, *layers, **spatial | keys)


def test_of_another_size_than_the_samples(refusal: Callable[..., str]) -> None:
    given = {"task": {"name": "xor"}, "network": network(DENSE | {"neurons": 1}, shape=(3,))}
    text = refusal(Config.from_dict, given)
    assert text.startswith("network.shape = [3]: must be of 2 and the last [[network.layer]] have")
