"""What a strategy says at every close, as arrays that the trading step reads."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import cmp_using, define, field, frozen

from argo_core.backtest.bars.arrays import Ints, int8s, int16s, int32s, ints, same
from argo_core.backtest.bars.panel import Panel
from argo_core.errors import InvalidInput

UNKNOWN = -1
"""Where a stray or an average daily value is not known."""


Table = npt.ArrayLike | Callable[[], npt.ArrayLike]


@define(eq=False)
class Facts:
    """A table, or what makes it when it is first asked for: most plans need only some."""

    _given: Any
    _converted: Callable[[npt.ArrayLike], npt.NDArray[Any]]
    _made: npt.NDArray[Any] | None = None

    def table(self) -> npt.NDArray[Any]:
        if self._made is None:
            given = self._given() if callable(self._given) else self._given
            # What it was made of is a multiple of it in size.
            self._made, self._given = self._converted(given), None
        return self._made

    @property
    def are_made(self) -> bool:
        return self._made is not None

    def __reduce__(self) -> tuple[Any, ...]:
        # Functions do not travel between processes; numbers do.
        return Facts, (None, self._converted, self.table())


def _facts(given: Table | Facts, converted: Callable[[npt.ArrayLike], npt.NDArray[Any]]) -> Facts:
    if isinstance(given, Facts):
        return given
    if callable(given):
        return Facts(given, converted)
    return Facts(None, converted, converted(given))


def _strays(given: Table | Facts) -> Facts:
    return _facts(given, int32s)


def _values(given: Table | Facts) -> Facts:
    return _facts(given, ints)


same_facts = cmp_using(eq=lambda one, other: np.array_equal(one.table(), other.table()))


@frozen(kw_only=True)
class Verdicts:
    """By row and symbol (T, N), each known at the row's close and from nothing later.

    `direction` is 1 to buy, -1 to sell, 0 to hold. `confidence_bp` is signed; the greater
    its amount, the earlier a symbol is bought where not all can be. `stray_ppm` is how far the
    price strays within the horizon, in millionths of it, UNKNOWN where nobody knows; `adv` is
    the average value traded in a day, in units, over the 20 sessions before, UNKNOWN likewise.

    Either of the last two may be given as a function without arguments that makes the table. It is
    called once, when somebody asks: the compiled step asks for `stray_ppm` only where a plan has
    stops or targets, and for `adv` only where it limits orders by it (`adv_ppm`).
    """

    direction: npt.NDArray[np.int8] = field(converter=int8s, eq=same, repr=False)
    confidence_bp: npt.NDArray[np.int16] = field(converter=int16s, eq=same, repr=False)
    _stray_ppm: Facts = field(converter=_strays, eq=same_facts, repr=False)
    _adv: Facts = field(converter=_values, eq=same_facts, repr=False)

    def __attrs_post_init__(self) -> None:
        if not -1 <= self.direction.min(initial=0) <= self.direction.max(initial=0) <= 1:
            raise InvalidInput("direction", "one is beyond 1", "give 1 to buy, -1 to sell, or 0")

    @property
    def stray_ppm(self) -> npt.NDArray[np.int32]:
        """Raises `InvalidInput` where what made it gave a table of another shape."""
        return self._checked("stray_ppm", self._stray_ppm)

    @property
    def adv(self) -> Ints:
        """Raises `InvalidInput` as `stray_ppm` does."""
        return self._checked("adv", self._adv)

    def rows(self, rows: slice) -> "Verdicts":
        """Those of these rows alone."""
        return Verdicts(
            direction=self.direction[rows],
            confidence_bp=self.confidence_bp[rows],
            stray_ppm=lambda: self.stray_ppm[rows],
            adv=lambda: self.adv[rows],
        )

    def fit(self, panel: Panel) -> None:
        """Check that there is one of each for every bar of the panel.

        Raises:
            InvalidInput: a table has another shape; one that nobody has asked for yet is looked at
                when somebody does.
        """
        for name in ("direction", "confidence_bp"):
            _check_shape(name, getattr(self, name), panel.close.shape)
        for name, facts in (("stray_ppm", self._stray_ppm), ("adv", self._adv)):
            if facts.are_made:
                _check_shape(name, facts.table(), panel.close.shape)

    def _checked(self, name: str, facts: Facts) -> npt.NDArray[Any]:
        made = facts.are_made
        table = facts.table()
        if not made:
            _check_shape(name, table, self.direction.shape)
        return table


def _check_shape(name: str, table: npt.NDArray[Any], shape: tuple[int, ...]) -> None:
    if table.shape != shape:
        problem = f"its shape is {table.shape}, the panel's {shape}"
        raise InvalidInput(name, problem, "make the verdicts of these bars")
