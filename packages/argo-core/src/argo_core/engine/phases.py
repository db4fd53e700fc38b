"""Which markets are open."""

from collections.abc import Mapping
from datetime import datetime

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.session import Phase
from argo_core.ports import Calendar


def phases_at(
    instruments: Mapping[Symbol, Instrument], calendar: Calendar, at: datetime
) -> Mapping[Symbol, Phase]:
    """The phase of every instrument at that moment."""
    return {symbol: _phase(one, calendar, at) for symbol, one in instruments.items()}


def _phase(one: Instrument, calendar: Calendar, at: datetime) -> Phase:
    """Past the session table nobody can say that a market is open, so it counts as closed."""
    try:
        return calendar.phase(one, at)
    except InvalidInput:
        return Phase.CLOSED
