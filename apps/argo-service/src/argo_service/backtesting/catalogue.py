"""Which data sets there are, by name, and how many bars they may hold at most."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Final

from attrs import define, field, frozen

from argo_adapters.tapes.file import shipped_names
from argo_core.errors import InvalidInput
from argo_service.backtesting.dataset import Dataset, Kind, shipped_dataset
from argo_service.backtesting.request import NAME_OF_DATASET

_SUFFIXES: Final = (".parquet", ".pq")


@frozen
class _Listed:
    """What lay in a folder while its files were as `seen`."""

    seen: tuple[tuple[str, int, int], ...]
    datasets: tuple[Dataset, ...]


@define
class Catalogue:
    """What is shipped, and what lies in `folder` if there is one. Its methods block.

    Names come from outside, paths never do: a name is looked for among those that were listed.
    """

    folder: Path | None = None
    _listed: _Listed | None = field(default=None, init=False, repr=False)
    _lock: Lock = field(factory=Lock, init=False, repr=False, eq=False)

    @property
    def folder_text(self) -> str | None:
        return None if self.folder is None else str(self.folder.absolute())

    def all(self) -> tuple[Dataset, ...]:
        """Every data set by name; in the folder those in Parquet whose names can be asked for.

        Raises:
            InvalidInput: the folder is not there, or cannot be listed.
        """
        there = self._in_folder()
        found = {one.name: one for one in there if NAME_OF_DATASET.fullmatch(one.name)}
        found |= {name: _shipped(name) for name in shipped_names()}
        return tuple(found[name] for name in sorted(found))

    def find(self, name: str) -> Dataset:
        """The data set of that name.

        Raises:
            InvalidInput: there is none.
        """
        if name in shipped_names():
            return _shipped(name)
        known = {one.name: one for one in self.all()}
        if name not in known:
            close = get_close_matches(name, known, n=1) or sorted(known)[:5]
            fix = f"give one that is listed, such as {' or '.join(close)}"
            raise InvalidInput("dataset", f"there is no {name[:40]!r}", fix)
        return known[name]

    def _in_folder(self) -> Iterable[Dataset]:
        if self.folder is None:
            return ()
        # Whole files are hashed, so that is done once while they stay as they are.
        with self._lock:
            try:
                seen = _seen(self.folder)
                if self._listed is None or self._listed.seen != seen:
                    self._listed = _Listed(seen, _listing(self.folder))
            except OSError as error:
                fix = "let the service read backtest.folder"
                raise InvalidInput("dataset", "the folder cannot be read", fix) from error
            return self._listed.datasets


def _listing(folder: Path) -> tuple[Dataset, ...]:
    # Parquet needs a library that comes as an extra and is slow to load.
    from argo_adapters.bars.listing import datasets  # noqa: PLC0415 - see above

    return tuple(
        Dataset(
            name=one.name,
            kind=Kind.PARQUET,
            path=one.path,
            stamp=one.sha256,
            symbols=len(one.symbols),
            times=one.times,
            start=one.first,
            end=one.last,
            daily=one.daily,
        )
        for one in datasets(folder).datasets
    )


def _seen(folder: Path) -> tuple[tuple[str, int, int], ...]:
    every = (*folder.glob("*"), *folder.glob("*/*"))
    files = sorted(one for one in every if one.suffix.lower() in _SUFFIXES)
    # Links are not followed: one that leads nowhere hides nothing else.
    stats = [(str(one), one.lstat()) for one in files]
    return tuple((name, each.st_size, each.st_mtime_ns) for name, each in stats)


@lru_cache
def _shipped(name: str) -> Dataset:
    return shipped_dataset(name)
