"""Secrets that an operator types; never arguments, which every process of the machine may read."""

import sys
from getpass import getpass

from alpine_service.errors import InvalidInput

_LONGEST = 4096


def read_password() -> str:
    """From a prompt, asked twice; or the first line of standard input, for scripts.

    Raises:
        InvalidInput: the two differ, or there is none.
    """
    if not sys.stdin.isatty():
        password = sys.stdin.readline(_LONGEST).rstrip("\r\n")
        if not password:
            raise InvalidInput("password", "standard input has none", "give it as the first line")
        return password
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise InvalidInput("password", "the two are not the same", "try again")
    return password
