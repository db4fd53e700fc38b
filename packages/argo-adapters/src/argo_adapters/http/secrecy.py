"""Keeping keys out of texts: a vendor may echo one back, and a library may print one."""

from urllib.parse import quote, quote_plus

_EXCERPT = 200
# Of keys that come and go so many are remembered: a late answer may still echo an old one.
_MOST = 256


class Redactor:
    """Blanks secrets, in every spelling they have inside an address.

    Those that it is made with are blanked for good. Of those it learns later the last ones are, so
    that a store which rotates without an end fills no memory.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._kept: tuple[str, ...] = ()
        # The one that was learned longest ago comes first.
        self._learned: dict[str, None] = {}
        self._hidden: list[str] = []
        self.keep(secrets)

    def keep(self, secrets: tuple[str, ...]) -> None:
        """Blank these for good."""
        self._kept = tuple(dict.fromkeys((*self._kept, *filter(None, secrets))))
        self._spell()

    def learn(self, secrets: tuple[str, ...]) -> None:
        """Blank these as well from now on; what is learned again counts as new."""
        is_new = False
        for secret in secrets:
            if secret and secret not in self._kept:
                is_new |= secret not in self._learned
                self._learned.pop(secret, None)
                self._learned[secret] = None
        if is_new:
            while len(self._learned) > _MOST:
                del self._learned[next(iter(self._learned))]
            self._spell()

    def _spell(self) -> None:
        known = (*self._kept, *self._learned)
        spellings = {f(secret) for secret in known for f in (str, quote, quote_plus)}
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
