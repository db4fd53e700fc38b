"""The whole life of an account by pages alone, without a script."""

import re
from datetime import timedelta

import pyotp
import pytest

from alpine_service.domain.accounts.totp import STEP_S
from alpine_service.pages.account.qr_code import qr_code
from alpine_service.testing.account_house import EMAIL, PASSWORD, App
from alpine_service.testing.pages.page_house import PageHouse, PageReader, Read

NEW = "a wholly new phrase"
ADA = {"email": EMAIL, "password": PASSWORD}
_KEY = re.compile(r"alp_live_[0-9A-Za-z]{36}")
_CODE = re.compile(r"(?:[0-9a-z]{4}-){5}[0-9a-z]{4}")


async def sign_in(house: PageHouse, reader: PageReader) -> None:
    """Somebody registered, verified and signed in."""
    await house.accounts.registered()
    assert (await reader.send("/login", ADA)).location == "/signals"


async def enrol(house: PageHouse, reader: PageReader) -> tuple[App, list[str]]:
    """A second factor: the app, and the recovery codes that the page showed."""
    begun = await reader.send("/account/security/factor", {"password": PASSWORD})
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', begun.html)
    assert found is not None, begun.words
    app = App(found[1].replace(" ", ""))
    code = {"code": app.code(house.accounts.clock)}
    done = await reader.send("/account/security/factor/confirm", code)
    await house.accounts.clock.advance(STEP_S)
    return app, _CODE.findall(done.html)


