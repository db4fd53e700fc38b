"""Which data sets there are, by name, and how many bars they may hold at most."""

from datetime import date
from difflib import get_close_matches
from pathlib import Path

from attrs import frozen

from argo_adapters.tapes.file import shipped_names
from argo_core.errors import InvalidInput
from argo_service.backtesting.request import Asked


@frozen(kw_only=True)
class Dataset:
    """Bars under a name: at most `bars`, absent ones included. `stamp` changes when they do."""

    name: str
    kind: str
    stamp: str
    bars: int
    path: Path | None = None
    symbols: int | None = None
    start: date | None = None
    end: date | None = None

    def estimate(self, asked: Asked) -> int:
        """How many bars that would be at most, before any is read."""
        bars = self.bars
        if self.symbols and asked.symbols:
            bars = min(bars, -(-bars * len(asked.symbols) // self.symbols))
        return bars


@frozen
class Catalogue:
    """What is shipped, and what lies in `folder` if there is one. Its methods block."""

    folder: Path | None = None

    @property
    def folder_text(self) -> str | None:
        return None if self.folder is None else str(self.folder.absolute())

    def all(self) -> tuple[Dataset, ...]:
        """Every data set by name."""
        return tuple(Dataset(name=name, kind="tape", stamp=name, bars=0) for name in shipped_names())

    def find(self, name: str) -> Dataset:
        """The data set of that name.

        Raises:
            InvalidInput: there is none.
        """
        known = {one.name: one for one in self.all()}
        if name not in known:
            close = get_close_matches(name, known, n=1) or sorted(known)[:5]
            fix = f"give one that is listed, such as {' or '.join(close)}"
            raise InvalidInput("dataset", f"there is no {name[:40]!r}", fix)
        return known[name]
