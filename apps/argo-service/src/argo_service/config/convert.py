"""Raw values to typed ones: text from the environment, or what TOML already typed."""

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin

from argo_core.resilience.secret import Secret
from argo_service.config.toml_file import Given

_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
_SHOWN = 60
_LONGEST_BITS = 256


class Refused(Exception):  # noqa: N818 - it is what happened to the value
    """A raw value cannot become the type; `fix` says what could."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def convert(wanted: object, given: Given) -> object:
    """`given` as the type `wanted`.

    Raises:
        Refused: it cannot be meant as one.
    """
    if isinstance(given.value, int) and given.value.bit_length() > _LONGEST_BITS:
        raise Refused(f"{_shown(given)} is out of range", "give a smaller number")
    if get_origin(wanted) in {Union, UnionType}:
        wanted = next(part for part in get_args(wanted) if part is not type(None))
    if get_origin(wanted) is tuple:
        return _texts(given)
    return _BY_TYPE[wanted](given)


def _text(given: Given) -> str:
    if not isinstance(given.value, str):
        raise Refused(f"{_shown(given)} is not text", "write it in quotes")
    if not given.value.strip():
        raise Refused("it is empty", "give a value, or leave the key out for the default")
    return given.value.strip()


def _texts(given: Given) -> tuple[str, ...]:
    if isinstance(given.value, str) and given.is_text:
        return tuple(part.strip() for part in given.value.split(",") if part.strip())
    if isinstance(given.value, list) and all(isinstance(each, str) for each in given.value):
        return tuple(given.value)
    raise Refused(f"{_shown(given)} is not a list of texts", 'write it like ["AAPL", "BTC/USD"]')


def _boolean(given: Given) -> bool:
    if isinstance(given.value, bool):
        return given.value
    if given.is_text and str(given.value).lower() in _YES + _NO:
        return str(given.value).lower() in _YES
    raise Refused(f"{_shown(given)} is not a choice", "write true or false")


def _whole(given: Given) -> int:
    if isinstance(given.value, int) and not isinstance(given.value, bool):
        return given.value
    if given.is_text:
        try:
            return int(str(given.value))
        except ValueError:
            pass
    raise Refused(f"{_shown(given)} is not a whole number", "give digits only")


def _number(given: Given) -> float:
    number = math.nan
    if isinstance(given.value, int | float) and not isinstance(given.value, bool):
        number = float(given.value)
    elif given.is_text:
        try:
            number = float(str(given.value))
        except ValueError:
            number = math.nan
    if not math.isfinite(number):
        raise Refused(f"{_shown(given)} is not a finite number", "give a number such as 0.25")
    return number


def _decimal(given: Given) -> Decimal:
    amount = Decimal("NaN")
    # A float's shortest text is what was written; its binary value would be a little beside it.
    if isinstance(given.value, int | float) and not isinstance(given.value, bool):
        amount = Decimal(str(given.value))
    elif given.is_text:
        try:
            amount = Decimal(str(given.value).strip())
        except InvalidOperation:
            amount = Decimal("NaN")
    if not amount.is_finite():
        raise Refused(f"{_shown(given)} is not an amount", "give a number such as 2.50")
    return amount


def _path(given: Given) -> Path:
    text = _text(given)
    if not text.isprintable():
        raise Refused(f"{_shown(given)} is not a path", "use printable characters only")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise Refused(f"{_shown(given)} has no home folder", "write the whole path") from error


def _secret(given: Given) -> Secret:
    if not given.is_text:
        raise Refused(
            "a secret stands in the settings file, where copies of it spread",
            "set it in the environment, or name a file that holds it with the key ending in _file",
        )
    if not isinstance(given.value, str) or not given.value.strip():
        raise Refused("it is empty", "give the key, or leave it out")
    if not re.fullmatch("[!-~]+", given.value.strip()):
        # Keys travel in headers, where anything else would be refused or understood as more.
        fix = "give the key alone, in printable ASCII without a space"
        raise Refused("it holds characters no key has", fix)
    return Secret(given.value.strip())


_BY_TYPE: dict[object, Callable[[Given], object]] = {
    str: _text,
    bool: _boolean,
    int: _whole,
    float: _number,
    Decimal: _decimal,
    Path: _path,
    Secret: _secret,
}


def _shown(given: Given) -> str:
    try:
        return repr(given.value)[:_SHOWN]
    except ValueError:
        # Python writes no number of thousands of digits in decimal.
        return "a number without end"
