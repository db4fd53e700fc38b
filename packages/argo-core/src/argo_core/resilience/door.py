"""Numbers refused at the door of a policy."""

import math

from argo_core.errors import InvalidInput


def positive(name: str, value: float) -> float:
    """`value`, refused unless it is finite and more than zero.

    Raises:
        InvalidInput: it is not.
    """
    if not (math.isfinite(value) and value > 0):
        raise InvalidInput(name, f"{value} is not positive", "give a finite number above zero")
    return value


def not_negative(name: str, value: float) -> float:
    """`value`, refused unless it is finite and zero or more.

    Raises:
        InvalidInput: it is not.
    """
    if not (math.isfinite(value) and value >= 0):
        raise InvalidInput(name, f"{value} is out of range", "give a finite number, zero or more")
    return value


def share(name: str, value: float) -> float:
    """`value`, refused unless 0 <= value < 1, as a uniform draw is.

    Raises:
        InvalidInput: it is not.
    """
    if not 0 <= value < 1:  # also refuses NaN
        raise InvalidInput(name, f"{value} is not a share", "give a number in [0, 1)")
    return value
