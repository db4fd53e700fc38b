"""What a collector answers: its status, and no more of it than that."""

from typing import Any

from requests import PreparedRequest, Response, Session


class StatusOnly(Session):
    """Leaves bodies unread, however long they are, and follows nobody elsewhere."""

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send it; of the answer there are the status and the headers."""
        answer = super().send(request, **{**options, "stream": True})
        # The connection is given up with what is still on its way.
        answer.close()
        return answer

    def get_redirect_target(self, resp: Response) -> None:
        """There is none; to learn of one the library would read the body."""
