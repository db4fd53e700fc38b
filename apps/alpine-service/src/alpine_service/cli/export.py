"""Write all that was verified as the static files of the log's protocol, for anybody to serve.

Entries, tiles and checkpoint are checked against each other and the pinned key while they are
written; the checkpoint comes last, so that a folder with one is whole. Files never change, so that
the same folder can be written again when the log has grown.
"""

import argparse
import asyncio
from pathlib import Path

from attrs import define

from alpine_service.adapters.postgres.entry_range import EntryRange
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.cli.arguments import add_json
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json
from alpine_service.domain.feed.checkpoint import Head, read_checkpoint
from alpine_service.domain.feed.note import LARGEST_NOTE
from alpine_service.errors import InvalidInput, Malformed, Refuted
from alpine_service.services.static_log import CHECKPOINT, StaticLog
from alpine_service.settings import Settings
from alpine_service.wiring.keys import pinned_log
from alpine_service.wiring.offline import offline


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", help="where to write; made if it is not there")
    add_json(command)
    command.set_defaults(run=run)


def run(given: argparse.Namespace, settings: Settings) -> int:
    written = asyncio.run(_export(settings, _Folder(Path(given.folder))))
    head = written.head
    if given.json:
        root = head.root.hex() if head else None
        size = head.size if head else 0
        say_json({"files": written.files, "new": written.new, "size": size, "root": root})
    elif head is not None:
        say(f"{given.folder}: {head.size} entries of {head.origin}, root {head.root.hex()}")
        say(f"{written.files} files, {written.new} of them new")
    return Exit.DONE


async def _export(settings: Settings, folder: "_Folder") -> "_Folder":
    key = pinned_log(settings)
    async with offline(settings) as ground:
        entries = EntryRange(ground.database).between
        log = StaticLog(PostgresFeed(ground.database), entries, key, verify_ed25519)
        async for path, data in log.files():
            await asyncio.to_thread(folder.write, path, data)
    return folder


@define
class _Folder:
    """The folder that is written to, and what was."""

    place: Path
    files: int = 0
    new: int = 0
    head: Head | None = None

    def write(self, path: str, data: bytes) -> None:
        """Write a file that is not there; one that is has to be the same.

        Raises:
            InvalidInput: the folder cannot be written to.
            Refuted: there is something else.
        """
        target = self.place / path
        try:
            known = _read(target, max(len(data), LARGEST_NOTE))
            if path == CHECKPOINT:
                self.head = self._later(known, data)
            elif known not in {None, data}:
                raise Refuted("other-file", f"{target}: another log's, or altered; not overwritten")
            self.files += 1
            if known == data:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            half = target.with_name(f"{target.name}.half")
            half.write_bytes(data)
            half.replace(target)
            self.new += 1
        except OSError as error:
            problem = f"{target}: {error.strerror}"
            raise InvalidInput("folder", problem, "name one that can be written to") from error

    def _later(self, known: bytes | None, data: bytes) -> Head:
        """What the new checkpoint says, which must not be older than the one that is there."""
        head = read_checkpoint(data).head
        if known is None:
            return head
        try:
            old = read_checkpoint(known).head
        except Malformed as error:
            raise Refuted("other-file", f"{self.place}: its checkpoint is none") from error
        if old.origin != head.origin or old.size > head.size:
            problem = f"{self.place}: it has {old.size} entries of {old.origin} already"
            raise Refuted("other-file", problem)
        return head


def _read(path: Path, most: int) -> bytes | None:
    """What is there, up to more than can be meant."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        return None
