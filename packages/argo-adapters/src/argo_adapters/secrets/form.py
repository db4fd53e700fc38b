"""What a key may look like, wherever it was kept."""

import re

from argo_core.errors import SecretGarbled
from argo_core.resilience.secret import Secret

MOST = 4_096
_FIX = "store the key alone, in printable ASCII without a space"


def as_secret(name: str, text: str) -> Secret:
    """The text without the blanks around it, as a secret.

    Raises:
        SecretGarbled: it is empty, too long, or holds what no header may.
    """
    value = text.strip()
    if not value:
        raise SecretGarbled(name, "it is empty", _FIX)
    if len(value) > MOST:
        raise SecretGarbled(name, f"it has more than {MOST:,} characters", _FIX)
    if not re.fullmatch("[!-~]+", value):
        raise SecretGarbled(name, "it holds characters no key has", _FIX)
    return Secret(value)
