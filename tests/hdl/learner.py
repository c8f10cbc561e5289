"""Cells and their network without the rest: strobes and evaluations come from a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number.delay import delay
from hdl.optimizer.bank import Bank
from hdl.optimizer.bus import Tag
from hdl.plant.network import Network
from spec import derive
from spec.config import Config


class Learner(wiring.Component):
    """A bank and a network for each rail, connected as `hdl.trainer.Trainer` does.

    Latency: `latency` clocks from `x` to `y`; `bus` and `tag` come `ahead` clocks before x.
    """

    def __init__(self, config: Config) -> None:
        self.spec = replace(derive.bank(config), near=False)  # u is on the bus
        self.bank = Bank(self.spec)
        self.networks = [Network(derive.network(config)) for _ in range(self.spec.cell.rails)]
        self.latency, self.ahead = self.networks[0].latency, self.spec.copies
        first = self.networks[0]
        members: dict[str, Any] = {
            "bus": In(self.bank.bus.shape()),
            "line": In(self.bank.line.shape()),
            "noise": In(self.bank.noise.shape()),
            "tag": In(Tag),
            "x": In(first.x.shape()),
            "y": Out(first.y.shape()).array(len(self.networks)),
            "tag_o": Out(Tag),
            "cells": Out(self.bank.cells[0].shape()).array(self.spec.parameters),
        }
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Connect them; the networks hear the tag with x."""
        m: Any = Module()
        it: Any = self
        m.submodules.bank = bank = self.bank
        tag = delay(m, it.tag, Tag, self.ahead, "tag")
        m.d.comb += [
            bank.bus.eq(it.bus),
            bank.line.eq(it.line),
            bank.noise.eq(it.noise),
            bank.tag.eq(it.tag),
            *(shown.eq(cell) for shown, cell in zip(it.cells, bank.cells, strict=True)),
        ]
        for rail, network in enumerate(self.networks):
            m.submodules[f"network_{rail}"] = network
            m.d.comb += [
                network.tag.eq(tag),
                network.x.eq(it.x),
                it.y[rail].eq(network.y),
                *(
                    network.weights[name].eq(bank.weights[name][rail])
                    for name in network.weights.shape().members
                ),
            ]
        if self.spec.node:
            m.d.comb += bank.inputs.eq(self.networks[-1].inputs)
        m.d.comb += it.tag_o.eq(self.networks[-1].tag_o)
        return m
