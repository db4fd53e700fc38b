"""A new password: looked at, then hashed."""

from attrs import frozen

from alpine_service.domain.accounts.password import new_password, refuse_guessable, words_about
from alpine_service.ports.accounts import PasswordJudge, Passwords


@frozen
class NewPasswords:
    """The only way by which a password comes into an account."""

    passwords: Passwords
    judge: PasswordJudge

    async def hashed(self, text: str, email: str, where: str = "password") -> str:
        """Its hash.

        Raises:
            InvalidInput: it is too short, too long, known or easily guessed.
            TooMany: too many wait for a hash.
        """
        password = new_password(text, where)
        refuse_guessable(await self.judge.judge(password, words_about(email)), where)
        return await self.passwords.hash(password)
