"""What a request shows of who asks: one thing or nothing, and not what another site made it do."""

from aiohttp import web
from attrs import field, frozen

from alpine_service.api.platform import Platform
from alpine_service.domain.accounts.same_origin import is_same_origin
from alpine_service.errors import InvalidInput, NotAllowed, NotSignedIn

# Longer than any secret that we give.
_LONGEST = 200
_BEARER = "bearer "


@frozen
class Credentials:
    """At most one of the two is there."""

    session: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)


def credentials(request: web.Request, platform: Platform) -> Credentials:
    """The key in `Authorization`, or the session in the cookie.

    Raises:
        InvalidInput: both are there, and who asks would be a guess.
        NotSignedIn: what is in `Authorization` is no key.
        NotAllowed: a page of another site asks for a change with the browser's cookie.
    """
    given = request.headers.getall("Authorization", [])
    session = request.cookies.get(platform.cookie) if "Cookie" in request.headers else None
    if not given:
        _refuse_other_sites(request, session, platform.public_url)
        return Credentials(session=session if session and len(session) <= _LONGEST else None)
    if session is not None:
        raise InvalidInput("Authorization", "there is a session too", "send one of them")
    (first, *others) = given
    text = first[len(_BEARER) :].strip()
    if others or not first.lower().startswith(_BEARER) or not 0 < len(text) <= _LONGEST:
        raise NotSignedIn("Authorization is to be: Bearer, and an API key")
    return Credentials(key=text)


def _refuse_other_sites(request: web.Request, session: str | None, public_url: str) -> None:
    """With a cookie the browser has to say that the page is ours; without one, not to deny it.

    What is asked without a cookie and from nowhere is no browser; but another site's page must not
    log somebody in as somebody else either.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if session is None and site is None and origin is None:
        return
    if is_same_origin(request.method, site, origin, public_url):
        return
    if site is None and origin is None:
        # A program with a cookie jar, which can help itself once it is told how.
        raise NotAllowed(f"with a session, changes need the header Origin: {public_url}")
    raise NotAllowed("a page of another site may not ask for this")
