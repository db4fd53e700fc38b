"""A second factor as it is stored, and what shows that somebody has it."""

from attrs import field, frozen


@frozen
class Factor:
    """`sealed` holds the secret. `last_step` is the newest time step of which a code was used."""

    user_id: str
    sealed: bytes = field(repr=False)
    is_confirmed: bool
    last_step: int


@frozen
class CodeProof:
    """A code of that time step."""

    step: int


@frozen
class RecoveryProof:
    """A recovery code, by its digest."""

    digest: bytes = field(repr=False)


Proof = CodeProof | RecoveryProof


@frozen
class Proved:
    """A code of a factor that does not guard yet, as it was read: exactly that one is confirmed."""

    factor: Factor
    step: int
