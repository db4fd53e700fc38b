"""Which status codes of a market data stream stop the trading of a symbol, and which end that.

Alpaca hands on the codes of the two plans: CTA's for tapes A and B (`2` Trading Halt, `3` Resume),
UTP's for tapes C and O (`H` Trading Halt, `P` Volatility Trading Pause, `T` Trading Resumption).
None of these means something else on the other tapes, so that the tape need not be known.
"""

from typing import Final

HALTING: Final = frozenset({"2", "H", "P"})
RESUMING: Final = frozenset({"3", "T"})

# Indications, imbalances, short sale restrictions and price bands leave trading as it is; so does
# UTP's Q, Quotation Resumption, because trading is resumed by a message of its own.
SILENT: Final = frozenset({"5", "6", "7", "8", "9", "A", "C", "D", "E", "F", "Q"})


def stops_trading(code: str) -> bool | None:
    """Whether trading is halted from now on; None where nothing is said about it.

    A code that nobody knows is no halt: a new kind of message must not stop all trading.
    """
    if code in HALTING:
        return True
    return False if code in RESUMING else None


def is_known(code: str) -> bool:
    """Whether the code is documented."""
    return code in HALTING | RESUMING | SILENT
