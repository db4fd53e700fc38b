"""Settings as they are written: each is a text, and has to mean something.

No text is repeated in an error where there may be a secret in it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from alpine_service.errors import InvalidSetting
from alpine_service.ports.observing import Weight

_HIGHEST_PORT = 65_535
_MOST = 1_000_000
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")


@frozen
class Texts:
    """What was given, by the names of settings; what is absent keeps its default.

    Each method raises InvalidSetting if the text is there and cannot be meant.
    """

    given: Mapping[str, str] = field(repr=False)

    def text(self, name: str, fix: str) -> str | None:
        """Anything but nothing."""
        if name in self.given and not self.given[name]:
            raise InvalidSetting(name, "it is empty", fix)
        return self.given.get(name)

    def words(self, name: str) -> tuple[str, ...]:
        """With white space between them."""
        return tuple(self.given.get(name, "").split())

    def word(self, name: str, default: str) -> str:
        """What can stand in a label."""
        text = self.given.get(name, default)
        if not _WORD.fullmatch(text):
            fix = "give up to 64 letters, digits, dots, dashes and underscores"
            raise InvalidSetting(name, "it is not a word", fix)
        return text

    def flag(self, name: str) -> bool:
        """Yes or no, and no if it is absent."""
        text = self.given.get(name, "no")
        if text not in {"yes", "no"}:
            raise InvalidSetting(name, f"{text[:40]!r} is neither yes nor no", "give yes or no")
        return text == "yes"

    def path(self, name: str) -> Path | None:
        """A file, which need not be there."""
        text = self.text(name, "name a file, or leave it out")
        return Path(text) if text else None

    def port(self, name: str, default: int) -> int:
        """Of TCP; 0 lets the system choose."""
        fix = f"give a whole number from 0 to {_HIGHEST_PORT}"
        text = self.given.get(name, str(default))
        # Python reads more spellings of a number than an operator writes.
        if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()):
            raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix)
        port = int(text)
        if not 0 <= port <= _HIGHEST_PORT:
            raise InvalidSetting(name, f"{port} is not a port", fix)
        return port

    def count(self, name: str, default: int) -> int:
        """One or more."""
        fix = f"give a whole number from 1 to {_MOST}"
        text = self.given.get(name, str(default))
        if not (text.isascii() and text.isdecimal()):
            raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix)
        if not 1 <= int(text) <= _MOST:
            raise InvalidSetting(name, f"{text[:40]} is too few or too many", fix)
        return int(text)

    def seconds(self, name: str, default: float, least: float | None = None) -> float:
        """Above 0, or from `least` on."""
        fix = "give seconds above 0, such as 1.5" if least is None else "give seconds, such as 5"
        seconds, text = self._number(name, default, fix)
        # Written so that NaN is refused as well.
        is_enough = seconds > 0 if least is None else seconds >= least
        if not (is_enough and seconds < float("inf")):
            raise InvalidSetting(name, f"{text[:40]} cannot be waited", fix)
        return seconds

    def share(self, name: str, default: float) -> float:
        """From 0 to 1."""
        fix = "give a share from 0 to 1, such as 0.1"
        share, text = self._number(name, default, fix)
        if not 0 <= share <= 1:
            raise InvalidSetting(name, f"{text[:40]} is no share", fix)
        return share

    def weight(self, name: str, default: Weight) -> Weight:
        """Of happenings."""
        text = self.given.get(name, default)
        if text not in set(Weight):
            raise InvalidSetting(name, f"{text[:40]!r} is no level", f"give {', '.join(Weight)}")
        return Weight(text)

    def url(self, name: str, *schemes: str) -> str | None:
        """A URL of one of these, without a stroke at its end; there may be a password in it."""
        fix = f"give a URL that begins with {' or '.join(f'{scheme}:' for scheme in schemes)}"
        text = self.text(name, fix)
        if text is None:
            return None
        try:
            parts = urlsplit(text)
        except ValueError:
            # From None, because the error quotes what may be the password.
            raise InvalidSetting(name, "it is not a URL", fix) from None
        if parts.scheme not in schemes:
            raise InvalidSetting(name, "it is not such a URL", fix)
        if parts.scheme in {"http", "https"} and not parts.hostname:
            raise InvalidSetting(name, "it names no host", fix)
        return text.rstrip("/")

    def traces(self, name: str, default: str) -> str:
        """`none`, `console`, or the URL of a collector, in which nothing may be secret."""
        text = self.given.get(name, default)
        if text in {"none", "console"}:
            return text
        url = self.url(name, "http", "https") or default
        if urlsplit(url).username is not None or urlsplit(url).password is not None:
            raise InvalidSetting(name, "there is a password in it", "give the URL without one")
        return url

    def _number(self, name: str, default: float, fix: str) -> tuple[float, str]:
        text = self.given.get(name, str(default))
        try:
            return float(text), text
        except ValueError as error:
            raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix) from error
