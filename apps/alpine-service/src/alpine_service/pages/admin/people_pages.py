"""Accounts, as staff look for them and help them. Every look and deed is in the audit trail."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from alpine_service.api.admin_bodies import billing_list, person_body
from alpine_service.api.administration import DEFAULT_PAGE, cursor_of, place_of
from alpine_service.api.asking import principal
from alpine_service.api.keys import ADMINISTRATION, SUBSCRIPTIONS
from alpine_service.api.plans import deed
from alpine_service.api.problems import kind_of
from alpine_service.api.query import choice
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import LONGEST_SEARCH, PeopleAsked
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.domain.plans.plan import PLANS
from alpine_service.errors import Conflict, InvalidInput, NotAllowed, NotThere, Refused
from alpine_service.pages.admin.admin_forms import (
    ChangingRole,
    RecordingPayment,
    SearchingPeople,
    chosen,
    whole_number,
)
from alpine_service.pages.forms import Pressed, read_form
from alpine_service.pages.page import go, show, trouble_of

PATH = "/admin/users"
_ROLES = [(each.value, each.value.title()) for each in Role]
_KINDS = [(each.value, each.value.title()) for each in BillingKind]
_PLANS = [(each.name, each.name.title()) for each in PLANS.values() if each.monthly_cents]


async def start(_request: web.Request) -> web.Response:
    return go(PATH)


async def people(request: web.Request) -> web.Response:
    asked = PeopleAsked(
        role=choice(request, "role", Role),
        behind=place_of(request.query.get("cursor")),
        limit=DEFAULT_PAGE,
    )
    return await _people(request, asked)


async def search(request: web.Request) -> web.Response:
    sought = await read_form(request, SearchingPeople)
    asked = PeopleAsked(
        text=sought.text,
        role=chosen("role", sought.role, Role),
        behind=place_of(sought.cursor),
        limit=DEFAULT_PAGE,
    )
    try:
        return await _people(request, asked)
    except InvalidInput as refusal:
        return await _people(request, PeopleAsked(limit=DEFAULT_PAGE), refusal)


async def person(request: web.Request) -> web.Response:
    return await _person(request)


async def suspend(request: web.Request) -> web.Response:
    async def do() -> None:
        await read_form(request, Pressed)
        await request.app[ADMINISTRATION].suspend(_id(request), deed(request))

    return await _done(request, do, "suspended")


async def restore(request: web.Request) -> web.Response:
    async def do() -> None:
        await read_form(request, Pressed)
        await request.app[ADMINISTRATION].restore(_id(request), deed(request))

    return await _done(request, do, "restored")


async def end_sessions(request: web.Request) -> web.Response:
    async def do() -> None:
        await read_form(request, Pressed)
        await request.app[ADMINISTRATION].end_sessions(_id(request), deed(request))

    return await _done(request, do, "sessions-ended")


async def revoke_key(request: web.Request) -> web.Response:
    async def do() -> None:
        await read_form(request, Pressed)
        key = request.match_info["key"]
        await request.app[ADMINISTRATION].revoke_key(_id(request), key, deed(request))

    return await _done(request, do, "key-revoked")


async def change_role(request: web.Request) -> web.Response:
    asked = await read_form(request, ChangingRole)

    async def do() -> None:
        role = chosen("role", asked.role, Role)
        if role is None:
            raise InvalidInput("role", "it is missing", "choose one")
        await request.app[ADMINISTRATION].change_role(_id(request), role, deed(request))

    return await _done(request, do, "role-changed")


async def record_payment(request: web.Request) -> web.Response:
    asked = await read_form(request, RecordingPayment)

    async def do() -> None:
        kind = chosen("kind", asked.kind, BillingKind)
        if kind is None:
            raise InvalidInput("kind", "it is missing", "choose one")
        await request.app[SUBSCRIPTIONS].record(
            _id(request),
            kind,
            asked.reference,
            deed(request),
            plan=asked.plan,
            days=whole_number("days", asked.days),
            refunds=asked.refunds,
        )

    return await _done(request, do, "recorded", asked)


async def cancel(request: web.Request) -> web.Response:
    async def do() -> None:
        await read_form(request, Pressed)
        await request.app[SUBSCRIPTIONS].cancel(_id(request), deed(request))

    return await _done(request, do, "cancelled")


async def _done(
    request: web.Request,
    do: Callable[[], Awaitable[None]],
    word: str,
    typed: RecordingPayment | None = None,
) -> web.Response:
    """Do it and go back to the account, or say there why it cannot be done."""
    try:
        await do()
    except (InvalidInput, Conflict, NotAllowed) as refusal:
        return await _person(request, refusal, typed)
    return go(f"{PATH}/{_id(request)}", done=word)


async def _people(
    request: web.Request, asked: PeopleAsked, refusal: Refused | None = None
) -> web.Response:
    found = await request.app[ADMINISTRATION].people(asked, deed(request))
    return await show(
        request,
        "admin/people.html",
        status=200 if refusal is None else kind_of(refusal).status,
        trouble=None if refusal is None else trouble_of(refusal),
        people=[person_body(each) for each in found],
        asked=asked,
        next=cursor_of(found[-1]) if len(found) == asked.limit else None,
        is_first=asked.behind is None,
        role_choices=_ROLES,
        longest=LONGEST_SEARCH,
    )


async def _person(
    request: web.Request,
    refusal: Refused | None = None,
    typed: RecordingPayment | None = None,
) -> web.Response:
    staff, user_id, by = request.app[ADMINISTRATION], _id(request), deed(request)
    found = await staff.person(user_id, by)
    keys = await staff.keys(user_id, by)
    told = billing_list(await staff.billing(user_id, by))
    return await show(
        request,
        "admin/person.html",
        status=200 if refusal is None else kind_of(refusal).status,
        trouble=None if refusal is None else trouble_of(refusal),
        person=person_body(found),
        path=f"{PATH}/{found.id}",
        is_self=found.id == principal(request).user_id,
        keys=keys,
        events=told.events,
        typed=typed or RecordingPayment("granted", ""),
        role_choices=_ROLES,
        kind_choices=_KINDS,
        plan_choices=_PLANS,
    )


def _id(request: web.Request) -> str:
    given = request.match_info["id"]
    if not (given.isascii() and given.isprintable()):
        raise NotThere("account")
    return given
