"""Where the paper broker keeps its books: a small SQLite file, a row for each thing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from sqlite_utils import Database

from argo_core.codec.exact import EXACT
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import CashFlow, Split
from argo_core.trading.paper.order import PaperOrder
from argo_core.trading.paper.state import PaperMoney, PaperState
from argo_core.trading.position import Position

V = TypeVar("V")

APPLICATION_ID = 0x41726770  # "Argp"
MONEY, ORDER, POSITION, QUOTE = "money", "order", "position", "quote"
FLOW, SPLIT = "flow", "split"

_READ = "SELECT key, body FROM paper WHERE kind = ? ORDER BY number, key"
_WRITE = """
INSERT INTO paper (kind, key, number, body) VALUES (?, ?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body
"""

Row = tuple[str, str, int, bytes]


class PaperFile:
    """Used by one thread, and by one process: a second one that opens the file is refused."""

    def __init__(self, path: Path, busy_s: float) -> None:
        address = f"file:{quote(str(path.absolute()))}?mode=rwc"
        connection = sqlite3.connect(address, uri=True, timeout=busy_s, check_same_thread=False)
        # Plugins that happen to be installed have no business in somebody's books.
        self._db = Database(connection, execute_plugins=False)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def read(self) -> PaperState | None:
        """What was kept, None where there is no account yet.

        Raises:
            sqlite3.Error: it cannot be read, or is not what this program wrote.
        """
        try:
            return self._state()
        except sqlite3.Error:
            raise
        except Exception as error:
            # Whatever half a write or another program may have left, it is no account of ours.
            problem = f"{type(error).__name__}: {error}"[:200]
            raise sqlite3.DatabaseError(f"not written by this program: {problem}") from error

    def write(self, changes: PaperState) -> None:
        """Lay these over what is kept, all or nothing, on the disk when this returns.

        Raises:
            sqlite3.Error: nothing was written, or, at worst, all of it.
        """
        with self._db.atomic():
            self._db.conn.executemany(_WRITE, list(_rows_of(changes)))

    def _state(self) -> PaperState | None:
        money = dict(self._rows(MONEY, PaperMoney))
        if not money:
            return None
        return PaperState(
            money[MONEY],
            dict(self._rows(ORDER, PaperOrder)),
            {Symbol(key): one for key, one in self._rows(POSITION, Position)},
            {Symbol(key): one for key, one in self._rows(QUOTE, Quote)},
            tuple(one for _, one in self._rows(FLOW, CashFlow)),
            frozenset(one for _, one in self._rows(SPLIT, Split)),
        )

    def _rows(self, kind: str, cls: type[V]) -> Iterator[tuple[str, V]]:
        for key, body in self._db.execute(_READ, [kind]).fetchall():
            yield key, EXACT.structure(orjson.loads(body), cls)

    def _prepare(self) -> None:
        db = self._db
        (application,) = db.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID and (application or db.table_names()):
            problem = "this database belongs to another program; choose another file"
            raise sqlite3.DatabaseError(problem)
        # Held until it is closed: two brokers of one account would fill the same orders.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.enable_wal()
        db.execute("PRAGMA synchronous = FULL")
        with db.atomic():
            columns = {"kind": str, "key": str, "number": int, "body": bytes}
            table = db.table("paper")
            table.create(columns, pk=("kind", "key"), not_null=columns, if_not_exists=True)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _rows_of(changes: PaperState) -> Iterator[Row]:
    yield _row(MONEY, MONEY, 0, changes.money)
    for id_, order in changes.orders.items():
        yield _row(ORDER, id_, order.number, order)
    for symbol, position in changes.positions.items():
        yield _row(POSITION, symbol, 0, position)
    for symbol, price in changes.quotes.items():
        yield _row(QUOTE, symbol, 0, price)
    for flow in changes.flows:
        yield _row(FLOW, flow.id, int(flow.id.rpartition("-")[2]), flow)
    for split in changes.splits:
        key = f"{split.symbol}|{split.at.isoformat()}|{split.new}|{split.old}"
        yield _row(SPLIT, key, 0, split)


def _row(kind: str, key: str, number: int, value: Any) -> Row:
    return kind, key, number, orjson.dumps(EXACT.unstructure(value))
