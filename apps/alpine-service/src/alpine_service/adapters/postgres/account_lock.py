"""One account's changes, one after another."""

from alpine_service.adapters.postgres.link import Connection
from alpine_service.errors import NotThere


async def lock_account(connection: Connection, user_id: str) -> None:
    """Until the transaction ends, nobody else changes what belongs to the account.

    Rows that refer to it may be added meanwhile, so that requests are counted without waiting.

    Raises:
        NotThere: no such account.
    """
    found = await connection.fetchval(
        "SELECT true FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id
    )
    if found is None:
        raise NotThere("account")
