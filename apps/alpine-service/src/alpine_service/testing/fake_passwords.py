"""Passwords without the slowness: hashes that anybody could turn back, and a count of the work."""

from collections.abc import Sequence

from attrs import define

from alpine_service.domain.accounts.password import Judgement


@define
class FakePasswords:
    """Keeps the port `Passwords`; `hashed` and `compared` count what argon2 would have done."""

    generation: int = 1
    hashed: int = 0
    compared: int = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return f"fake${self.generation}${password.encode().hex()}"

    async def verify(self, hashed: str | None, password: str) -> bool:
        self.compared += 1
        return hashed is not None and hashed.rpartition("$")[2] == password.encode().hex()

    def is_outdated(self, hashed: str) -> bool:
        return hashed.split("$")[1] != str(self.generation)


@define
class FakeJudge:
    """Keeps the port `PasswordJudge`: long ones are good, those that say `known` are known."""

    async def judge(self, password: str, words: Sequence[str]) -> Judgement:
        is_about = any(word and word in password.casefold() for word in words if len(word) > 4)  # noqa: PLR2004
        score = 4 if len(password) >= 10 and not is_about else 1  # noqa: PLR2004
        return Judgement(score, is_known="known" in password)
