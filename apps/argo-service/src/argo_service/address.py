"""An address to listen on, had before anything else is started."""

import socket

from argo_service.config.tree import Listen
from argo_service.errors import CannotListen

BACKLOG = 128


def reserve(listen: Listen) -> socket.socket:
    """A socket that has the address. May ask a name server, so it blocks.

    Callers are kept waiting until somebody serves it.

    Raises:
        CannotListen: the address is taken, is not ours, or needs more rights than we have.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, ValueError) as error:
        raise CannotListen.at(listen.host, listen.port, error) from error
    try:
        # Without this the port of a service that just ended could not be had for a minute.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # Several may bind one address as long as nobody listens, so only this makes it ours.
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise CannotListen.at(listen.host, listen.port, error) from error
    return bound
