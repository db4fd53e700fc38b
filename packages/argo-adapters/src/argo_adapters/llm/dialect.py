"""What differs from one vendor of language models to the next, and what they are all asked."""

from decimal import Decimal
from typing import Protocol

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_adapters.llm.reply import Complaint
from argo_core.errors import VendorError
from argo_core.resilience.budget import Amount

# English prose has about four characters a token, JSON full of digits about two.
CHARACTERS_PER_TOKEN = 2


@frozen
class Prompt:
    """One question: what the model is, what it is told, and the form its answer has to have.

    `name` is the schema's; `max_tokens` is the longest answer worth paying for.
    """

    system: str
    document: str
    name: str
    schema: dict[str, object]
    max_tokens: int

    @property
    def input_tokens(self) -> int:
        """Not less than the tokens of the call's input, unless searches add to them."""
        text = len(self.system) + len(self.document) + len(str(self.schema))
        return text // CHARACTERS_PER_TOKEN


class Dialect(Protocol):
    """How one vendor is asked and understood."""

    @property
    def path(self) -> str:
        """Where questions go, below the base address."""
        ...

    def body(self, prompt: Prompt) -> dict[str, object]:
        """The request."""
        ...

    def most(self, prompt: Prompt) -> Amount:
        """The most that the answer can cost."""
        ...

    def text(self, root: Node) -> str:
        """What the model wrote.

        Raises:
            VendorUnavailable: the vendor says that it did not come to an end.
            VendorGarbled: it was cut short, declined, or is not there.
        """
        ...

    def stamp(self, root: Node) -> Node:
        """When it was written, in Unix seconds."""
        ...

    def told(self, usage: Node) -> Decimal:
        """Dollars as the vendor says."""
        ...

    def by_tokens(self, usage: Node) -> Decimal:
        """Dollars by what was used, where the vendor does not say."""
        ...

    def tokens(self, usage: Node) -> int:
        """Tokens read and written."""
        ...

    def refined(self, error: VendorError, reply: Reply, said: Complaint) -> VendorError:
        """What an unusual status means here; `error` is what it means everywhere."""
        ...
