"""A publisher at work: its log grows all the time, and a witness is asked at every checkpoint."""

import asyncio
from random import Random

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from attrs import Factory, define

from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.domain.feed.add_checkpoint import write_add_checkpoint
from alpine_service.domain.feed.canonical import decode
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.testing.members import (
    correct_members,
    outcome_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.small_log import SmallLog

OPEN, DELAYED = "alpha", "sealed"
SIZE = "text/x.tlog.size"
_PATIENCE = ClientTimeout(total=2)
_SYMBOLS = ("AAPL", "MSFT", "BTC/USD")
_MOST_AT_ONCE = 6
_PAUSE_S = 0.06


def secret_word(number: int) -> str:
    """What stands in the id of a sealed signal, and nowhere else before its reveal."""
    return f"hush-{number}-hush"


@define(eq=False)
class Publisher:
    """Publishes for ever. What a witness said is remembered, and must never be taken back."""

    log: SmallLog
    witness_url: str
    chance: Random
    witness: VerifierKey | None = None
    """Once it is known, cosignatures are verified and counted."""

    cosigned: list[Head] = Factory(list)
    """What was cosigned, in the order of the answers."""

    stood: list[int] = Factory(list)
    """Where the witness said that it stood."""

    revealed: dict[int, float] = Factory(dict)
    """The numbers of sealed signals that were revealed, and when, by the loop's clock."""

    published: asyncio.Event = Factory(asyncio.Event)
    _secrets: dict[int, int] = Factory(dict)
    _open: list[Entry] = Factory(list)
    _number: int = 0
    _turn: asyncio.Lock = Factory(asyncio.Lock)

    def begin(self) -> None:
        """Register both strategies."""
        self.log.add(strategy_members("open"), OPEN)
        self.log.add(strategy_members("delayed"), DELAYED)
        self.log.show(self.log.record.size, self.log.sign(self.log.record.size))

    async def run(self) -> None:
        """Publish until cancelled."""
        async with ClientSession(timeout=_PATIENCE) as session:
            while True:
                async with self._turn:
                    for _ in range(self.chance.randint(1, _MOST_AT_ONCE)):
                        self._speak()
                    await self._publish(session)
                self.published.set()
                await asyncio.sleep(_PAUSE_S)  # noqa: TID251 - it works beside real processes

    async def rest(self) -> None:
        """Stop publishing until `go_on`."""
        await self._turn.acquire()

    def go_on(self) -> None:
        """Publish again."""
        self._turn.release()

    async def reveal_all(self) -> None:
        """Reveal whatever is sealed; for a publisher at rest."""
        for index in list(self._secrets):
            self._reveal(index)
        async with ClientSession(timeout=_PATIENCE) as session:
            await self._publish(session)

    async def ask(
        self, session: ClientSession, old_size: int, proof: tuple[bytes, ...], checkpoint: bytes
    ) -> tuple[int, str, str]:
        """The witness's answer: status, body and its type."""
        request = write_add_checkpoint(old_size, proof, checkpoint)
        async with session.post(f"{self.witness_url}/add-checkpoint", data=request) as response:
            return response.status, await response.text(), response.content_type

    def _speak(self) -> None:
        self._number += 1
        number, record = self._number, self.log.record
        symbol = self.chance.choice(_SYMBOLS)
        match self.chance.randrange(12):
            case 0 | 1 | 2 | 3:
                members = signal_members(f"open-{number}", symbol)
                self._open.append(self.log.add(members, OPEN))
            case 4 | 5 | 6:
                commit = record.commit(signal_members(secret_word(number), symbol), DELAYED)
                self._secrets[commit.index] = number
            case 7 | 8 if self._secrets:
                self._reveal(self.chance.choice(list(self._secrets)))
            case 9 if self._secrets:
                # What became of a sealed signal says what it was.
                index = next(iter(self._secrets))
                body = decode(record.sealed[index].body)
                trade = trade_members(f"order-{secret_word(self._secrets[index])}", symbol)
                self.log.add({**trade, "signal_index": index, "symbol": body["symbol"]}, DELAYED)
            case 10 if self._open:
                signal = self._open.pop(0)
                self.log.add(outcome_members(signal.index, signal.members), OPEN)
            case _:
                self.log.add(correct_members(0, f"note {number}"), OPEN)

    def _reveal(self, index: int) -> None:
        # Before it can be seen anywhere.
        self.revealed[self._secrets.pop(index)] = asyncio.get_running_loop().time()
        self.log.record.reveal(index)

    async def _publish(self, session: ClientSession) -> None:
        size = self.log.record.size
        checkpoint = self.log.sign(size)
        line = await self._cosignature(session, size, checkpoint)
        self.log.show(size, checkpoint + line.encode())

    async def _cosignature(self, session: ClientSession, size: int, checkpoint: bytes) -> str:
        """The witness's line, or nothing if it does not answer."""
        stood = self.stood[-1] if self.stood else 0
        try:
            for _ in range(2):
                proof = self.log.record.consistency(stood, size)
                status, body, kind = await self.ask(session, stood, proof, checkpoint)
                if status == web.HTTPOk.status_code:
                    self._remember(checkpoint, body)
                    return body
                if status != web.HTTPConflict.status_code or kind != SIZE:
                    return ""
                self.stood.append(int(body))
                stood = int(body)
        except (ClientError, TimeoutError):
            return ""
        return ""

    def _remember(self, checkpoint: bytes, line: str) -> None:
        assert self.witness is not None, "name the witness first"  # noqa: S101 - this is for tests
        policy = Policy(self.log.key, (self.witness,), quorum=1)
        seen = read_witnessed(checkpoint + line.encode(), policy, verify_ed25519)
        assert seen.is_met, "the witness's answer is no cosignature"  # noqa: S101 - this is for tests
        self.cosigned.append(seen.head)
        self.stood.append(seen.head.size)
