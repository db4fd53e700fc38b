"""Second factors."""

import asyncio

import pytest

from alpine_service.domain.accounts.factor import CodeProof, RecoveryProof
from alpine_service.domain.accounts.recovery import digest_of_code
from alpine_service.domain.accounts.totp import STEP_S, step_at
from alpine_service.errors import Conflict, InvalidInput, NotSignedIn, TooMany
from alpine_service.services.reauthentication import Shown
from alpine_service.testing.account_house import (
    ELSEWHERE,
    HOME,
    PASSWORD,
    AccountHouse,
    App,
    account_house,
    enrol,
)
from alpine_service.testing.postgres import TestDatabase


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


async def test_a_factor_guards_once_a_code_was_shown(house: AccountHouse) -> None:
    who = await house.signed_in()
    begun = await house.services.second_factors.begin(who, PASSWORD, HOME)
    assert begun.uri.startswith("otpauth://totp/Alpine:ada%40people.example?secret=")
    assert begun.secret not in repr(begun)
    with pytest.raises(InvalidInput):
        await house.services.second_factors.confirm(who, "000000", HOME)
    assert (await house.opened()).next == "nothing"
    code = App(begun.secret).code(house.clock)
    done = await house.services.second_factors.confirm(who, code, HOME)
    assert (await house.opened()).next == "code"
    assert len(set(done.codes)) == 10
    assert done.codes[0] not in repr(done)
    assert (await house.principal(done.opened)).second_factor
    assert (await house.subjects())[-1] == "A second factor guards your account"


async def test_the_code_that_confirmed_it_does_not_sign_in(house: AccountHouse) -> None:
    who = await house.signed_in()
    begun = await house.services.second_factors.begin(who, PASSWORD, HOME)
    code = App(begun.secret).code(house.clock)
    await house.services.second_factors.confirm(who, code, HOME)
    with pytest.raises(NotSignedIn):
        await house.services.login.by_code((await house.opened()).secret, code, HOME)


async def test_a_new_factor_ends_all_other_sessions(house: AccountHouse) -> None:
    who = await house.signed_in()
    other = await house.opened(ELSEWHERE)
    await enrol(house, who)
    assert await house.services.sessions.principal(other.secret, HOME.address) is None


async def test_beginning_anew_voids_what_was_begun(house: AccountHouse) -> None:
    who = await house.signed_in()
    first = await house.services.second_factors.begin(who, PASSWORD, HOME)
    second = await house.services.second_factors.begin(who, PASSWORD, HOME)
    assert first.secret != second.secret
    code = App(first.secret).code(house.clock)
    with pytest.raises(InvalidInput):
        await house.services.second_factors.confirm(who, code, HOME)
    code = App(second.secret).code(house.clock)
    results = await asyncio.gather(
        *(house.services.second_factors.confirm(who, code, HOME) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in results) == 2


async def test_there_is_one_factor_at_a_time(house: AccountHouse) -> None:
    who = await house.signed_in()
    factors = house.services.second_factors
    with pytest.raises(Conflict):
        await factors.confirm(who, "000000", HOME)
    await enrol(house, who)
    with pytest.raises(Conflict):
        await factors.begin(who, PASSWORD, HOME)
    with pytest.raises(Conflict):
        await factors.confirm(who, "000000", HOME)


async def test_without_one_there_is_nothing_to_take_away(house: AccountHouse) -> None:
    who = await house.signed_in()
    with pytest.raises(Conflict):
        await house.services.second_factors.remove(who, Shown(PASSWORD), HOME)
    with pytest.raises(Conflict):
        await house.services.second_factors.renew_codes(who, Shown(PASSWORD), HOME)


async def test_taking_it_away_takes_password_and_code(house: AccountHouse) -> None:
    app, opened, _ = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    remove = house.services.second_factors.remove
    with pytest.raises(InvalidInput):
        await remove(who, Shown(PASSWORD), HOME)
    with pytest.raises(InvalidInput):
        await remove(who, Shown("not the password", app.code(house.clock)), HOME)
    after = await remove(who, Shown(PASSWORD, app.code(house.clock)), HOME)
    assert not (await house.principal(after)).second_factor
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None
    assert (await house.opened()).next == "nothing"
    assert (await house.services.own_account.show(who)).recovery_codes == 0


async def test_new_recovery_codes_void_the_old_ones(house: AccountHouse) -> None:
    app, opened, old = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    shown = Shown(PASSWORD, app.code(house.clock))
    new = await house.services.second_factors.renew_codes(who, shown, HOME)
    assert len(new) == 10
    assert not set(new) & set(old)
    with pytest.raises(NotSignedIn):
        await house.services.login.by_code((await house.opened()).secret, old[0], HOME)
    assert (await house.services.login.by_code((await house.opened()).secret, new[0], HOME)).secret


async def test_a_lost_app_is_replaced_by_a_recovery_code(house: AccountHouse) -> None:
    _, opened, codes = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    await house.services.second_factors.remove(who, Shown(PASSWORD, codes[0]), HOME)
    await enrol(house, who)


async def test_codes_are_guessed_thirty_times_a_day_at_most(house: AccountHouse) -> None:
    await enrol(house, await house.signed_in())
    guesses = 0
    for _ in range(200):
        await house.clock.advance(STEP_S)
        pending = await house.opened(ELSEWHERE)
        try:
            await house.services.login.by_code(pending.secret, "000000", ELSEWHERE)
        except NotSignedIn:
            guesses += 1
        except TooMany:
            continue
    # 100 minutes: thirty at once, and two more as the day goes on.
    assert 30 <= guesses <= 33


async def test_the_secret_is_sealed_for_this_account_only(house: AccountHouse) -> None:
    who = await house.signed_in()
    begun = await house.services.second_factors.begin(who, PASSWORD, HOME)
    sealed = await house.database.fetchval("SELECT sealed FROM second_factors")
    assert App(begun.secret).secret.encode() not in sealed
    assert house.vault.unseal(sealed, f"totp/{who.user_id}")


async def test_without_a_factor_no_code_is_right(house: AccountHouse) -> None:
    who = await house.signed_in()
    codes = house.services.login.codes
    assert await codes.use(who.user_id, "000000") is None
    await house.services.second_factors.begin(who, PASSWORD, HOME)
    assert await codes.use(who.user_id, "000000") is None


async def test_a_step_and_a_recovery_code_are_used_by_one_however_many_ask(
    house: AccountHouse,
) -> None:
    who = await house.signed_in()
    _, _, codes = await enrol(house, who)
    digest = digest_of_code(codes[0])
    assert digest is not None
    factors = house.services.login.factors
    for proof in (CodeProof(step_at(house.clock.now())), RecoveryProof(digest)):
        used = await asyncio.gather(*(factors.use(who.user_id, proof) for _ in range(5)))
        assert sorted(used) == [False] * 4 + [True]
        assert not await factors.use(who.user_id, proof)
