"""Everything Argo needs from outside, each method with the promise a fake also keeps.

Do not inherit from these; mypy checks conformance where the parts are wired, and the contracts in
`argo_core.testing` check the promises. This is the one vocabulary of all who plug in, so its words
are public here; which module has them is nobody's concern outside.
"""

from argo_core.ports.answers import Answer, Missing
from argo_core.ports.clock import Clock
from argo_core.ports.market import Calendar, History, Liquidity, MarketStream, Quotes
from argo_core.ports.opinions import OpinionSource, Reasoner
from argo_core.ports.publisher import PublisherLease
from argo_core.ports.record import SignalIndex, SignalLog, Signer, Witness
from argo_core.ports.secrets import Secrets
from argo_core.ports.shared import (
    Cache,
    FlightLocks,
    SharedBreaker,
    SharedLimits,
    SharedPermit,
    SpendingBook,
)
from argo_core.ports.trading import Broker, TradingJournal
from argo_core.ports.turnstile import Passage, Turnstile
from argo_core.ports.watching import Observer, Span, Tracer
from argo_core.ports.workers import StepWorkers

__all__ = [
    "Answer",
    "Broker",
    "Cache",
    "Calendar",
    "Clock",
    "FlightLocks",
    "History",
    "Liquidity",
    "MarketStream",
    "Missing",
    "Observer",
    "OpinionSource",
    "Passage",
    "PublisherLease",
    "Quotes",
    "Reasoner",
    "Secrets",
    "SharedBreaker",
    "SharedLimits",
    "SharedPermit",
    "SignalIndex",
    "SignalLog",
    "Signer",
    "Span",
    "SpendingBook",
    "StepWorkers",
    "Tracer",
    "TradingJournal",
    "Turnstile",
    "Witness",
]
