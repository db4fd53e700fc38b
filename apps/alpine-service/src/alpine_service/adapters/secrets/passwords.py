"""Passwords by argon2id, in two threads of their own."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from attrs import frozen

from alpine_service.errors import TooMany
from alpine_service.ports.outside import Chance

T = TypeVar("T")


@frozen
class HashPolicy:
    """How dear a hash is, and how many are made.

    OWASP's Password Storage Cheat Sheet asks for at least 19 MiB and two passes. This is 24 MiB and
    three passes, 1.9 times that, for about 60 ms of a slow core: just below 32 MiB, from where on
    the C library gets memory from the system anew each time, at more cost than a third pass.
    `at_once` bounds memory and leaves a core to others, `waiting` and `patience_s` bound the queue.
    """

    memory_kib: int = 24 * 1024
    passes: int = 3
    lanes: int = 1
    at_once: int = 2
    waiting: int = 32
    patience_s: float = 5.0


_SALT_BYTES = 16
_HASH_BYTES = 32


class Argon2Passwords:
    """Keeps the port `Passwords`; `close` ends its threads."""

    def __init__(self, chance: Chance, policy: HashPolicy = HashPolicy()) -> None:
        self._policy = policy
        self._chance = chance
        self._hasher = PasswordHasher(
            time_cost=policy.passes,
            memory_cost=policy.memory_kib,
            parallelism=policy.lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
            type=Type.ID,
        )
        self._nobody = self._hash_of_nothing()
        self._threads = ThreadPoolExecutor(policy.at_once, thread_name_prefix="passwords")
        self._under_way = 0

    def close(self) -> None:
        """Nothing new is begun; what runs ends within a moment and is waited for by nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        salt = self._chance.draw(_SALT_BYTES)
        return await self._run(partial(self._hasher.hash, _bytes(password), salt=salt))

    async def verify(self, hashed: str | None, password: str) -> bool:
        return await self._run(partial(self._verify, hashed, _bytes(password)))

    def is_outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str | None, password: bytes) -> bool:
        try:
            # Nobody's hash was made of no password, so it costs the same and never fits.
            return self._hasher.verify(hashed or self._nobody, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            # A damaged hash opens nothing.
            return False

    async def _run(self, work: "partial[T]") -> T:
        # Those under way are counted, not only those that run: a queue without end is a way to
        # make everybody wait.
        if self._under_way >= self._policy.at_once + self._policy.waiting:
            raise TooMany("sign-ins at once", self._policy.patience_s)
        self._under_way += 1
        try:
            async with asyncio.timeout(self._policy.patience_s):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise TooMany("sign-ins at once", self._policy.patience_s) from error
        finally:
            self._under_way -= 1

    def _hash_of_nothing(self) -> str:
        policy = self._policy
        salt, digest = (_plain64(self._chance.draw(each)) for each in (_SALT_BYTES, _HASH_BYTES))
        work = f"m={policy.memory_kib},t={policy.passes},p={policy.lanes}"
        return f"$argon2id$v=19${work}${salt}${digest}"


def _bytes(password: str) -> bytes:
    return password.encode()


def _plain64(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()
