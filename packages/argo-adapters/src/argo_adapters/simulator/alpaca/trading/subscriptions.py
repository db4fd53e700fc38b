"""What one client of the data stream wants to hear."""

from typing import Any

from attrs import define, field

CHANNELS = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds")
FREE_SYMBOLS = 30

EVERYTHING = "*"


@define
class Subscriptions:
    """Symbols by channel. Trades and quotes share a limit of `FREE_SYMBOLS`; bars have none."""

    wanted: dict[str, set[str]] = field(factory=lambda: {name: set() for name in CHANNELS})

    def add(self, asked: dict[str, Any]) -> int | None:
        """Take more; the code of the error when that is too much or makes no sense."""
        changed = {name: set(symbols) for name, symbols in self.wanted.items()}
        for name in CHANNELS:
            symbols = asked.get(name, [])
            if not _are_names(symbols):
                return 400
            changed[name] |= set(symbols)
        if any(name not in {*CHANNELS, "action"} for name in asked):
            return 400
        limited = changed["trades"] | changed["quotes"]
        if len(limited) > FREE_SYMBOLS or EVERYTHING in limited:
            return 405
        self.wanted = changed
        return None

    def remove(self, asked: dict[str, Any]) -> int | None:
        """Give some up."""
        for name in CHANNELS:
            symbols = asked.get(name, [])
            if not _are_names(symbols):
                return 400
            self.wanted[name] -= set(symbols)
        return None

    def wants(self, channel: str, symbol: str) -> bool:
        """Whether news of the symbol on that channel are wanted."""
        return symbol in self.wanted[channel] or EVERYTHING in self.wanted[channel]

    def symbols(self, known: list[str]) -> list[str]:
        """Every symbol that any channel of prices wants, in order."""
        names = [self.wanted[name] for name in ("trades", "quotes", "bars")]
        if EVERYTHING in self.wanted["bars"]:
            return known
        wanted = set().union(*names)
        return [symbol for symbol in known if symbol in wanted]

    def row(self) -> dict[str, Any]:
        """The confirmation; corrections and cancelled trades come along with trades."""
        rows: dict[str, Any] = {name: sorted(self.wanted[name]) for name in CHANNELS}
        trades = rows["trades"]
        return {"T": "subscription", **rows, "corrections": trades, "cancelErrors": trades}


def _are_names(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)
