"""Reading the frames of Alpaca's stream: arrays of messages, which nobody should trust."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_adapters.http.secrecy import Redactor
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_adapters.vendors.alpaca.halt_codes import is_known, stops_trading
from argo_adapters.vendors.alpaca.rows import SKEW, side
from argo_adapters.vendors.alpaca.source import ALPACA
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.halt import Halt
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Clock
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.ticks import Tick

_LOGGER = logging.getLogger(__name__)

# Codes are a letter or a digit, reasons a few more; whatever is longer is somebody's prose.
_LONGEST_CODE = 10
# So many unknown codes are told of at most.
_MOST_UNKNOWN = 50
# Whoever sends nonsense may send a lot of it.
_COMPLAIN_AGAIN_S = 10.0


@frozen
class Control:
    """A message about the connection itself: `kind` is success, subscription or error."""

    kind: str
    text: str = ""
    code: int = 0


class Frames:
    """The messages about our own symbols; the others' are left out, as are trades and bars."""

    def __init__(
        self, instruments: Sequence[Instrument], feed: str, clock: Clock, redactor: Redactor
    ) -> None:
        self.dropped = 0
        self._instruments: Mapping[Symbol, Instrument] = {one.symbol: one for one in instruments}
        self._feed = feed
        self._clock = clock
        self._redactor = redactor
        self._unknown: set[str] = set()
        self._silent_until = float("-inf")

    def read(self, frame: str | bytes) -> Iterator[Tick | Control]:
        """What it says; a `StreamGap` where it may have told of a halt and cannot be read."""
        body = frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame
        try:
            rows = tuple(Node(ALPACA, parse(body)).rows())
        except (StrictJsonError, VendorGarbled) as error:
            yield self._lost(str(error))
            return
        for row in rows:
            try:
                said = self._said(row)
            except VendorGarbled as error:
                said = self._lost(error.problem)
            if said is not None:
                yield said

    def _said(self, row: Node) -> Tick | Control | None:
        match row["T"].text():
            case "q":
                return self._quote(row)
            case "s":
                return self._status(row)
            case "success" as kind:
                return Control(kind, row["msg"].text())
            case "subscription" as kind:
                return Control(kind)
            case "error" as kind:
                return Control(kind, code=row["code"].whole())
            case _:
                return None

    def _quote(self, row: Node) -> Quote | None:
        """A quote that cannot be believed is none: the next one comes soon."""
        try:
            instrument = self._instruments.get(Symbol(row["S"].text()))
            return None if instrument is None else self._believed(row, instrument)
        except (InvalidInput, VendorGarbled):
            self.dropped += 1
            return None

    def _believed(self, row: Node, instrument: Instrument) -> Quote | None:
        now = self._clock.now()
        bid, ask = side(row, "bp"), side(row, "ap")
        sides = [one for one in (bid, ask) if one is not None]
        if not sides:
            # Nobody quotes at the moment.
            return None
        return Quote(
            instrument.symbol,
            instrument.on_tick(sum(sides[1:], sides[0]) / len(sides)),
            _at(row, now),
            now,
            self._feed,
            bid,
            ask,
        )

    def _status(self, row: Node) -> Halt | None:
        symbol, code = Symbol(row["S"].text()), row["sc"].text()
        if symbol not in self._instruments:
            return None
        if not is_known(code):
            self._wonder(code)
        halted = stops_trading(code)
        if halted is None:
            return None
        reason = row.get("rc")
        text = self._redactor.clean(reason.text()) if reason else ""
        return Halt(symbol, halted, _at(row, self._clock.now()), text[:_LONGEST_CODE])

    def _wonder(self, code: str) -> None:
        shown = ascii(self._redactor.clean(code)[:_LONGEST_CODE])
        if shown not in self._unknown and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.add(shown)
            _LOGGER.warning("alpaca: the stream has a status code nobody knows: %s", shown)

    def _lost(self, problem: str) -> StreamGap:
        self.dropped += 1
        now = self._clock.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _COMPLAIN_AGAIN_S
            said = self._redactor.clean(problem)
            _LOGGER.warning("alpaca: a message of the stream cannot be read: %s", said)
        return StreamGap(self._clock.now())


def _at(row: Node, now: datetime) -> datetime:
    at = row["t"].moment_from_iso()
    if at > now + SKEW:
        raise VendorGarbled(row.source, f"{row.path} is from the future: {at.isoformat()}")
    return at
