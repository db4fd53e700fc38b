"""A tape of as many symbols as wanted, made of the few that were recorded, for benchmarks."""

from attrs import evolve

from argo_core.backtest.tape import Tape
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol

MOST = 9_999

_SAYS = (
    "Relabelled: {n} invented symbols SIM0001 to SIM{n:04d}, each with the recorded bars of one "
    "stock, its sessions turned round so that another one is played; prices are unchanged, "
    "so bars recur, and prices jump where the last session meets the first. For speed only. "
)


def relabel(tape: Tape, n: int) -> Tape:
    """`n` invented stocks on the sessions of `tape`.

    Symbol k takes the bars of recorded stock k mod S; every S symbols the sessions are turned by
    one place, so that S stocks over D sessions give S * D different days. Bars past the end of a
    shorter session are dropped. Crypto is left out.

    Raises:
        InvalidInput: `n` is not from 1 to 9,999, or the tape has no stock with bars.
    """
    if not 1 <= n <= MOST:
        raise InvalidInput("n", f"{n} symbols cannot be made", f"give 1 to {MOST}")
    stocks = [one for one in tape.instruments if one.asset_class is AssetClass.STOCK]
    recorded = [one for one in stocks if tape.bars.get(one.symbol)]
    if not recorded:
        raise InvalidInput("tape", f"{tape.name} has no stock with bars", "give another tape")
    days = [
        (one, _turned(tape, _sessions(tape, one.symbol), turn))
        for turn in range(min(len(tape.sessions), -(-n // len(recorded))))
        for one in recorded
    ]
    instruments: list[Instrument] = []
    bars: dict[Symbol, tuple[Bar, ...]] = {}
    for k in range(n):
        source, found = days[k % len(days)]
        named = evolve(source, symbol=f"SIM{k + 1:04d}")
        instruments.append(named)
        bars[named.symbol] = _named(named.symbol, found)
    return evolve(
        tape,
        name=f"{tape.name[:50]}-x{n}",
        note=_SAYS.format(n=n) + tape.note,
        instruments=tuple(instruments),
        bars=bars,
    )


def _sessions(tape: Tape, symbol: Symbol) -> list[list[Bar]]:
    return [
        [bar for bar in tape.bars[symbol] if session.pre <= bar.start < session.post]
        for session in tape.sessions
    ]


def _turned(tape: Tape, recorded: list[list[Bar]], turn: int) -> list[Bar]:
    """The bars with the sessions turned by `turn` places, still under their own symbol."""
    found: list[Bar] = []
    for place, target in enumerate(tape.sessions):
        origin = (place - turn) % len(tape.sessions)
        shift = target.open - tape.sessions[origin].open
        moved = (evolve(bar, start=bar.start + shift) for bar in recorded[origin])
        found += [bar for bar in moved if target.pre <= bar.start < min(target.post, tape.ends)]
    return found


def _named(symbol: Symbol, bars: list[Bar]) -> tuple[Bar, ...]:
    # Written out because `evolve` takes three times as long, and this runs for millions of bars.
    return tuple(
        Bar(symbol, bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars
    )
