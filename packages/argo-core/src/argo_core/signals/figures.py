"""Numbers as people write them, and whether one says what another does.

A figure is read with all its digits, sign, thousands separators and unit. What cannot be read for
sure, dates, fractions, powers of ten, ranges and ordinals among it, is no figure: who verifies
refuses it. A figure agrees with a quantity when rounding the quantity to the figure's digits may
give the figure (ties both ways), its sign is the quantity's, and its unit, if it has one, too.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from attrs import evolve, frozen

from argo_core.signals.words import Word, words

PERCENT = "%"
NO_UNIT = ""

_NUMBER = re.compile(
    r"(?P<sign>[+-])?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})?(?P<part>\.[0-9]{1,15})?"
    r"(?P<unit>%|[A-Za-z]+)?(?:-(?P<tail>[A-Za-z]+))?"
)

# Written unit to (what it multiplies by, what it then counts). Some have two readings.
_UNITS: dict[str, tuple[tuple[str, str], ...]] = {
    name: readings
    for names, readings in (
        ("% percent pct percentage point points pp", (("1", PERCENT),)),
        ("bp bps basis", (("0.01", PERCENT),)),
        ("x times fold", (("1", "x"),)),
        ("sd sigma sigmas standard deviation deviations", (("1", "sd"),)),
        ("s sec secs second seconds", (("1", "s"),)),
        ("min mins minute minutes", (("1", "min"),)),
        ("h hr hrs hour hours", (("1", "h"),)),
        ("d day days", (("1", "d"),)),
        ("week weeks", (("1", "week"),)),
        ("month months", (("1", "month"),)),
        ("year years", (("1", "year"),)),
        ("usd dollar dollars", (("1", "usd"),)),
        ("hundred", (("100", NO_UNIT),)),
        ("k thousand", (("1000", NO_UNIT),)),
        ("m", (("1", "min"), ("1000000", NO_UNIT))),
        ("mn million", (("1000000", NO_UNIT),)),
        ("b bn billion", (("1000000000", NO_UNIT),)),
        ("trillion", (("1000000000000", NO_UNIT),)),
    )
    for name in names.split()
}

_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SPELLED = {name: number for number, name in enumerate(_SMALL.split())} | {
    name: 10 * number for number, name in enumerate(_TENS.split(), start=2)
}

# Amounts in words that nothing is compared with; a scale is one where no number stands before it.
_AMOUNTS = """
hundred hundreds thousand thousands million millions billion billions trillion trillions dozen
dozens half halves halved halving quarter quarters third thirds double doubles doubled doubling
triple triples tripled tripling quadruple quadrupled twice thrice twofold threefold tenfold second
fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
"""
_VAGUE = frozenset(_AMOUNTS.split())

_DASHES = ("-", "--")

# A fall of 1.2 % is -1.2 %, so beside these words only a number that has its sign is clear.
_FALLS = """
minus negative down lower below beneath under fall falls fell falling fallen drop drops dropped
dropping decline declines declined declining decrease decreases decreased lose loses lost losing
loss losses shed sheds slip slips slipped slide slides slid sink sinks sank weaker less short
"""
_FALLING = frozenset(_FALLS.split())
_LINKS = frozenset(("a", "by", "of", "about", "some", "nearly", "almost", "over", "another"))


@frozen
class Figure:
    """A number as written: `value`, the weight of its last digit, and its readings' units.

    `signed` means that a sign was written. No readings means that no unit was.
    """

    value: Decimal
    step: Decimal
    signed: bool = False
    readings: tuple[tuple[str, str], ...] = ()


@frozen
class Quantity:
    """A value somebody stated; `unit` as `Figure` spells it, empty where it has none."""

    value: Decimal
    unit: str = NO_UNIT


@frozen
class Unreadable:
    """A word that holds a number, and which nobody can say for sure."""


@frozen
class Vague:
    """An amount in words that nothing can be compared with."""


Found = Figure | Unreadable | Vague


def figures(line: Sequence[Word]) -> Iterator[Found]:
    """Every number of a line, by digits or by words, in order."""
    place, joined = 0, False
    while place < len(line):
        word, begin = line[place], place
        place += 1
        found = _figure(word)
        if joined and found is not None:
            # Two numbers side by side may be one that was taken apart, and a dash may be a minus.
            found = Unreadable()
        joined = (found is not None or word.bare in _DASHES) and not word.closed
        if isinstance(found, Figure) and not found.readings and joined and place < len(line):
            unit = _UNITS.get(line[place].bare.lower())
            if unit is not None:
                found, joined, place = evolve(found, readings=unit), False, place + 1
        if isinstance(found, Figure) and not found.signed and _falls(line, begin, place):
            found = Unreadable()
        if found is not None:
            yield found


def _falls(line: Sequence[Word], begin: int, end: int) -> bool:
    """Whether a word beside the number from `begin` to `end` says that it is one of a fall."""
    before = begin - 1
    while before >= 0 and line[before].bare.lower() in _LINKS:
        before -= 1
    near = [line[place] for place in (before, end) if 0 <= place < len(line)]
    return any(_FALLING.intersection(word.parts) for word in near)


def quantities(text: str, unit: str = NO_UNIT) -> list[Quantity]:
    """What a fact states: each number of its text with its own unit, or else with `unit`.

    A unit with two readings has the first of them here.
    """
    own = _UNITS.get(unit.lower(), (("1", NO_UNIT),))
    found = [one for one in figures(words(text)) if isinstance(one, Figure)]
    units = [(one.readings or own)[0] for one in found]
    return [
        Quantity(one.value * Decimal(scale), name)
        for one, (scale, name) in zip(found, units, strict=True)
    ]


def agree(figure: Figure, quantity: Quantity) -> bool:
    """Whether the figure is the quantity, rounded to the digits that were written."""
    if figure.readings:
        return any(
            unit == quantity.unit and _rounds(figure, quantity.value, Decimal(scale))
            for scale, unit in figure.readings
        )
    return _rounds(figure, quantity.value, Decimal(1))


def _rounds(figure: Figure, value: Decimal, scale: Decimal) -> bool:
    # A rounded value may be written as 0 without a sign, but never with the wrong one.
    if figure.signed and value * (-1 if figure.value.is_signed() else 1) < 0:
        return False
    return abs(figure.value * scale - value) * 2 <= figure.step * scale


def _figure(word: Word) -> Found | None:
    """What number a word is, if it has to do with numbers at all."""
    if any(letter.isdigit() for letter in word.bare):
        return _written(word.bare)
    parts = word.parts
    numbers = [part for part in parts if part in _SPELLED]
    if not numbers:
        return Vague() if _VAGUE.intersection(parts) else None
    first, *rest = parts
    units = [_UNITS.get(part) for part in rest] or [()]
    if first not in _SPELLED or len(units) > 1 or units[0] is None:
        return Unreadable()
    return Figure(Decimal(_SPELLED[first]), Decimal(1), readings=units[0])


def _written(text: str) -> Found:
    match = _NUMBER.fullmatch(text)
    if match is None or not (match["whole"] or match["part"]):
        return Unreadable()
    unit, tail = match["unit"], match["tail"]
    if unit and tail:
        return Unreadable()
    readings: tuple[tuple[str, str], ...] | None = ()
    if unit or tail:
        readings = _UNITS.get((unit or tail).lower())
    if readings is None:
        return Unreadable()
    part = match["part"] or ""
    digits = (match["whole"] or "0").replace(",", "") + part
    value = Decimal(digits)
    step = Decimal(1).scaleb(-max(0, len(part) - 1))
    sign = match["sign"]
    # Unary minus would lose the sign of a zero.
    signed = value.copy_negate() if sign == "-" else value
    return Figure(signed, step, sign is not None, readings)
