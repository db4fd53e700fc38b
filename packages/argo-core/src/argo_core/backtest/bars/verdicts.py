"""What a strategy says at every close, as arrays that the trading step reads."""

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from argo_core.backtest.bars.arrays import int8s, int16s, int32s, ints, same
from argo_core.backtest.bars.panel import Panel
from argo_core.errors import InvalidInput

UNKNOWN = -1
"""Where a stray or an average daily value is not known."""


@frozen(kw_only=True)
class Verdicts:
    """By row and symbol (T, N), each known at the row's close and from nothing later.

    `direction` is 1 to buy, -1 to sell, 0 to hold. `confidence_bp` is signed; the greater
    its amount, the earlier a symbol is bought where not all can be. `stray_ppm` is how far the
    price strays within the horizon, in millionths of it, UNKNOWN where nobody knows; `adv` is
    the average value traded in a day, in units, over the 20 sessions before, UNKNOWN likewise.
    """

    direction: npt.NDArray[np.int8] = field(converter=int8s, eq=same, repr=False)
    confidence_bp: npt.NDArray[np.int16] = field(converter=int16s, eq=same, repr=False)
    stray_ppm: npt.NDArray[np.int32] = field(converter=int32s, eq=same, repr=False)
    adv: npt.NDArray[np.int64] = field(converter=ints, eq=same, repr=False)

    def __attrs_post_init__(self) -> None:
        if (np.abs(self.direction) > 1).any():
            raise InvalidInput("direction", "one is beyond 1", "give 1 to buy, -1 to sell, or 0")

    def fit(self, panel: Panel) -> None:
        """Check that there is one of each for every bar of the panel.

        Raises:
            InvalidInput: a table has another shape.
        """
        for name in ("direction", "confidence_bp", "stray_ppm", "adv"):
            if (shape := getattr(self, name).shape) != panel.close.shape:
                problem = f"its shape is {shape}, the panel's {panel.close.shape}"
                raise InvalidInput(name, problem, "make the verdicts of these bars")
