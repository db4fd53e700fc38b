"""From raw values in layers to one typed tree; every refusal names the full key and the fix."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, TypeVar, get_type_hints

import attrs
from attrs import frozen

from argo_core.errors import InvalidInput, InvalidSetting
from argo_service.config.convert import Refused, convert
from argo_service.config.toml_file import Given

Tree = TypeVar("Tree", bound=attrs.AttrsInstance)

DEFAULT = "default"
PREFIX = "ARGO_"

VARIABLE: Final = "variable"
"""In an attribute's metadata: the environment variable of a setting that has a name of its own."""


def variable_of(key: str) -> str:
    """The environment variable that overrides the setting of that key."""
    return PREFIX + key.upper().replace(".", "__")


@frozen
class Leaf:
    """One setting: its dotted `key`, its type, and the environment variable that overrides it."""

    key: str
    type: object
    variable: str


def leaves(tree: type[Any], prefix: str = "") -> dict[str, Leaf]:
    """Every setting below an attrs class, by dotted key, in the order they are declared."""
    found: dict[str, Leaf] = {}
    hints = get_type_hints(tree)
    for attribute in attrs.fields(tree):
        key = prefix + attribute.name
        if attrs.has(hints[attribute.name]):
            found |= leaves(hints[attribute.name], key + ".")
        else:
            variable = attribute.metadata.get(VARIABLE, variable_of(key))
            found[key] = Leaf(key, hints[attribute.name], variable)
    return found


def from_environment(
    known: Mapping[str, Leaf], environment: Mapping[str, str], ours: frozenset[str]
) -> dict[str, Given]:
    """The settings among the environment's variables; `ours` are variables that mean other things.

    Raises:
        InvalidSetting: a variable has our prefix and means nothing.
    """
    by_variable = {leaf.variable: leaf.key for leaf in known.values()}
    given: dict[str, Given] = {}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in ours:
            continue
        if variable not in by_variable:
            raise _unknown(variable, "the environment", by_variable)
        value = Given(environment[variable], f"environment {variable}", is_text=True)
        given[by_variable[variable]] = value
    return given


def refuse_unknown(known: Mapping[str, Leaf], given: Mapping[str, Given]) -> None:
    """Raise InvalidSetting for the first key that is no setting."""
    for key, value in given.items():
        if key not in known:
            raise _unknown(key, value.origin, known)


def _unknown(key: str, where: str, known: Mapping[str, object]) -> InvalidSetting:
    close = get_close_matches(key, known, n=1, cutoff=0.6) or get_close_matches(
        key.rpartition(".")[2], known, n=1, cutoff=0.6
    )
    fix = f"did you mean {close[0]}?" if close else "`argo doctor` lists every setting"
    return InvalidSetting(key, f"there is no such setting ({where})", fix)


def build(base: Tree, given: Mapping[str, Given], prefix: str = "") -> Tree:
    """`base`, which holds the defaults, with what was given put in.

    Raises:
        InvalidSetting: a value was refused.
    """
    hints = get_type_hints(type(base))
    values: dict[str, Any] = {}
    for attribute in attrs.fields(type(base)):
        key, wanted = prefix + attribute.name, hints[attribute.name]
        values[attribute.name] = getattr(base, attribute.name)
        if attrs.has(wanted):
            values[attribute.name] = build(values[attribute.name], given, key + ".")
        elif key in given:
            values[attribute.name] = converted(key, wanted, given[key])
    try:
        return type(base)(**values)
    except InvalidSetting:
        raise
    except InvalidInput as error:
        key = prefix + error.field
        where = f" ({given[key].origin})" if key in given else ""
        raise InvalidSetting(key, error.problem + where, error.fix) from error


def converted(key: str, wanted: object, given: Given) -> object:
    """What was given for `key` as the type `wanted`.

    Raises:
        InvalidSetting: it cannot be meant as one.
    """
    try:
        return convert(wanted, given)
    except Refused as error:
        raise InvalidSetting(key, f"{error.problem} ({given.origin})", error.fix) from error
