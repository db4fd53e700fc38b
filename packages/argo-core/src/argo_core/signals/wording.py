"""Words that do not belong into a signal's words, whatever its numbers say."""

from collections.abc import Sequence

from argo_core.consensus.reasons import Direction
from argo_core.signals.words import Word


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(*texts: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(text.split()) for text in texts)


BUYING = _set(
    "buy buys buyer buyers buying bought rebuy long longs bull bulls bullish overweight "
    "outperform outperforms outperforming accumulate accumulates accumulating accumulation upgrade "
    "upgrades upgraded"
)
SELLING = _set(
    "sell sells seller sellers selling sold selloff short shorts shorting shorted bear bears "
    "bearish underweight underperform underperforms underperforming dump dumps dumping dumped "
    "offload offloading liquidate liquidating divest divesting downgrade downgrades downgraded "
    "exit exits exiting avoid avoids avoiding"
)
_AGAINST = {
    Direction.BUY: SELLING,
    Direction.SELL: BUYING,
    Direction.HOLD: BUYING | SELLING,
}
_WITH = {Direction.BUY: BUYING, Direction.SELL: SELLING, Direction.HOLD: frozenset[str]()}

# The horizon of a view is not its direction.
_HARMLESS = _phrases("short term", "long term", "short lived", "long lived", "short dated")

_NEGATIONS = _set(
    "not no never none nor neither nobody nothing cannot cant dont doesnt isnt wont without "
    "against instead opposite refrain stop hardly beware wrong mistake false"
)
_ASIDE = _phrases(
    "hold off", "stay out", "stay away", "steer clear", "stand aside", "keep away", "sit out"
)

_COMMANDS = _set(
    "ignore ignores ignoring disregard disregards override overrides instruction instructions "
    "instructed prompt prompts jailbreak assistant chatbot pretend roleplay forget obey password "
    "passwords credential credentials click subscribe visit download transfer deposit"
)
_COMMAND_PHRASES = _phrases("language model", "as an ai", "you must", "you are now", "api key")

_CONTACTS = _set(
    "http https www com url website telegram whatsapp discord twitter email mail phone hotline dm"
)

_PROMISES = _set("guarantee guarantees guaranteed guaranteeing riskless surefire infallible")
_PROMISE_PHRASES = _phrases(
    "risk free", "sure thing", "cannot lose", "can't lose", "cant lose", "free money", "easy money"
)


def opposes(line: Sequence[Word], direction: Direction) -> bool:
    """Whether the line speaks for another direction, or against its own by a negation.

    For a HOLD every direction is another one.
    """
    against, own = _AGAINST[direction], _WITH[direction]
    parts = _without(_HARMLESS, line)
    if any(part in against for _, part in parts) or _has(_ASIDE, line):
        return True
    negated = {sentence for sentence, part in parts if part in _NEGATIONS or _contracted(part)}
    return any(part in own and sentence in negated for sentence, part in parts)


def commands(line: Sequence[Word]) -> bool:
    """Whether the line tells its reader, or a machine that reads it, what to do."""
    return _any(_COMMANDS, line) or _has(_COMMAND_PHRASES, line)


def contacts(line: Sequence[Word]) -> bool:
    """Whether the line leads somewhere else."""
    return _any(_CONTACTS, line)


def promises(line: Sequence[Word]) -> bool:
    """Whether the line promises what nobody can keep."""
    return _any(_PROMISES, line) or _has(_PROMISE_PHRASES, line)


def spelled_out(line: Sequence[Word]) -> bool:
    """Whether three letters in a row stand alone, as where a word is hidden."""
    alone = 0
    for _, part in _parts(line):
        alone = alone + 1 if len(part) == 1 and part.isalpha() else 0
        if alone == 3:  # noqa: PLR2004 - the number in the docstring
            return True
    return False


def _parts(line: Sequence[Word]) -> list[tuple[int, str]]:
    """Every part of every compound, with the number of its sentence."""
    return [(word.sentence, part) for word in line for part in word.parts]


def _any(listed: frozenset[str], line: Sequence[Word]) -> bool:
    return any(part in listed for _, part in _parts(line))


def _has(phrases: Sequence[Sequence[str]], line: Sequence[Word]) -> bool:
    said = tuple(part for _, part in _parts(line))
    return any(
        said[place : place + len(phrase)] == tuple(phrase)
        for phrase in phrases
        for place in range(len(said))
    )


def _without(phrases: Sequence[Sequence[str]], line: Sequence[Word]) -> list[tuple[int, str]]:
    """The parts of the line but for those of the phrases."""
    parts = _parts(line)
    kept: list[tuple[int, str]] = []
    place = 0
    while place < len(parts):
        rest = tuple(part for _, part in parts[place : place + 2])
        if rest in phrases:
            place += 2
            continue
        kept.append(parts[place])
        place += 1
    return kept


def _contracted(part: str) -> bool:
    return part.endswith("n't")
