"""What pages of accounts must never do: tell, repeat, lead elsewhere, or be pressed by others."""

import re
from html import unescape

import pytest

from alpine_service.api.route import Door
from alpine_service.domain.accounts.role import Role
from alpine_service.pages.account.account_routes import ROUTES
from alpine_service.testing.account_house import EMAIL, PASSWORD, enrol
from alpine_service.testing.pages.page_house import PageHouse, PageReader, Read

ADA = {"email": EMAIL, "password": PASSWORD}
NOBODY = "nobody@people.example"
_KEY = re.compile(r"alp_live_[0-9A-Za-z]{36}")
FORMS = [each for each in ROUTES if each.method == "POST"]
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/\t/evil.example",
    "/signals\r\nLocation: https://evil.example",
    "",
)
PAGES = [each for each in ROUTES if each.method == "GET"]


async def sign_in(house: PageHouse, reader: PageReader) -> None:
    await house.accounts.registered()
    await reader.send("/login", ADA)


async def own_things(house: PageHouse, reader: PageReader) -> dict[str, str]:
    """The ids of a key and of the session, by what their paths begin with."""
    await reader.send("/account/keys/new", {"name": "desk", "scopes": "signals"})
    (key,) = re.findall(r"/account/keys/(key_\w+)", (await reader.get("/account/keys")).html)
    who = await house.accounts.services.sessions.principal(str(reader.cookie), "127.0.0.1")
    assert who is not None
    return {"/account/keys": key, "/account/sessions": who.means_id}


def named(path: str, things: dict[str, str]) -> str:
    """The path, with the thing in it that is the reader's own."""
    prefix = path.partition("/{id}")[0]
    return path.replace("{id}", things.get(prefix, ""))


def same(one: Read, other: Read) -> bool:
    """Whether nobody could tell the answers apart; what was typed is left out."""
    return (
        one.status == other.status
        and one.location == other.location
        and one.html.replace(EMAIL, NOBODY) == other.html.replace(EMAIL, NOBODY)
    )


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/sign-up", {"password": "a wholly new phrase"}),
        ("/login", {"password": "wrong but long"}),
        ("/reset", {}),
    ],
)
async def test_no_answer_tells_whether_an_address_has_an_account(
    house: PageHouse, reader: PageReader, path: str, more: dict[str, str]
) -> None:
    await house.accounts.registered()
    known = await reader.send(path, {"email": EMAIL, **more})
    unknown = await reader.send(path, {"email": NOBODY, **more})
    assert same(known, unknown)


