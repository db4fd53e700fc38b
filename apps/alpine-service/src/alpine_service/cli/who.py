"""Whom a command is about, by id or by e-mail address."""

from alpine_service.adapters.postgres.accounts import PostgresAccounts
from alpine_service.domain.accounts.account import Account
from alpine_service.domain.accounts.email_address import read_email
from alpine_service.errors import NotThere
from alpine_service.wiring.ground import Ground

OPERATOR = "operator"
"""Who did it, in the audit trail."""

# Nobody's network: the operator does not come over one.
_NO_NETWORK = b""


async def account_of(ground: Ground, text: str) -> Account:
    """The account of that id or address.

    Raises:
        InvalidInput: it has an @ and is no address.
        NotThere: no such account.
    """
    accounts = PostgresAccounts(ground.database)
    if "@" in text:
        found, _ = await accounts.find(read_email(text, "user").key, _NO_NETWORK)
    else:
        found = await accounts.get(text)
    if found is None:
        raise NotThere("account")
    return found
