"""An answer that a repeated request gets again."""

from attrs import field, frozen


@frozen
class KeptAnswer:
    """`body` may hold a secret, such as a new key that is shown once."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
