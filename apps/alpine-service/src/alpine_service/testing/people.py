"""Accounts for tests, put where they belong without a registration."""

from datetime import datetime

from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.accounts.role import Role
from alpine_service.testing.fake_clock import BEGINNING


async def add_user(
    database: Database,
    user_id: str,
    role: Role = Role.SUBSCRIBER,
    *,
    is_verified: bool = True,
    suspended_at: datetime | None = None,
) -> str:
    """An account without a password that anybody knows; its id."""
    address = f"{user_id}@people.example"
    await database.execute(
        "INSERT INTO users (id, email, email_key, password, role, created_at, verified_at,"
        " suspended_at) VALUES ($1, $2, $2, '-', $3, $4, $5, $6)",
        user_id,
        address,
        role,
        BEGINNING,
        BEGINNING if is_verified else None,
        suspended_at,
    )
    return user_id
