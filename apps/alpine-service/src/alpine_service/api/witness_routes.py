"""`POST /add-checkpoint`: the witness, at the address that logs are given."""

from aiohttp import web

from alpine_service.api import keys
from alpine_service.api.route import ANYBODY, Route
from alpine_service.domain.feed.add_checkpoint import LARGEST_REQUEST


async def add_checkpoint(request: web.Request) -> web.Response:
    """Answer as C2SP tlog-witness says, in plain text."""
    answer = await request.app[keys.WITNESS].add_checkpoint(await request.read())
    response = web.Response(status=answer.status, body=answer.body)
    # Not by `content_type`, which cannot have a character set beside it.
    response.headers["Content-Type"] = answer.content_type
    response.headers["Cache-Control"] = "no-store"
    return response


ROUTES = (
    Route(
        "POST",
        "/add-checkpoint",
        add_checkpoint,
        "Ask the witness to cosign a checkpoint.",
        "Witness",
        ANYBODY,
        "text/plain",
        refusals=(400, 403, 404, 409, 422),
        meaning=(
            "For the log that this witness knows, after C2SP tlog-witness. The body is text: the"
            " old size, a consistency proof, an empty line and the checkpoint."
        ),
        refuses_in=("text/plain", "text/x.tlog.size"),
        body_limit=LARGEST_REQUEST,
        # Without the log's own signature a request costs no more than to look at it.
        is_counted=False,
    ),
)
