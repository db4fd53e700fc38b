"""Tables of chance that is not chance, for arrays: see `argo_core.backtest.dice`."""

import hashlib

import numpy as np

from argo_core.backtest.bars.arrays import Floats


def chances(rows: int, columns: int, *key: str | int) -> Floats:
    """Numbers in [0, 1), rows by columns, fixed by `key`: those of `dice.uniforms`, line by line.

    Another number of rows leaves the earlier ones as they are.
    """
    text = "".join(f"{part}\n" for part in key)
    start = np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
    steps = np.arange(1, rows * columns + 1, dtype=np.uint64)
    # Arithmetic of 64 bits that wraps around is what SplitMix64 is made of.
    mixed = start + steps * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    table: Floats = (mixed >> np.uint64(11)).astype(np.float64) / (1 << 53)
    return table.reshape(rows, columns)
