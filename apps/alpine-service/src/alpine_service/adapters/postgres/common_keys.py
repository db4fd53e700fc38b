"""Whether this process has the keys that all processes on one database must have in common.

Two folders with keys of their own would be two witnesses of one name, and secrets that only one of
two processes can open. So the first start leaves a proof of its keys in the database, and every
later one is compared with it.
"""

from hashlib import sha256

from attrs import field, frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.errors import DatabaseRefused, InvalidSetting
from alpine_service.ports.outside import Vault

_SETTING = "ALPINE_FOLDER"
_VAULT = "vault"
_WORD = b"opened"
_FIRST = "INSERT INTO common_keys (name, proof) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_FOUND = "SELECT proof FROM common_keys WHERE name = $1"
_AGAIN = "UPDATE common_keys SET proof = $2 WHERE name = $1"


@frozen
class CommonKeys:
    """Compares the keys of this process with the others'."""

    _database: Database
    _vault: Vault = field(repr=False)

    async def check(self, witness: str, key: str) -> None:
        """Compare the vault's keys, and the key of the witness of that name.

        Raises:
            InvalidSetting: they are not the others'.
            DatabaseAway, DatabaseRefused: nobody knows.
        """
        await self._check_vault()
        found = await self._proof(f"witness {witness}", sha256(key.encode()).digest())
        if found != sha256(key.encode()).digest():
            problem = f"witness.key is not the key that {witness} has in this database"
            fix = "put the other process's witness.key there; for a new key take a new name"
            raise InvalidSetting(_SETTING, problem, fix)

    async def _check_vault(self) -> None:
        sealed = self._vault.seal(_WORD, _VAULT)
        try:
            self._vault.unseal(await self._proof(_VAULT, sealed), _VAULT)
        except DatabaseRefused as error:
            problem = "vault.keys lacks the key that this database's secrets are sealed with"
            fix = "put the other process's vault.keys there, or restore it from a copy"
            raise InvalidSetting(_SETTING, problem, fix) from error
        # With the newest key, so that an older one may go once nothing else needs it.
        await self._database.execute(_AGAIN, _VAULT, sealed)

    async def _proof(self, name: str, ours: bytes) -> bytes:
        await self._database.execute(_FIRST, name, ours)
        return bytes(await self._database.fetchval(_FOUND, name))
