"""The yfinance library, asked in one thread of its own.

It is synchronous, keeps a process-wide session and cannot be interrupted. So there is one worker,
one ask at a time, and an ask that was given up goes on until the library lets go of it; until then
the next one is turned away.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from typing import Any

from argo_adapters.vendors.yfinance.fetched import (
    YFINANCE,
    Fetched,
    LastClose,
    blocked,
)
from argo_core.errors import VendorGarbled, VendorRefused, VendorUnavailable
from argo_core.ports import Turnstile
from argo_core.resilience.queue import Urgency

REQUEST_TIMEOUT_S = 5
"""The library's own limit for each of its requests, in seconds."""

WAIT_S = 5.0
"""How long an ask may wait for the limit."""

Download = Callable[[Sequence[str]], Fetched]


class LibraryBars:
    """A way to fetch bars; call it like a function. `download` is what runs in the thread.

    All its requests pass the turnstile as one call, because nobody can stop between them.
    """

    def __init__(self, download: Download, *, turnstile: Turnstile) -> None:
        self._download = download
        self._turnstile = turnstile
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="yfinance")
        self._busy = False

    async def __call__(self, tickers: Sequence[str]) -> Fetched:
        """The newest minute bar of each ticker.

        Raises:
            VendorUnavailable: the ask before is still under way; nothing was sent.
            VendorError: whatever went wrong in the library, translated.
        """
        if self._busy:
            raise VendorUnavailable(YFINANCE, "the ask before is still under way", calls=0)
        self._busy = True
        work: Future[Fetched] | None = None
        try:
            async with self._turnstile.call(Urgency.INTERACTIVE, WAIT_S):
                work = self._worker.submit(self._download, tuple(tickers))
                work.add_done_callback(self._let_go)
                return await asyncio.wrap_future(work)
        finally:
            # Once it has begun, only the library lets go of it.
            if work is None:
                self._busy = False

    def close(self) -> None:
        """Take no more asks; one that is under way ends by itself."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _let_go(self, work: "Future[Fetched]") -> None:
        self._busy = False


def library_download(session: object = None, cache: Path | None = None) -> Download:
    """Asks the real library, which is imported at the first ask.

    `session` replaces its HTTP session; `cache` is a writable folder for what it remembers.
    """

    def download(tickers: Sequence[str]) -> Fetched:
        library = _library()
        if cache is not None:
            library.set_tz_cache_location(str(cache))
        closes: dict[str, LastClose] = {}
        problems: dict[str, str] = {}
        for number, ticker in enumerate(tickers, start=1):
            try:
                close = _last_close(library, ticker, session)
            except library.exceptions.YFRateLimitError as error:
                raise blocked(number) from error
            except VendorGarbled as error:
                problems[ticker] = error.problem
            except Exception as error:  # noqa: BLE001 - its transports raise classes of their own
                problems[ticker] = f"the library failed: {type(error).__name__}"
            else:
                if close is None:
                    problems[ticker] = "no bars"
                else:
                    closes[ticker] = close
        if not closes:
            # The library hides most of its failures, so nothing at all is taken for one.
            problem = f"no bars of any symbol ({next(iter(problems.values()), 'none asked')})"
            raise VendorUnavailable(YFINANCE, problem, calls=len(tickers))
        return Fetched(closes, problems, len(tickers))

    return download


def _library() -> Any:
    try:
        # An extra that brings pandas, half a second and a hundred megabytes.
        import yfinance  # type: ignore[import-not-found] # noqa: PLC0415 - an extra, seldom here
    except ImportError as error:
        problem = "the library is not installed; install argo-adapters[yfinance]"
        raise VendorRefused(YFINANCE, problem, calls=0) from error
    return yfinance


def _last_close(library: Any, ticker: str, session: object) -> LastClose | None:
    frame = library.Ticker(ticker, session=session).history(
        period="1d", interval="1m", auto_adjust=False, actions=False, timeout=REQUEST_TIMEOUT_S
    )
    closes = frame["Close"].dropna() if "Close" in frame else frame
    if not len(closes):
        return None
    start = closes.index[-1]
    if start.tzinfo is None:
        raise VendorGarbled(YFINANCE, f"{ticker}: the time has no zone")
    return LastClose(float(closes.iloc[-1]), start.tz_convert(UTC).to_pydatetime())
