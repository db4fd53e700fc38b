"""A second factor: begun, confirmed by a code, and taken away again."""

from attrs import field, frozen

from alpine_service.domain.accounts import letters, recovery
from alpine_service.domain.accounts.factor import Proved
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.session import Next, Opened, Visitor
from alpine_service.domain.accounts.throttle import Deed
from alpine_service.domain.accounts.totp import SECRET_BYTES, enrolment_uri, shown_secret
from alpine_service.errors import Conflict, InvalidInput, NotSignedIn
from alpine_service.ports.accounts import Accounts, Factors
from alpine_service.ports.outside import Vault
from alpine_service.services.codes import Codes, purpose_of
from alpine_service.services.login import opened
from alpine_service.services.minting import Mint
from alpine_service.services.reauthentication import Reauthentication, Shown
from alpine_service.services.tries import Tries


@frozen
class Enrolment:
    """What an app needs to know; shown once, and kept sealed."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@frozen
class Enrolled:
    """The session in the place of all others, and the recovery codes, shown once."""

    opened: Opened
    codes: tuple[str, ...] = field(repr=False)


@frozen
class SecondFactors:
    """What may be done about the own second factor."""

    accounts: Accounts
    factors: Factors
    codes: Codes
    vault: Vault
    reauthentication: Reauthentication
    tries: Tries
    mint: Mint
    public_url: str

    async def begin(self, principal: Principal, password: str, visitor: Visitor) -> Enrolment:
        """A new secret; it guards nothing until a code of it was shown.

        Raises:
            InvalidInput: the password is wrong.
            Conflict: there is a second factor.
            TooMany: wait.
        """
        account = await self.reauthentication.by_password(principal, password, visitor)
        secret = self.mint.chance.draw(SECRET_BYTES)
        sealed = self.vault.seal(secret, purpose_of(account.id))
        entry = self.mint.entry(account.id, "second_factor.begun", account.id, visitor)
        if not await self.factors.begin(account.id, sealed, entry):
            raise Conflict("there is a second factor; take it away first")
        return Enrolment(shown_secret(secret), enrolment_uri(secret, account.email.typed))

    async def confirm(self, principal: Principal, code: str, visitor: Visitor) -> Enrolled:
        """The app knows the secret, so from now on signing in takes its codes.

        Raises:
            InvalidInput: the code is wrong.
            Conflict: none was begun, or it was confirmed already.
            TooMany: wait.
        """
        account = await self.accounts.get(principal.user_id)
        factor = await self.factors.get(principal.user_id)
        if account is None:
            raise NotSignedIn
        if factor is None or factor.is_confirmed:
            raise Conflict("no second factor awaits a code")
        await self.tries.by_account(Deed.CODE, account.id, visitor)
        step = self.codes.step_of(factor, code)
        if step is None:
            raise InvalidInput("code", "it is wrong", "see to the clock of the app's device")
        texts, digests = self._new_codes()
        minted = self.mint.session(account, visitor, second_factor=True)
        is_done = await self.factors.confirm(
            Proved(factor, step),
            digests,
            minted.session,
            self.mint.mail(account.email, letters.factor_added(self.public_url)),
            self.mint.entry(account.id, "second_factor.confirmed", account.id, visitor),
        )
        if not is_done:
            raise Conflict("no second factor awaits a code")
        await self.tries.forgive(Deed.CODE, account.id, visitor)
        return Enrolled(opened(minted, Next.NOTHING), texts)

    async def renew_codes(
        self, principal: Principal, shown: Shown, visitor: Visitor
    ) -> tuple[str, ...]:
        """New recovery codes; the old ones are void.

        Raises:
            InvalidInput: password or code are wrong.
            Conflict: there is no second factor.
            TooMany: wait.
        """
        account = await self.reauthentication.fully(principal, shown, visitor)
        if not account.has_factor:
            raise Conflict("there is no second factor")
        texts, digests = self._new_codes()
        mail = self.mint.mail(account.email, letters.codes_renewed(self.public_url))
        entry = self.mint.entry(account.id, "recovery_codes.renewed", account.id, visitor)
        await self.factors.renew_codes(account.id, digests, mail, entry)
        return texts

    async def remove(self, principal: Principal, shown: Shown, visitor: Visitor) -> Opened:
        """No second factor any more; a session in the place of all others.

        Raises:
            InvalidInput: password or code are wrong.
            Conflict: there is no second factor.
            TooMany: wait.
        """
        account = await self.reauthentication.fully(principal, shown, visitor)
        if not account.has_factor:
            raise Conflict("there is no second factor")
        minted = self.mint.session(account, visitor, second_factor=False)
        mail = self.mint.mail(account.email, letters.factor_removed(self.public_url))
        entry = self.mint.entry(account.id, "second_factor.removed", account.id, visitor)
        await self.factors.remove(minted.session, mail, entry)
        return opened(minted, Next.NOTHING)

    def _new_codes(self) -> tuple[tuple[str, ...], list[bytes]]:
        draw = self.mint.chance.draw
        texts = tuple(recovery.make_code(draw(recovery.BYTES)) for _ in range(recovery.COUNT))
        digests = [digest for text in texts if (digest := recovery.digest_of_code(text))]
        return texts, digests