async def test_signing_in_gives_a_new_session_and_ends_the_one_that_was_shown(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    first = reader.cookie
    await reader.send("/login", ADA)
    assert reader.cookie not in {None, first}
    another.cookie = first
    assert (await another.get("/account")).location == "/login?next=%2Faccount"


async def test_a_cookie_from_elsewhere_becomes_nobody_s_session(
    house: PageHouse, reader: PageReader
) -> None:
    await house.accounts.registered()
    planted = "planted" * 6
    reader.cookie = planted
    await reader.send("/login", ADA)
    assert reader.cookie not in {None, planted}


async def test_the_step_of_the_code_gives_another_session_as_well(
    house: PageHouse, reader: PageReader
) -> None:
    accounts = house.accounts
    app, _, _ = await enrol(accounts, await accounts.signed_in())
    await reader.send("/login", ADA)
    pending = reader.cookie
    await reader.send("/login/code", {"code": app.code(accounts.clock)})
    assert reader.cookie not in {None, pending}
    assert (await reader.get("/account")).status == 200


async def test_next_leads_to_no_other_site(house: PageHouse, reader: PageReader) -> None:
    await house.accounts.registered()
    for elsewhere in ELSEWHERE:
        answer = await reader.send("/login", {**ADA, "next": elsewhere})
        # What no page could have sent is refused; all else leads to the board.
        assert answer.location in {"/signals", None}, elsewhere
        assert "evil" not in answer.html + str(answer.headers)


async def test_next_leads_back_to_where_somebody_was(house: PageHouse, reader: PageReader) -> None:
    await house.accounts.registered()
    asked = await reader.get("/account/keys?a=b&c=%20d")
    assert asked.location is not None
    page = await reader.get(asked.location)
    kept = re.search(r'name="next" value="([^"]*)"', page.html)
    assert kept is not None
    answer = await reader.send("/login", {**ADA, "next": unescape(kept[1])})
    assert answer.location == "/account/keys?a=b&c=%20d"


async def test_next_survives_a_wrong_password_and_the_step_of_the_code(
    house: PageHouse, reader: PageReader
) -> None:
    accounts = house.accounts
    app, _, _ = await enrol(accounts, await accounts.signed_in())
    wrong = await reader.send("/login", {**ADA, "password": "wrong wrong", "next": "/account"})
    assert 'name="next" value="/account"' in wrong.html
    half = await reader.send("/login", {**ADA, "next": "/account"})
    assert half.location == "/login/code?next=%2Faccount"
    page = await reader.get(half.location)
    assert 'name="next" value="/account"' in page.html
    done = await reader.send("/login/code", {"code": app.code(accounts.clock), "next": "/account"})
    assert done.location == "/account"


async def test_next_does_not_lead_in_a_circle(house: PageHouse, reader: PageReader) -> None:
    await sign_in(house, reader)
    assert (await reader.get("/login?next=/login?next=/login")).location == "/signals"


async def test_no_other_site_presses_a_button(house: PageHouse, reader: PageReader) -> None:
    await sign_in(house, reader)
    for route in FORMS:
        path = route.path.replace("{id}", "ses_1")
        for site in ("cross-site", "same-site", "none"):
            said = {"Sec_Fetch_Site": site, "Origin": "https://evil.example"}
            assert (await reader.send(path, {}, **said)).status == 403, path
    assert (await reader.get("/account")).status == 200


async def test_a_form_takes_no_field_that_it_does_not_have(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    things = await own_things(house, reader)
    for route in FORMS:
        answer = await reader.send(named(route.path, things), {"role": "admin"})
        assert answer.status == 400, route.path
        assert "There is no such field" in answer.words, route.path


async def test_a_key_is_shown_once_and_in_no_address_or_cookie(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    made = await reader.send("/account/keys/new", {"name": "desk", "scopes": "signals"})
    (key,) = set(_KEY.findall(made.html))
    assert (made.status, made.location) == (200, None)
    assert made.headers["Cache-Control"] == "private, no-store"
    assert key not in str(made.headers)
    listed = await reader.get("/account/keys")
    (path,) = re.findall(r'href="(/account/keys/key_\w+)"', listed.html)
    for seen in (listed, await reader.get(path), await reader.get("/account")):
        assert not _KEY.findall(seen.html)
    replaced = await reader.send(f"{path}/rotate", {"overlap": "24"})
    (new,) = set(_KEY.findall(replaced.html))
    assert new != key
    assert "The old key works until" in replaced.words
    assert "It is being replaced" in (await reader.get(path)).words


async def test_a_key_is_revoked(house: PageHouse, reader: PageReader) -> None:
    await sign_in(house, reader)
    await reader.send("/account/keys/new", {"name": "desk", "scopes": "signals"})
    (path,) = re.findall(
        r'href="(/account/keys/key_\w+)"', (await reader.get("/account/keys")).html
    )
    assert (await reader.send(f"{path}/revoke")).location == "/account/keys?done=revoked"
    assert "This key opens nothing any more" in (await reader.get(path)).words
    assert (await reader.send(f"{path}/revoke")).status == 404


async def test_a_key_takes_a_name_a_scope_and_a_choice_of_ours(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    path = "/account/keys/new"
    assert "Choose one or more" in (await reader.send(path, {"name": "desk"})).words
    odd = await reader.send(path, {"name": "desk", "scopes": "everything"})
    assert odd.status == 400
    odd = await reader.send(path, {"name": "desk", "scopes": "signals", "lives": "9999"})
    assert "There is no such choice" in odd.words
    nameless = await reader.send(path, {"name": " ", "scopes": "signals"})
    assert "It is no name" in nameless.words


async def test_the_number_of_keys_is_told_when_it_is_reached(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    for name in ("one", "two"):
        await reader.send("/account/keys/new", {"name": name, "scopes": "signals"})
    assert "All 2 keys of your plan are in use" in (await reader.get("/account/keys")).words
    third = await reader.send("/account/keys/new", {"name": "three", "scopes": "signals"})
    assert third.status == 409


async def test_no_page_says_a_password_again(house: PageHouse, reader: PageReader) -> None:
    await sign_in(house, reader)
    secret = "never to be seen"
    forms = {
        "/login": {"email": EMAIL, "password": secret},
        "/account/security/password": {"current": secret, "new": "another phrase of mine"},
        "/account/security/factor": {"password": secret},
        "/account/delete": {"password": secret},
        "/account/sessions/others": {"password": secret},
    }
    for path, fields in forms.items():
        answer = await reader.send(path, fields)
        assert answer.status == 400, path
        assert secret not in answer.html
        assert "another phrase of mine" not in answer.html


async def test_a_weak_password_is_told_beside_its_field(reader: PageReader) -> None:
    answer = await reader.send("/sign-up", {"email": EMAIL, "password": "short"})
    assert answer.status == 400
    assert 'id="password-problem"' in answer.html
    assert "fewer than 8" in answer.words
    assert EMAIL in answer.html


async def test_who_tries_too_often_is_told_how_long_to_wait(
    house: PageHouse, reader: PageReader
) -> None:
    await house.accounts.registered()
    for _ in range(5):
        await reader.send("/login", {**ADA, "password": "wrong wrong"})
    answer = await reader.send("/login", ADA)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many sign-ins; try again in 1 min." in answer.words


async def test_five_wrong_codes_end_the_sign_in(house: PageHouse, reader: PageReader) -> None:
    accounts = house.accounts
    app, _, _ = await enrol(accounts, await accounts.signed_in())
    await reader.send("/login", ADA)
    for _ in range(5):
        wrong = await reader.send("/login/code", {"code": "000000"})
        assert "The code is wrong or was used" in wrong.words
    over = await reader.send("/login/code", {"code": app.code(accounts.clock)})
    assert over.status == 400
    assert "begin again with the password" in over.words


async def test_a_recovery_code_opens_the_account_once(house: PageHouse, reader: PageReader) -> None:
    accounts = house.accounts
    _, _, codes = await enrol(accounts, await accounts.signed_in())
    await reader.send("/login", ADA)
    page = await reader.get("/login/code?way=recovery")
    assert 'inputmode="numeric"' not in page.html
    used = {"code": codes[0].upper().replace("-", " "), "way": "recovery"}
    assert (await reader.send("/login/code", used)).location == "/signals"
    await reader.send("/logout")
    await reader.send("/login", ADA)
    again = await reader.send("/login/code", used)
    assert again.status == 400
    assert "Use a recovery code" in again.words


async def test_whoever_was_signed_out_is_told_so_and_who_never_was_is_not(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    await house.accounts.clock.advance(13 * 3_600)
    asked = await reader.get("/account")
    assert asked.location == "/login?next=%2Faccount"
    assert "Your session has ended" in (await reader.get(asked.location)).words
    assert "Your session has ended" not in (await another.get(asked.location)).words


async def test_signing_out_takes_the_cookie_and_what_is_kept_but_the_pinned_keys(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    another.cookie = reader.cookie
    answer = await reader.send("/logout")
    assert answer.location == "/login?done=out"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert reader.cookie is None
    assert (await another.get("/account")).status == 303
    assert (await reader.send("/logout")).location == "/login?done=out"


async def test_what_is_somebody_else_s_looks_as_if_it_were_not_there(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    things = await own_things(house, reader)
    await house.accounts.registered("eve@people.example")
    await another.send("/login", {"email": "eve@people.example", "password": PASSWORD})
    for route in ROUTES:
        if not route.access.owned:
            continue
        sent = {"password": PASSWORD} if "sessions" in route.path else {}
        for path in (named(route.path, things), route.path.replace("{id}", "x_nothing")):
            ask = another.get(path) if route.method == "GET" else another.send(path, sent)
            answer = await ask
            assert answer.status == 404, (route.method, path)
    assert "desk" not in (await another.get("/account/keys")).words
    assert "desk" in (await reader.get("/account/keys")).words


async def test_every_page_keeps_the_rules_of_all_pages(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    things = await own_things(house, reader)
    # The page of the code is for whoever has given the password.
    another.cookie = "some"
    for route in PAGES:
        looks = another if route.access.door is Door.OPEN else reader
        query = "?token=some" if route.path == "/digest/unsubscribe" else ""
        answer = await looks.get(named(route.path, things) + query)
        assert answer.status == 200, route.path
        assert answer.headers["Cache-Control"] == "private, no-store"
        html = answer.html
        assert not re.search(r"\sstyle=|\son\w+=|<style|data:|javascript:", html), route.path
        assert all(" src=" in each for each in re.findall(r"<script[^>]*>", html))
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), route.path
        assert "!" not in answer.words, route.path
        for name in re.findall(r'<input id="([^"]+)"', html):
            assert f'for="{name}"' in html, route.path


async def test_passwords_may_be_filled_and_pasted(house: PageHouse, reader: PageReader) -> None:
    login = (await reader.get("/login")).html
    assert re.search(r'id="email"[^>]*autocomplete="username"', login)
    assert re.search(r'id="password"[^>]*autocomplete="current-password"', login)
    assert 'autocomplete="new-password"' in (await reader.get("/sign-up")).html
    await sign_in(house, reader)
    change = (await reader.get("/account/security/password")).html
    assert 'autocomplete="current-password"' in change
    assert 'autocomplete="new-password"' in change
    assert not re.search(r"onpaste|maxlength", change)


async def test_staff_without_a_second_factor_is_told_to_add_one(
    house: PageHouse, reader: PageReader
) -> None:
    await house.accounts.staff(Role.ADMIN)
    await reader.send("/login", ADA)
    page = await reader.get("/account/security?done=factor-needed")
    assert "Staff needs a second factor" in page.words
    refused = await reader.send("/account/delete", {"password": PASSWORD})
    assert refused.status == 409
    assert "The account is staff's" in refused.words


async def test_plans_are_shown_to_everybody_as_they_are(
    house: PageHouse, reader: PageReader
) -> None:
    words = (await reader.get("/plans")).words
    for part in ("Free", "Basic", "Pro", "29", "99", "200 000", "No plan promises a gain"):
        assert part in words
    await sign_in(house, reader)
    assert "your plan" in (await reader.get("/plans")).words
