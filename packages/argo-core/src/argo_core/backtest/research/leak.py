"""What the look-ahead detector found: a verdict that changed, and the input that changed it."""

from attrs import frozen

from argo_core.market.instrument import Symbol


@frozen
class Input:
    """One number of a panel: `column` of `symbol` in `row`, known at `known_us`.

    Column is `open`, `high`, `low`, `close` or `volume`; `bar` where none of them alone changes
    the verdict and the bar's being there does; `row` where only the row's being there does, or its
    time.
    """

    row: int
    known_us: int
    symbol: Symbol
    column: str

    def __str__(self) -> str:
        return f"{self.column} of {self.symbol} in row {self.row}"


@frozen(kw_only=True)
class Leak:
    """A verdict that changes with what comes later: in `table`, of `symbol`, at the close of `row`.

    `told` is what it says while only the first `cut` rows are known, `hindsight` what it says of
    the same row once later ones are there, or others. Where the same bars alone gave two answers
    `source` is None: then it is chance, or what was left of the last call, that it depends on.
    """

    strategy: str
    table: str
    row: int
    known_us: int
    symbol: Symbol
    told: int
    hindsight: int
    cut: int
    source: Input | None

    def __str__(self) -> str:
        said = f"{self.strategy}: {self.table} of {self.symbol} in row {self.row}"
        if self.source is None:
            return f"{said} is {self.told} once and {self.hindsight} again, of the same bars"
        changed = f"is {self.told}, and {self.hindsight} with hindsight"
        return f"{said} {changed}; it depends on {self.source}"
