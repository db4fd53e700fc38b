"""Whether a request that a browser sends with our cookie was meant by one of our own pages.

Browsers say where a request comes from in `Sec-Fetch-Site`, and older ones in `Origin`; a page
cannot forge either. The cookie is `SameSite=Lax` besides, which alone would trust every neighbour
under the same domain.
"""

from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}


def is_same_origin(
    method: str, sec_fetch_site: str | None, origin: str | None, public_url: str
) -> bool:
    """True for safe methods, and where the browser says that the page was ours.

    For requests with a session's cookie: one that says nothing of where it comes from is refused.
    `none` is what a person typed or opened from a bookmark; such are never unsafe.
    """
    if method in SAFE_METHODS:
        return True
    if sec_fetch_site is not None:
        return sec_fetch_site == "same-origin"
    return origin is not None and _origin(origin) == _origin(public_url) is not None


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None where there is no such thing, as for `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
