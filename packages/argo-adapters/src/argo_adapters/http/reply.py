"""What a vendor answered over HTTP."""

from collections.abc import Mapping

from attrs import field, frozen

from argo_adapters.http.fields import Node
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorGarbled


@frozen
class Reply:
    """An answer, whatever its status; `body` is unpacked, and `sha256` is of the unpacked body."""

    source: SourceName
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    sha256: str

    def json(self) -> object:
        """The body, parsed strictly. Parse megabytes in a thread.

        Raises:
            VendorGarbled: the body is not JSON, with the reason.
        """
        try:
            return parse(self.body)
        except StrictJsonError as error:
            kind = "HTML" if self.body.lstrip()[:1] == b"<" else "not JSON"
            problem = f"the body under status {self.status} is {kind}: {error}"
            raise VendorGarbled(self.source, problem) from error

    def node(self) -> Node:
        """The root of the body's JSON, to be read field by field; raises what `json` raises."""
        return Node(self.source, self.json())