async def test_from_signing_up_to_deleting_it(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    signed_up = await reader.send("/sign-up", ADA)
    assert (signed_up.status, signed_up.location) == (303, "/verify?done=registered")
    assert "Look into your mail" in (await reader.get(signed_up.location)).words

    token = await house.accounts.token()
    assert (await reader.send("/verify", {"token": token})).location == "/login?done=verified"
    assert (await reader.send("/login", ADA)).location == "/signals"
    assert EMAIL in (await reader.get("/account")).words

    app, codes = await enrol(house, reader)
    assert len(codes) == 10
    await reader.send("/logout")
    half = await reader.send("/login", ADA)
    assert half.location == "/login/code"
    # The password alone opens nothing.
    assert (await reader.get("/account")).location == "/login?next=%2Faccount"
    code = {"code": app.code(house.accounts.clock)}
    assert (await reader.send("/login/code", code)).location == "/signals"

    made = await reader.send(
        "/account/keys/new", [("name", "desk"), ("scopes", "signals"), ("scopes", "account")]
    )
    (key,) = set(_KEY.findall(made.html))
    assert "desk" in (await reader.get("/account/keys")).words

    await another.send("/login", ADA)
    await another.send("/login/code", {"code": codes[0]})
    assert "Curl" in (await reader.get("/account/sessions")).words
    ended = await reader.send("/account/sessions/others", {"password": PASSWORD})
    assert ended.location == "/account/sessions?done=others-ended"
    assert (await another.get("/account")).location == "/login?next=%2Faccount"

    assert (await another.send("/reset", {"email": EMAIL})).location == "/reset?done=asked"
    token = await house.accounts.token()
    chosen = await another.send("/reset/password", {"token": token, "password": NEW})
    assert chosen.location == "/login?done=reset"
    assert (await reader.get("/account")).location == "/login?next=%2Faccount"
    await reader.send("/login", {"email": EMAIL, "password": NEW})
    await house.accounts.clock.advance(STEP_S)
    await reader.send("/login/code", {"code": app.code(house.accounts.clock)})

    await house.accounts.clock.advance(STEP_S)
    gone = await reader.send(
        "/account/delete", {"password": NEW, "code": app.code(house.accounts.clock)}
    )
    assert gone.location == "/login?done=deleted"
    assert reader.cookie is None
    refused = await reader.send("/login", {"email": EMAIL, "password": NEW})
    assert "The address or the password is wrong" in refused.words
    assert key not in refused.html


async def test_an_unconfirmed_address_is_asked_for_and_the_mail_can_be_sent_again(
    house: PageHouse, reader: PageReader
) -> None:
    await reader.send("/sign-up", ADA)
    await reader.send("/login", ADA)
    assert (await reader.get("/account/keys")).location == "/verify"
    overview = await reader.get("/account")
    assert "Your address is not confirmed" in overview.words
    assert EMAIL in (await reader.get("/verify")).words
    assert (await reader.send("/verify/again")).location == "/verify?done=sent"
    assert len(await house.accounts.mails()) == 2
    token = await house.accounts.token()
    assert (await reader.send("/verify", {"token": token})).location == "/account?done=verified"
    again = await reader.send("/verify/again")
    assert again.status == 409
    assert "verified already" in again.words


async def test_the_address_changes_once_the_new_one_is_confirmed(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    new = "ada@elsewhere.example"
    wrong = await reader.send("/account/address", {"email": new, "password": "wrong wrong"})
    assert wrong.status == 400
    assert new in wrong.html
    asked = await reader.send("/account/address", {"email": new, "password": PASSWORD})
    assert asked.location == "/account?done=address-asked"
    assert EMAIL in (await reader.get("/account")).words
    token = await house.accounts.token(new)
    assert (await reader.send("/email", {"token": token})).location == "/account?done=email"
    assert new in (await reader.get("/account")).words


async def test_a_changed_password_ends_other_sessions_and_gives_this_one_a_new_cookie(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    await another.send("/login", ADA)
    before = reader.cookie
    changed = await reader.send("/account/security/password", {"current": PASSWORD, "new": NEW})
    assert changed.location == "/account/security?done=password"
    assert reader.cookie not in {None, before}
    assert "All other sessions are ended" in (await reader.get(changed.location)).words
    assert (await another.get("/account")).status == 303


async def test_a_second_factor_is_confirmed_renewed_and_removed(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    clock = house.accounts.clock
    begun = await reader.send("/account/security/factor", {"password": PASSWORD})
    assert '<path class="qr-dark" d="M' in begun.html
    wrong = await reader.send("/account/security/factor/confirm", {"code": "000000"})
    assert wrong.status == 400
    assert "It is wrong: see to the clock of the app's device." in wrong.words
    assert "qr-dark" not in wrong.html

    app, old = await enrol(house, reader)
    assert "of 10 left" in (await reader.get("/account/security")).words
    missing = await reader.send("/account/security/codes", {"password": PASSWORD})
    assert "It is missing" in missing.words
    renewed = await reader.send(
        "/account/security/codes", {"password": PASSWORD, "code": app.code(clock)}
    )
    new = _CODE.findall(renewed.html)
    assert len(new) == 10
    assert not set(new) & set(old)
    removed = await reader.send(
        "/account/security/factor/remove", {"password": PASSWORD, "code": new[0]}
    )
    assert removed.location == "/account/security?done=factor-removed"
    assert "Your password alone" in (await reader.get("/account")).words


async def test_what_the_picture_says_is_what_the_key_says(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    begun = await reader.send("/account/security/factor", {"password": PASSWORD})
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', begun.html)
    assert found is not None
    uri = pyotp.TOTP(found[1].replace(" ", "")).provisioning_uri(name=EMAIL, issuer_name="Alpine")
    drawn = re.search(r'class="qr-dark" d="([^"]+)"', begun.html)
    assert drawn is not None
    assert drawn[1] == qr_code(uri).path


async def test_a_session_is_ended_by_its_page(
    house: PageHouse, reader: PageReader, another: PageReader
) -> None:
    await sign_in(house, reader)
    await another.send("/login", ADA)
    listed = await reader.get("/account/sessions")
    (other,) = re.findall(r'href="(/account/sessions/ses_\w+)"', listed.html)
    assert "Curl" in (await reader.get(other)).words
    wrong = await reader.send(other, {"password": "wrong wrong"})
    assert "It is not the account's: type it again." in wrong.words
    assert (await reader.send(other, {"password": PASSWORD})).location is not None
    assert (await another.get("/account")).status == 303
    assert (await reader.get(other)).status == 404


async def test_a_plan_is_tried_and_its_end_is_told(house: PageHouse, reader: PageReader) -> None:
    await sign_in(house, reader)
    assert "You have the free plan" in (await reader.get("/account/billing")).words
    assert (await reader.send("/account/billing/trial", {"plan": "pro"})).location is not None
    tried = await reader.get("/account/billing")
    assert "Your trial of Pro ends on" in tried.words
    again = await reader.send("/account/billing/trial", {"plan": "pro"})
    assert again.status == 409
    assert "This account has had its trial" in again.words
    await house.accounts.clock.advance(timedelta(days=15).total_seconds())
    await reader.send("/login", ADA)
    assert "Pro ended on" in (await reader.get("/account/billing")).words


async def test_a_paid_plan_is_cancelled_resumed_and_changed(
    house: PageHouse, reader: PageReader
) -> None:
    await sign_in(house, reader)
    who = await house.accounts.services.sessions.principal(str(reader.cookie), "192.0.2.1")
    assert who is not None
    await house.grant(who.user_id, "pro")
    words = (await reader.get("/account/billing")).words
    assert "Paid until" in words
    assert "when what you paid for ends" in words
    await reader.send("/account/billing/cancel")
    assert "Cancelled. Pro runs until" in (await reader.get("/account/billing")).words
    await reader.send("/account/billing/resume")
    await reader.send("/account/billing/plan", {"plan": "basic"})
    assert "Then Basic follows." in (await reader.get("/account/billing")).words
    await reader.send("/account/billing/plan", {"plan": "pro"})
    assert "Basic follows" not in (await reader.get("/account/billing")).words
    await house.accounts.clock.advance(timedelta(days=31).total_seconds())
    await reader.send("/login", ADA)
    assert "A payment is due since" in (await reader.get("/account/billing")).words


async def test_a_daily_mail_is_wanted_and_no_more(house: PageHouse, reader: PageReader) -> None:
    await sign_in(house, reader)
    wish = {"is_on": "on", "hour": "6", "zone": "Europe/Zurich"}
    assert (await reader.send("/account/digest", wish)).location == "/account?done=digest-on"
    assert "At 06:00, Europe/Zurich." in (await reader.get("/account")).words
    nowhere = await reader.send("/account/digest", {**wish, "zone": "Mars/Olympus"})
    assert "There is no such zone" in nowhere.words
    assert "Mars/Olympus" in nowhere.html
    odd = await reader.send("/account/digest", {**wish, "hour": "²"})
    assert odd.status == 400
    off = await reader.send("/account/digest", {"hour": "6", "zone": "UTC"})
    assert off.location == "/account?done=digest-off"


async def test_the_link_in_a_daily_mail_asks_before_it_unsubscribes(reader: PageReader) -> None:
    asked = await reader.get("/digest/unsubscribe?token=anything")
    assert "No more daily mails?" in asked.words
    unknown = await reader.send("/digest/unsubscribe", {"token": "anything"})
    assert unknown.status == 404
    assert (await reader.get("/digest/unsubscribe")).status == 400


@pytest.mark.parametrize("path", ["/sign-up", "/login", "/login/code"])
async def test_whoever_is_signed_in_already_is_sent_on(
    house: PageHouse, reader: PageReader, path: str
) -> None:
    await sign_in(house, reader)
    seen: Read = await reader.get(path)
    assert seen.status == 303
    assert seen.location in {"/account", "/signals"}
