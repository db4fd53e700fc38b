"""The API keys as the running service knows them: in memory, a second behind the file."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime

from argo_core.errors import ArgoError
from argo_core.ports import Clock
from argo_service.api.errors import Forbidden, Unauthenticated
from argo_service.api_keys import ApiKey, ApiKeyFile, Scope, key_id

REFRESH_S = 1.0
_LOGGER = logging.getLogger("argo.keys")
_BEARER = "bearer "


class Keyring:
    """Checks presented keys. While no key was ever made, everybody on this machine is admitted."""

    def __init__(self, file: ApiKeyFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._keys: dict[str, ApiKey] = {}
        self._used: dict[str, datetime] = {}

    @property
    def is_open(self) -> bool:
        """Whether no key was ever made; revoking the last one does not open the door again."""
        return not self._keys

    def admit(self, authorization: str | None, scope: Scope) -> ApiKey | None:
        """The key in an Authorization header, None while the door is open.

        Raises:
            Unauthenticated: there is none, or it is unknown, revoked or expired.
            Forbidden: it lacks the scope.
        """
        if self.is_open:
            return None
        if authorization is None or not authorization.lower().startswith(_BEARER):
            raise Unauthenticated("send the header Authorization: Bearer <API key>")
        presented = authorization[len(_BEARER) :].strip()
        key = self._keys.get(key_id(presented) or "")
        now = self._clock.now()
        if key is None or not key.matches(presented) or not key.is_alive(now):
            raise Unauthenticated("the API key is unknown, revoked or expired")
        if not key.may(scope):
            raise Forbidden(f"the API key lacks the scope {scope.value!r}")
        self._used[key.id] = now
        return key

    def still_admits(self, key: ApiKey | None) -> bool:
        """Whether what `admit` let in, a while ago, would be let in now."""
        if key is None:
            return self.is_open
        known = self._keys.get(key.id)
        return known is not None and known.is_alive(self._clock.now())

    async def refresh(self) -> None:
        """Read the file again, and write down which keys were used."""
        used, self._used = self._used, {}
        if used:
            await asyncio.to_thread(self._file.used, used)
        found = await asyncio.to_thread(self._file.all)
        # A file that vanished must not open the door.
        self._keys = {key.id: key for key in found} or self._keys

    async def keep_fresh(self) -> None:
        """Refresh until cancelled; a file that cannot be read leaves the keys as they were."""
        while True:
            await self._clock.sleep(REFRESH_S)
            try:
                await self.refresh()
            except ArgoError as error:
                _LOGGER.warning("%s", error)

    async def close(self) -> None:
        """Write down the last uses."""
        with suppress(ArgoError):
            await self.refresh()
