"""What an engine was told, and what it wrote, as a tape that can be played again.

The header says whose inputs follow, each on a line of its own, in the order they came. The last
line says how many there are, whether anything is missing, and the hash of all lines before it. It
is absent where the recording was cut off, by a crash for example: then what is there may be read,
if the reader asks for it. The hash tells lost, swapped and spoilt lines. It is no signature:
whoever changes a recording can write another.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import sha256

import orjson
from attrs import field, frozen

from argo_core.backtest.fields import Fields
from argo_core.backtest.input_lines import read_input, write_input
from argo_core.backtest.tape_format import FORMAT, INPUTS, VERSION, header, line
from argo_core.codec.exact import EXACT
from argo_core.consensus.profile import Profile
from argo_core.engine.inputs import Input
from argo_core.engine.outside import Registration
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Instrument

_END = "end"
_FIX = "restore the file, or read what is there with --partial"


class Origin(StrEnum):
    """Where inputs came from."""

    LIVE = "recorded live"
    SIMULATED = "recorded from simulated vendors"


def fingerprint(reveal_key: bytes) -> str:
    """What may be said of a reveal key: it tells keys apart, and nothing about any of them."""
    return sha256(b"argo-reveal-key/v1\n" + reveal_key).hexdigest()


def _each_once(_instance: object, _attribute: object, value: tuple[Instrument, ...]) -> None:
    if len({one.symbol for one in value}) < len(value):
        raise InvalidInput("instruments", "a symbol is listed twice", "list each symbol once")


@frozen
class About:
    """Whose inputs a recording holds: everything that a desk is made with, but for secrets.

    `reveal_key_sha256` is the fingerprint of the key that its nonces were made with.
    """

    origin: Origin
    log: str
    strategy: str
    code_sha256: str
    config_sha256: str
    seed: int
    reveal_after_s: int
    reveal_key_sha256: str | None
    profile: Profile
    instruments: tuple[Instrument, ...] = field(validator=_each_once)

    @classmethod
    def of(
        cls,
        registration: Registration,
        profile: Profile,
        instruments: tuple[Instrument, ...],
        origin: Origin,
    ) -> "About":
        """What a recording of that engine says."""
        key = registration.reveal_key
        return cls(
            origin=origin,
            log=registration.log,
            strategy=registration.strategy,
            code_sha256=registration.code_sha256,
            config_sha256=registration.config_sha256,
            seed=registration.seed,
            reveal_after_s=registration.reveal_after_s,
            reveal_key_sha256=None if key is None else fingerprint(key),
            profile=profile,
            instruments=instruments,
        )

    def registration(self, reveal_key: bytes | None = None) -> Registration:
        """What the engine was registered with.

        Raises:
            InvalidInput: it took a reveal key, and this is none or another.
        """
        wanted = self.reveal_key_sha256
        if not self.reveal_after_s:
            reveal_key = None
        elif reveal_key is None or fingerprint(reveal_key) != wanted:
            said = "none is given" if reveal_key is None else "this is another one"
            problem = f"its signals were sealed with a key, and {said}"
            raise InvalidInput("reveal_key", problem, "give the key that the engine had")
        return Registration(
            log=self.log,
            strategy=self.strategy,
            code_sha256=self.code_sha256,
            config_sha256=self.config_sha256,
            seed=self.seed,
            reveal_after_s=self.reveal_after_s,
            reveal_key=reveal_key,
        )


@frozen
class End:
    """So many `inputs` came before it; `missing` says why others are not there, if any are not.

    `sha256` is that of every byte before this line, the header's too, in hexadecimal.
    """

    inputs: int
    sha256: str
    missing: str | None = None


def write_about(about: About) -> bytes:
    """The first line."""
    return line({"format": FORMAT, "version": VERSION, "holds": INPUTS, **EXACT.unstructure(about)})


def write_end(end: End) -> bytes:
    """The last line."""
    return line({"kind": _END, **EXACT.unstructure(end)})


def dump(about: About, inputs: Iterable[Input]) -> Iterator[bytes]:
    """A whole recording's lines, each with its line feed."""
    first = write_about(about)
    before = sha256(first)
    yield first
    count = 0
    for one in inputs:
        count += 1
        text = write_input(one)
        before.update(text)
        yield text
    yield write_end(End(count, before.hexdigest()))


class Recording:
    """Reads one, line by line: `about` at once, then the inputs, of which each is read only once.

    With `partial` it may have been cut off anywhere; what is left of a line at its end is dropped.
    """

    def __init__(self, lines: Iterable[bytes], *, partial: bool = False) -> None:
        """Read the header.

        Raises:
            InvalidInput: it is no recording; the error names the line.
        """
        self._lines = enumerate(lines, 1)
        self._partial = partial
        self._count = 0
        self._end: End | None = None
        _, first = next(self._lines, (1, None))
        self.about = _about(first)
        self._before = sha256(first or b"")

    def __iter__(self) -> Iterator[Input]:
        """The inputs.

        Raises:
            InvalidInput: one is damaged, or the end is not there; the error names the line.
        """
        for number, text in self._lines:
            where = f"recording line {number}"
            if self._end is not None:
                raise InvalidInput(where, "it follows the end", "restore the file")
            if not text.endswith(b"\n") and self._partial:
                break
            if text.startswith(b'{"kind":"end"'):
                self._end = _end(where, text)
                continue
            self._before.update(text)
            yield read_input(where, text)
            self._count += 1
        self._complete()

    @property
    def count(self) -> int:
        """How many inputs were read so far."""
        return self._count

    @property
    def missing(self) -> str | None:
        """Why inputs are missing, None if it is whole; known once all were read."""
        return "it was cut off" if self._end is None else self._end.missing

    def _complete(self) -> None:
        if self._end is None:
            if not self._partial:
                raise InvalidInput("recording", "its end is missing: it was cut off", _FIX)
        elif self._end.inputs != self._count:
            problem = f"{self._count:,} inputs are there where its end says {self._end.inputs:,}"
            raise InvalidInput("recording", problem, "restore the file")
        elif self._end.sha256 != self._before.hexdigest():
            problem = "its lines are not those that its end has the hash of"
            raise InvalidInput("recording", problem, "restore the file")


def _about(text: bytes | None) -> About:
    first = None if text is None else Fields.read("recording line 1", text)
    members = dict(header(first, INPUTS).members)
    for name in ("format", "version", "holds"):
        members.pop(name)
    try:
        about = EXACT.structure(members, About)
        same = write_about(about) == (text or b"").removesuffix(b"\n") + b"\n"
    except Exception as error:
        problem = f"no header: {type(error).__name__}: {error}"[:200]
        raise InvalidInput("recording line 1", problem, "restore the file") from error
    if not same:
        problem = "the header is not spelled as it was written"
        raise InvalidInput("recording line 1", problem, "restore the file")
    return about


def _end(where: str, text: bytes) -> End:
    try:
        members = orjson.loads(text)
        del members["kind"]
        return EXACT.structure(members, End)
    except Exception as error:
        problem = f"no end: {type(error).__name__}: {error}"[:200]
        raise InvalidInput(where, problem, "restore the file") from error
