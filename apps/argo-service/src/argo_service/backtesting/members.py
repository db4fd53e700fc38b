"""JSON objects as frozen values: every member that is wrong is refused under its full name."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Final, TypeVar, get_type_hints

import attrs

from argo_core.errors import InvalidInput

Tree = TypeVar("Tree", bound=attrs.AttrsInstance)

_SHOWN: Final = 40
_MOST_DIGITS: Final = 40


def full_name(where: str, name: str) -> str:
    """The name of a member inside the object called `where`, which is empty for the outermost."""
    return f"{where}.{name}" if where else name


def refuse_unknown(given: Mapping[str, object], known: Collection[str], where: str = "") -> None:
    """Refuse the first member that nobody knows.

    Raises:
        InvalidInput: there is one.
    """
    for name in given:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            fix = f"did you mean {close[0]}?" if close else f"give some of {', '.join(known)}"
            raise InvalidInput(full_name(where, name[:_SHOWN]), "there is no such member", fix)


def an_object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(name, f"{_shown(value)} is no object", "give a JSON object")
    return value


def a_text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(name, f"{_shown(value)} is no text", "give a text in quotes")
    return value.strip()


def a_choice(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(name, f"{_shown(value)} is no choice", "give true or false")
    return value


def a_count(value: object, name: str) -> int:
    if type(value) is not int:
        raise InvalidInput(name, f"{_shown(value)} is no whole number", "give a whole number")
    return value


def an_amount(value: object, name: str) -> Decimal:
    """A number, or the text of one; money is better sent as a text."""
    fix = 'give an amount such as "100000.00"'
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool)
    text = str(value)
    if not is_number or len(text) > _MOST_DIGITS:
        raise InvalidInput(name, f"{_shown(value)} is no amount", fix)
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(name, f"{_shown(value)} is no amount", fix) from error
    # Written out, a greater exponent would fill pages.
    if not amount.is_finite() or abs(amount.adjusted()) > _MOST_DIGITS:
        raise InvalidInput(name, f"{_shown(value)} is no amount", fix)
    # Hashes name texts, and the same amount has the same, with however many zeros it was written.
    return Decimal(format(amount.normalize(), "f")) if amount else Decimal(0)


def a_date(value: object, name: str) -> date:
    fix = "write the date like 2024-11-25"
    try:
        return date.fromisoformat(a_text(value, name))
    except ValueError as error:
        raise InvalidInput(name, f"{_shown(value)} is no date", fix) from error


_READ: Final[Mapping[object, Callable[[object, str], object]]] = {
    bool: a_choice,
    int: a_count,
    Decimal: an_amount,
}


def read_tree(
    kind: type[Tree], given: Mapping[str, object], where: str = "", base: Tree | None = None
) -> Tree:
    """An instance of an attrs class of numbers, choices and classes of its own sort.

    What is not given, or null, is as in `base`, or as the class has it.

    Raises:
        InvalidInput: a member is unknown, of another type or out of range; its `field` is the full
            name, such as `costs.fees.minimum`.
    """
    hints = get_type_hints(kind)
    refuse_unknown(given, [one.name for one in attrs.fields(kind)], where)
    values = (
        {} if base is None else {one.name: getattr(base, one.name) for one in attrs.fields(kind)}
    )
    for name, value in given.items():
        if value is None:
            continue
        wanted, called = hints[name], full_name(where, name)
        if attrs.has(wanted):
            values[name] = read_tree(wanted, an_object(value, called), called, values.get(name))
        else:
            values[name] = _READ[wanted](value, called)
    try:
        return kind(**values)
    except InvalidInput as error:
        called = full_name(where, error.field.rpartition(".")[2])
        raise InvalidInput(called, error.problem, error.fix) from error


def _shown(value: object) -> str:
    """As the request has it, where `None` is `null`."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:_SHOWN]
