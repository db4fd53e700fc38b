"""What is known of a request beside what was sent."""

from collections.abc import Mapping

from aiohttp import web

from argo_service.api_keys import ApiKey

REQUEST_ID = web.RequestKey("REQUEST_ID", str)
# The key it came with; None while the door is open, and where no key is asked for.
API_KEY: web.RequestKey[ApiKey | None] = web.RequestKey("API_KEY")
# Who is counted: a key, or an address.
CALLER = web.RequestKey("CALLER", str)
# Headers that its answer bears, whatever that is.
BEARS: web.RequestKey[Mapping[str, str]] = web.RequestKey("BEARS")
