"""What staff see and do."""

import re
from datetime import UTC, datetime, timedelta

from aiohttp import web

from alpine_service.api import admin_bodies as bodies
from alpine_service.api.asking import body, principal, reply
from alpine_service.api.key_bodies import key_list
from alpine_service.api.keys import ADMINISTRATION, INGEST_STANDING, SUBSCRIPTIONS
from alpine_service.api.plans import deed
from alpine_service.api.query import choice, number, text
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import PeopleAsked, PersonShown, Place, TrailAsked
from alpine_service.errors import InvalidInput, NotThere

LARGEST_PAGE = 100
DEFAULT_PAGE = 50
LARGEST_NUMBER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Microseconds of the account before, and its id.
_CURSOR = re.compile(r"([0-9]{1,16})-([A-Za-z0-9_]{1,64})")


async def people(request: web.Request) -> web.Response:
    asked = PeopleAsked(
        role=choice(request, "role", Role),
        behind=place_of(request.query.get("cursor")),
        limit=_limit(request),
    )
    return await _people(request, asked)


async def search(request: web.Request) -> web.Response:
    sought = await body(request, bodies.Searching)
    if not 1 <= sought.limit <= LARGEST_PAGE:
        raise InvalidInput("limit", "it is out of range", f"give 1 to {LARGEST_PAGE}")
    return await _people(
        request, PeopleAsked(sought.text, sought.role, place_of(sought.cursor), sought.limit)
    )


async def person(request: web.Request) -> web.Response:
    found = await request.app[ADMINISTRATION].person(_id(request), deed(request))
    return reply(bodies.person_body(found))


async def change_role(request: web.Request) -> web.Response:
    asked = await body(request, bodies.ChangingRole)
    await request.app[ADMINISTRATION].change_role(_id(request), asked.role, deed(request))
    return reply(None, 204)


async def suspend(request: web.Request) -> web.Response:
    await request.app[ADMINISTRATION].suspend(_id(request), deed(request))
    return reply(None, 204)


async def restore(request: web.Request) -> web.Response:
    await request.app[ADMINISTRATION].restore(_id(request), deed(request))
    return reply(None, 204)


async def end_sessions(request: web.Request) -> web.Response:
    ended = await request.app[ADMINISTRATION].end_sessions(_id(request), deed(request))
    return reply(bodies.Ended(ended))


async def keys(request: web.Request) -> web.Response:
    return reply(key_list(await request.app[ADMINISTRATION].keys(_id(request), deed(request))))


async def revoke_key(request: web.Request) -> web.Response:
    await request.app[ADMINISTRATION].revoke_key(
        _id(request), request.match_info["key"], deed(request)
    )
    return reply(None, 204)


async def billing(request: web.Request) -> web.Response:
    found = await request.app[ADMINISTRATION].billing(_id(request), deed(request))
    return reply(bodies.billing_list(found))


async def record_payment(request: web.Request) -> web.Response:
    asked = await body(request, bodies.RecordingPayment)
    billed = await request.app[SUBSCRIPTIONS].record(
        _id(request),
        asked.kind,
        asked.reference,
        deed(request),
        plan=asked.plan,
        days=asked.days,
        refunds=asked.refunds,
    )
    return reply(bodies.billed_body(billed))


async def cancel(request: web.Request) -> web.Response:
    await request.app[SUBSCRIPTIONS].cancel(_id(request), deed(request))
    return reply(None, 204)


async def trail(request: web.Request) -> web.Response:
    limit = _limit(request)
    asked = TrailAsked(
        actor=text(request, "actor"),
        deed=text(request, "deed"),
        subject=text(request, "subject"),
        before=number(request, "cursor", 1, LARGEST_NUMBER),
        limit=limit,
    )
    found = await request.app[ADMINISTRATION].trail(asked, deed(request))
    return reply(bodies.trail_page(found, limit))


async def ingest(request: web.Request) -> web.Response:
    return reply(bodies.ingest_body(await request.app[INGEST_STANDING].facts()))


async def quarantine(request: web.Request) -> web.Response:
    resolved = request.query.get("resolved", "no")
    if resolved not in {"yes", "no"}:
        raise InvalidInput("resolved", "it is neither yes nor no", "give yes or no")
    found = await request.app[INGEST_STANDING].quarantines(
        resolved=resolved == "yes", limit=_limit(request)
    )
    return reply(bodies.quarantine_list(found))


async def evidence(request: web.Request) -> web.Response:
    name = text(request, "name")
    if name is None:
        raise InvalidInput("name", "it is missing", "give the name of a piece of evidence")
    data = await request.app[INGEST_STANDING].evidence(number_of(request, "evidence"), name)
    # As a file, so that no browser shows what a liar wrote as a page of ours.
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="evidence"',
    }
    return web.Response(body=data, content_type="application/octet-stream", headers=headers)


async def resolve(request: web.Request) -> web.Response:
    await request.app[INGEST_STANDING].resolve(
        number_of(request, "open quarantine"), principal(request).user_id
    )
    return reply(None, 204)


async def _people(request: web.Request, asked: PeopleAsked) -> web.Response:
    found = await request.app[ADMINISTRATION].people(asked, deed(request))
    cursor = cursor_of(found[-1]) if len(found) == asked.limit else None
    return reply(bodies.PeoplePage(tuple(bodies.person_body(each) for each in found), cursor))


def cursor_of(last: PersonShown) -> str:
    """What names the place behind an account."""
    return f"{(last.created_at - _EPOCH) // _MICROSECOND}-{last.id}"


def place_of(cursor: str | None) -> Place | None:
    """The place that a cursor names.

    Raises:
        InvalidInput: it is none of ours.
    """
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidInput("cursor", "it is none of ours", "give `next` of the page before")
    return Place(_EPOCH + int(found[1]) * _MICROSECOND, found[2])


def _id(request: web.Request) -> str:
    return request.match_info["id"]


def number_of(request: web.Request, what: str) -> int:
    """The path's number; what is no number of ours names nothing."""
    given = request.match_info["id"]
    if not (given.isascii() and given.isdecimal()) or len(given) > len(str(LARGEST_NUMBER)) - 1:
        raise NotThere(what)
    return int(given)


def _limit(request: web.Request) -> int:
    return number(request, "limit", 1, LARGEST_PAGE, DEFAULT_PAGE) or DEFAULT_PAGE
