"""The machine's chance."""

import secrets


class SystemChance:
    """Bytes from the operating system's generator."""

    def draw(self, count: int) -> bytes:
        return secrets.token_bytes(count)
