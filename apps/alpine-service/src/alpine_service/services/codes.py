"""Codes that are shown for a second factor: those of an app, and recovery codes."""

from attrs import frozen

from alpine_service.domain.accounts.factor import CodeProof, Factor, Proof, RecoveryProof
from alpine_service.domain.accounts.recovery import digest_of_code
from alpine_service.domain.accounts.totp import matching_step
from alpine_service.ports.accounts import Factors
from alpine_service.ports.outside import Clock, Vault


@frozen
class Codes:
    """Tells right codes from wrong ones, and uses them up."""

    factors: Factors
    vault: Vault
    clock: Clock

    def secret_of(self, factor: Factor) -> bytes:
        return self.vault.unseal(factor.sealed, purpose_of(factor.user_id))

    def step_of(self, factor: Factor, code: str) -> int | None:
        """The time step of a right code that was not used; None for any other."""
        return matching_step(self.secret_of(factor), code, self.clock.now(), factor.last_step)

    async def use(self, user_id: str, code: str) -> Proof | None:
        """Use the code up; None if it is wrong or was used, or if there is no second factor."""
        factor = await self.factors.get(user_id)
        if factor is None or not factor.is_confirmed:
            return None
        step = self.step_of(factor, code)
        digest = digest_of_code(code)
        proof: Proof
        if step is not None:
            proof = CodeProof(step)
        elif digest is not None:
            proof = RecoveryProof(digest)
        else:
            return None
        return proof if await self.factors.use(user_id, proof) else None


def purpose_of(user_id: str) -> str:
    """What the secret is sealed for: this account and no other."""
    return f"totp/{user_id}"
