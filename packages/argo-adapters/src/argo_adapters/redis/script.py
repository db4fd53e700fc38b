"""A script that the server runs as one step, named by its hash so that it is sent once."""

from hashlib import sha1

from attrs import field, frozen

# Microseconds by the server's own clock, the one that all processes share: whole numbers, which Lua
# has up to 2^53.
SERVER_NOW = "local t = redis.call('TIME') local now = t[1] * 1000000 + t[2]\n"


@frozen
class Script:
    """Lua `source`; `sha` is the name by which the server keeps it."""

    source: str
    sha: str = field(init=False)

    @sha.default
    def _named(self) -> str:
        return sha1(self.source.encode(), usedforsecurity=False).hexdigest()
