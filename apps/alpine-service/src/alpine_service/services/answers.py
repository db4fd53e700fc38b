"""Repeated requests: the answer of the first is given again for a day.

Answers are sealed by the vault, because some show a secret once, such as a new API key: a copy of
the database opens nothing. Whoever repeats the request with the same key has the same session or
API key as before, and asked for the secret in the first place.
"""

from datetime import timedelta

import orjson
from attrs import frozen

from alpine_service.domain.delivery.kept_answer import KeptAnswer
from alpine_service.errors import Conflict, KeyUsed
from alpine_service.ports.answers import AnswerStore, Asker
from alpine_service.ports.outside import Clock, Vault

KEPT = timedelta(hours=24)
# Longer than any request may take. After a crash the key is refused for so long, and free then:
# what the first request did by then can be seen, and what it would do again is harmless.
TAKEN = timedelta(seconds=60)
_HEAD_END = b"\n"


@frozen
class Answers:
    """Keeps answers by account, route and Idempotency-Key."""

    store: AnswerStore
    vault: Vault
    clock: Clock

    async def begin(self, owner: str, route: str, key: str, request: bytes) -> KeptAnswer | None:
        """The answer that was given before; None means: do it now, then `finish` or `forget`.

        `request` is the SHA-256 of its body.

        Raises:
            Conflict: it is being worked on, or was and broke off a moment ago.
            KeyUsed: the key came with another body before.
        """
        now = self.clock.now()
        earlier = await self.store.begin(Asker(owner, route, key), request, now, now + TAKEN)
        if earlier is None:
            return None
        if earlier.request_sha256 != request:
            raise KeyUsed("the Idempotency-Key came with another request before")
        if earlier.answer is None:
            raise Conflict("a request with this Idempotency-Key is under way, or broke off")
        return _read(self.vault.unseal(earlier.answer, _purpose(owner, route, key)))

    async def finish(self, owner: str, route: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer for a day."""
        sealed = self.vault.seal(_write(answer), _purpose(owner, route, key))
        await self.store.finish(Asker(owner, route, key), sealed, self.clock.now() + KEPT)

    async def forget(self, owner: str, route: str, key: str) -> None:
        """Nothing was done, so that the key is free again."""
        await self.store.forget(Asker(owner, route, key))


def _purpose(owner: str, route: str, key: str) -> str:
    """What is sealed for one is of no use in another's row."""
    return f"idempotency {owner} {route} {key}"


def _write(answer: KeptAnswer) -> bytes:
    head = orjson.dumps([answer.status, answer.content_type])
    return head + _HEAD_END + answer.body


def _read(data: bytes) -> KeptAnswer:
    head, _, body = data.partition(_HEAD_END)
    status, content_type = orjson.loads(head)
    return KeptAnswer(status, content_type, body)
