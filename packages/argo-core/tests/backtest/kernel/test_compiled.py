"""Functions are compiled where numba is there, and run as they are where it is not."""

from argo_core.backtest.kernel.compiled import compiler


class StandIn:
    """What we ask numba for."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def njit(self, **asked: object) -> object:
        self.asked = asked
        return lambda function: ("machine code of", function)


def test_without_numba_a_function_is_itself() -> None:
    assert compiler(None)(len) is len


def test_machine_code_is_kept_and_leaves_other_threads_alone() -> None:
    numba = StandIn()
    assert compiler(numba)(len) == ("machine code of", len)
    asked = {"cache": True, "nogil": True, "error_model": "numpy"}
    assert numba.asked == asked | {"_nrt": True}
    assert compiler(numba, counted=False)(len) == ("machine code of", len)
    assert numba.asked == asked | {"_nrt": False}


def test_parts_of_others_are_not_kept_by_themselves() -> None:
    numba = StandIn()
    assert compiler(numba, inline=True)(len) == ("machine code of", len)
    assert numba.asked == {"nogil": True, "error_model": "numpy", "inline": "always"}
    assert compiler(None, inline=True)(len) is len
