"""Connections to a collector, of whose answers the status is all that counts."""

from typing import Any

import requests

_NOTHING = "0"


class CollectorSession(requests.Session):
    """Reads no bodies, which could be endless, and goes nowhere else than it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.stream = True

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send it, and read status and headers of the answer."""
        response = super().send(request, **kwargs)
        if response.headers.get("Content-Length") == _NOTHING:
            # With nothing left to read the connection serves again.
            _ = response.content
        else:
            response.close()
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nowhere: the library would read the body only to know what it does not follow."""
        return None
