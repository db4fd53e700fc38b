'''PostgreSQL: a server of our own, migrations, and one store a module.

A store is a small class over a `Database` (module `database`), wired by hand::

    """Which colours there are."""

    from attrs import frozen

    from alpine_service.adapters.postgres.database import Database

    _ADD = "INSERT INTO colours (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id"


    @frozen
    class PostgresColours:
        """Keeps the port `Colours`."""

        _database: Database

        async def add(self, name: str) -> int | None:
            async with self._database.transaction() as connection:
                return await connection.fetchval(_ADD, name)

        async def names(self) -> list[str]:
            rows = await self._database.fetch("SELECT name FROM colours ORDER BY name LIMIT 100")
            return [row["name"] for row in rows]

What the blocks promise:

- `connection()` lends a connection, `transaction()` one with a transaction that is rolled back if
  the block is left by an error; `fetch`, `fetchrow`, `fetchval`, `execute` are for one statement.
- Every wait ends: for a free connection, for a lock, for an answer, for the client's next word.
- Errors of the driver leave the block as `DatabaseAway` or `DatabaseRefused`. Catch what you
  expect, such as `asyncpg.UniqueViolationError`, inside the block; do nothing else inside that
  could raise an `OSError` or a `TimeoutError`.
- A borrowed connection goes back as it is: no `SET` (but `SET LOCAL`), no `LISTEN`, no session-wide
  advisory lock. A listener has a connection of its own: `link.connected`.
- `jsonb` comes and goes as Python values, `timestamptz` as aware datetimes in UTC.
- The schema is `alpine` and on the search path, so tables go by their bare names. Databases differ
  in how they sort text: where order matters, write `COLLATE "C"`.

Tables are made by `migrations/NNNN_name.sql`, each in one transaction as the owner. The app's role
`alpine_app` has no right that a migration does not grant, table by table::

    CREATE TABLE colours (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE CHECK (length(name) <= 100)
    );
    GRANT SELECT, INSERT ON colours TO alpine_app;

A migration that has been released is never edited; write the next one.
'''
