"""Where a secret is in AWS Secrets Manager, in words: `argo/massive`, or `argo/alpaca#key_id`."""

import re

from attrs import frozen

from argo_core.errors import InvalidInput

# The characters of a name or an ARN; a field is one of a JSON object's.
_PLACE = re.compile(r"(?P<secret>[A-Za-z0-9/_+=.@:-]{1,512})(?:#(?P<field>[A-Za-z0-9_.-]{1,64}))?")


@frozen
class AwsPlace:
    """A secret's name or ARN, and the `field` of its JSON; without one it is the key itself."""

    secret: str
    field: str | None = None

    @staticmethod
    def parse(text: str) -> "AwsPlace":
        """Raises InvalidInput where the text is no such place."""
        found = _PLACE.fullmatch(text)
        if found is None:
            fix = "write it like argo/massive, or argo/alpaca#key_id"
            raise InvalidInput("place", f"{text[:80]!r} names no secret", fix)
        return AwsPlace(found["secret"], found["field"])

    def __str__(self) -> str:
        return self.secret if self.field is None else f"{self.secret}#{self.field}"
