"""A mail before it is known to whom it goes."""

from collections.abc import Mapping, Sequence

from attrs import Factory, field, frozen

from alpine_service.domain.letters.as_html import as_html
from alpine_service.domain.letters.as_text import as_text
from alpine_service.domain.letters.blocks import Block


@frozen
class Letter:
    """The same words as text and as HTML, which may carry a secret, and headers of its own."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    headers: Mapping[str, str] = field(default=Factory(dict), repr=False)


def write(
    subject: str,
    blocks: Sequence[Block],
    footnotes: Sequence[Block] = (),
    *,
    preheader: str,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Letter:
    """The letter of these blocks; its title is the subject, if there is no other."""
    title = title or subject
    return Letter(
        subject,
        as_text(title, blocks, footnotes),
        as_html(title, preheader, blocks, footnotes),
        headers or {},
    )
