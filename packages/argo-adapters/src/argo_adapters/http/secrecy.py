"""Keeping keys out of texts: a vendor may echo one back, and a library may print one."""

from urllib.parse import quote, quote_plus

_EXCERPT = 200
# Of keys that were replaced the last ones are remembered: a late answer may still echo them.
_MOST = 256


class Redactor:
    """Blanks secrets, in every spelling they have inside an address."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._known: tuple[str, ...] = ()
        self._hidden: list[str] = []
        self.learn(secrets)

    def learn(self, secrets: tuple[str, ...]) -> None:
        """Blank these as well from now on."""
        new = tuple(secret for secret in secrets if secret and secret not in self._known)
        if not new:
            return
        self._known = (*self._known, *new)[-_MOST:]
        spellings = {f(secret) for secret in self._known for f in (str, quote, quote_plus)}
        # The longest first, because one secret may be the beginning of another.
        self._hidden = sorted(spellings, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redactor({len(self._hidden)} spellings)"

    def clean(self, text: str) -> str:
        """`text` on one line, printable, at most 200 characters and without any secret."""
        # Secrets go first: cutting could leave half of one that no longer matches.
        words = " ".join(self.blank(text).split())[:_EXCERPT]
        return "".join(letter if letter.isprintable() else "?" for letter in words)

    def blank(self, text: str) -> str:
        """`text` without any secret, and otherwise as it is."""
        for secret in self._hidden:
            text = text.replace(secret, "***")
        return text

    def leaks(self, text: str) -> bool:
        """Whether `text` holds a secret."""
        return any(secret in text for secret in self._hidden)
