"""All services of accounts, put together from what they need."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.ports.accounts import (
    Accounts,
    AuditTrail,
    Exporter,
    Factors,
    PasswordJudge,
    Passwords,
    SessionStore,
    Throttle,
)
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Chance, Clock, Vault
from alpine_service.services.codes import Codes
from alpine_service.services.credentials import Credentials
from alpine_service.services.login import Login
from alpine_service.services.minting import Mint
from alpine_service.services.new_passwords import NewPasswords
from alpine_service.services.own_account import AccountExporter, OwnAccount
from alpine_service.services.reauthentication import Reauthentication
from alpine_service.services.registration import Registration
from alpine_service.services.second_factors import SecondFactors
from alpine_service.services.sessions import Sessions
from alpine_service.services.staff_accounts import StaffAccounts
from alpine_service.services.tries import Tries


@frozen
class AccountNeeds:
    """What accounts need from outside. `exporters` are those of the other areas."""

    accounts: Accounts
    sessions: SessionStore
    factors: Factors
    trail: AuditTrail
    throttle: Throttle
    passwords: Passwords
    judge: PasswordJudge
    vault: Vault
    clock: Clock
    chance: Chance
    observer: Observer
    public_url: str
    exporters: Sequence[Exporter] = ()


@frozen
class AccountServices:
    """What handlers, middlewares and the command call."""

    registration: Registration
    login: Login
    sessions: Sessions
    credentials: Credentials
    second_factors: SecondFactors
    own_account: OwnAccount
    staff: StaffAccounts


def account_services(needs: AccountNeeds) -> AccountServices:
    """All of them over the same stores."""
    accounts, sessions, factors = needs.accounts, needs.sessions, needs.factors
    trail, passwords, vault = needs.trail, needs.passwords, needs.vault
    url, mint = needs.public_url, Mint(needs.clock, needs.chance)
    tries = Tries(needs.throttle, needs.clock, needs.observer)
    codes = Codes(factors, vault, needs.clock)
    new = NewPasswords(passwords, needs.judge)
    again = Reauthentication(accounts, trail, passwords, codes, tries, mint)
    own = AccountExporter(accounts, sessions, trail, mint)
    return AccountServices(
        registration=Registration(accounts, new, tries, mint, url),
        login=Login(accounts, sessions, factors, trail, passwords, codes, tries, mint, url),
        sessions=Sessions(sessions, again, mint),
        credentials=Credentials(accounts, trail, new, again, tries, mint, url),
        second_factors=SecondFactors(accounts, factors, codes, vault, again, tries, mint, url),
        own_account=OwnAccount(
            accounts, factors, trail, again, (own, *needs.exporters), tries, mint
        ),
        staff=StaffAccounts(accounts, sessions, new, mint),
    )
