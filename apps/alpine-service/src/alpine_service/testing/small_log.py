"""A small publisher for tests: a log of its own, signed, cosigned and served over real HTTP."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from aiohttp import ClientSession, ClientTimeout, web

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer
from alpine_service.domain.feed.add_checkpoint import write_add_checkpoint
from alpine_service.domain.feed.canonical import Members
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.cosignature import cosignature_line, cosignature_message
from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.note import write_line
from alpine_service.domain.feed.proof_file import write_proof_file
from alpine_service.domain.feed.verifier_key import Algorithm, VerifierKey
from alpine_service.testing.log_server import LogServer
from alpine_service.testing.small_record import SECOND_US, SmallRecord

NAME = "publisher.example/log"
SEED = b"\x01" * 32

_WITNESS_TIMEOUT = ClientTimeout(total=5)


class SmallLog:
    """An honest log. Entries are added at will, and public once `publish` has signed them.

    `async with` serves it on loopback at `url`. `cosigners` sign in place, `witness_urls` are
    asked with `add-checkpoint`. `api_keys` maps each key to its scopes, `read` or `realtime`;
    without any, everything may be had by everybody.
    """

    def __init__(
        self,
        *,
        name: str = NAME,
        seed: bytes = SEED,
        cosigners: Sequence[Ed25519Signer] = (),
        witness_urls: Sequence[str] = (),
        api_keys: Mapping[str, frozenset[str]] | None = None,
        heartbeat_s: float = 15.0,
    ) -> None:
        self.record = SmallRecord(name)
        self.signer = make_signer(name, seed, Algorithm.CHECKPOINT)
        self.cosigners = tuple(cosigners)
        self.witness_urls = tuple(witness_urls)
        self.api_keys = dict(api_keys or {})
        self.size = 0
        """How many entries are published."""

        self.checkpoint = self.sign(0)
        """The note that is published."""

        self.refusals: list[tuple[str, int, str]] = []
        """Witnesses that did not cosign: address, status and body."""

        self._stood: dict[str, int] = {}
        """The size that each witness cosigned last."""

        self.server = LogServer(self, heartbeat_s)

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def key(self) -> VerifierKey:
        """What readers pin."""
        return self.signer.verifier_key

    @property
    def url(self) -> str:
        """Where it is served, without a stroke at the end."""
        return self.server.url

    @property
    def entries(self) -> list[bytes]:
        """All entries, those that are not published yet included."""
        return self.record.entries

    def add(self, members: Members, strategy: str = "alpha", **common: str | int) -> Entry:
        """Take in an entry without publishing it."""
        return self.record.add(members, strategy, **common)

    async def append(self, *many: Members, strategy: str = "alpha") -> list[Entry]:
        """Take in entries and publish them."""
        entries = [self.add(members, strategy) for members in many]
        await self.publish()
        return entries

    async def commit(self, signal: Members, strategy: str = "alpha") -> Entry:
        """Commit to a signal, and publish the commit; its body can be had by whoever may."""
        entry = self.record.commit(signal, strategy)
        await self.publish()
        return entry

    async def reveal(self, commit_index: int) -> Entry:
        """Reveal what a commit is to, and publish that."""
        entry = self.record.reveal(commit_index)
        await self.publish()
        return entry

    async def publish(self) -> bytes:
        """Sign everything there is, have it cosigned, and show it; returns the checkpoint."""
        size = self.record.size
        checkpoint = self.sign(size)
        for url in self.witness_urls:
            checkpoint += (await self._ask(url, size, checkpoint)).encode()
        self.show(size, checkpoint)
        return checkpoint

    def show(self, size: int, checkpoint: bytes) -> None:
        """Publish a note, whatever it says, and wake the streams."""
        self.size, self.checkpoint = size, checkpoint
        self.server.wake()

    def sign(self, size: int, root: bytes | None = None) -> bytes:
        """A checkpoint by the log's key and the cosigners."""
        head = Head(self.name, size, self.record.root(size) if root is None else root)
        text = head.text()
        note = f"{text}\n{write_line(self.key, self.signer.sign(text.encode()))}"
        time_s = self.record.now_us // SECOND_US
        for cosigner in self.cosigners:
            signature = cosigner.sign(cosignature_message(time_s, text))
            note += cosignature_line(cosigner.verifier_key, time_s, signature)
        return note.encode()

    def proof_file(self, index: int) -> bytes:
        """The file that proves a published entry."""
        return write_proof_file(index, self.record.inclusion(index, self.size), self.checkpoint)

    async def _ask(self, url: str, size: int, checkpoint: bytes) -> str:
        """The lines of a witness, none if it refuses; who stands elsewhere is asked once more."""
        known = self._stood.get(url, 0)
        proof = self.record.consistency(known, size) if 0 < known <= size else ()
        status, body, kind = await self._post(url, known, proof, checkpoint)
        if status == web.HTTPConflict.status_code and kind == "text/x.tlog.size":
            old_size = int(body)
            proof = self.record.consistency(old_size, size) if old_size <= size else ()
            status, body, _ = await self._post(url, old_size, proof, checkpoint)
        if status == web.HTTPOk.status_code:
            self._stood[url] = size
            return body
        self.refusals.append((url, status, body))
        return ""

    async def _post(
        self, url: str, old_size: int, proof: tuple[bytes, ...], checkpoint: bytes
    ) -> tuple[int, str, str]:
        request = write_add_checkpoint(old_size, proof, checkpoint)
        async with (
            ClientSession(timeout=_WITNESS_TIMEOUT) as session,
            session.post(f"{url}/add-checkpoint", data=request) as response,
        ):
            return response.status, await response.text(), response.content_type

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.server.stop()
