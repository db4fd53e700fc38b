"""What whoever trades is shown after each cycle."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.signals.signal import Signal


@frozen
class Seen:
    """What one cycle left behind; it does not change any more.

    `signals` are those that the log took since the last time, with the indices at which it has
    them, oldest first; sealed ones too. `quotes` are the newest prices, and `seconds` the newest of
    any other feed than the one that gave the quote, of symbols where there is one.
    """

    at: datetime
    signals: tuple[tuple[int, Signal], ...]
    quotes: Mapping[Symbol, Quote]
    seconds: Mapping[Symbol, Quote]
    phases: Mapping[Symbol, Phase]
