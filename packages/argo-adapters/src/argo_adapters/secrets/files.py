"""Secrets in files of their own, read anew each time; whoever rotates one replaces its file."""

import asyncio
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from argo_adapters.secrets.form import MOST, as_secret
from argo_core.errors import SecretDenied, SecretGarbled, SecretMissing
from argo_core.resilience.secret import Secret, SecretValue

_FORBIDDEN = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP
"""A group may read: that is how service managers hand secrets to a process of another user."""


class FileSecrets:
    """The port `Secrets` on files; `paths` are by the names of the secrets.

    A file may be a link, as orchestrators make them. What was read before a file changed counts as
    the previous value until it changes again, in this process.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._held: dict[str, SecretValue] = {}

    def __repr__(self) -> str:
        return f"FileSecrets({len(self._paths)} files)"

    async def read(self, name: str) -> SecretValue:
        """As the port promises; versions count the changes that were seen."""
        if name not in self._paths:
            fix = f"name its file with the setting {name}_file"
            raise SecretMissing(name, "no file is named", fix)
        current = await asyncio.to_thread(read_secret_file, name, self._paths[name])
        held = self._held.get(name)
        if held is None:
            held = SecretValue(current, "1")
        elif held.current != current:
            held = SecretValue(current, str(int(held.version) + 1), held.current)
        self._held[name] = held
        return held


def read_secret_file(name: str, path: Path) -> Secret:
    """What the file holds. Blocks on the disk.

    Raises:
        SecretMissing: there is no such file.
        SecretDenied: it cannot be read, or others may read or change it.
        SecretGarbled: it is no ordinary file, or what is in it is no key.
    """
    try:
        # A pipe that nobody writes to must not keep us.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SecretMissing(name, f"there is no file {path}", "put the key there") from None
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise SecretDenied(name, problem, "let the service's user read it") from error
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise SecretGarbled(name, f"{path} is no ordinary file", "name a file")
        if mode & _FORBIDDEN:
            problem = f"{path} has mode {stat.S_IMODE(mode):o}: others may read or change it"
            raise SecretDenied(name, problem, f"chmod 600 {path}")
        # With room for a line feed, and for one more character, which says that there are more.
        data = os.read(handle, MOST + 3)
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise SecretDenied(name, problem, "check the disk, or the share it is on") from error
    finally:
        os.close(handle)
    return as_secret(name, data.decode("latin-1"))
