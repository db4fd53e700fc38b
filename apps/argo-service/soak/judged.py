"""What must hold in a soak, said as sentences about what was seen."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from statistics import median

from attrs import field, frozen

BEAT_S = 5.0
# Of a process's life the first part is warming up; less than this says nothing about its growth.
_WARM_S = 20.0
_LEAST_LIFE_S = 60.0
MOST_GROWTH = 0.02
# A dozen connections more or less are a pool's business while vendors fail and come back; one that
# was left behind at each beat would be sixty in five minutes.
_MOST_MORE = 16


@frozen
class Heard:
    """A cycle that was told, at `at_s` seconds of the recording by the clock nobody steps."""

    at_s: float
    who: str
    signals: tuple[int, ...]


@frozen
class Sample:
    """One look at a process in its `life`th life, at `at_s` wall seconds.

    Whoever `publishes` has the log, the journal and the broker open, and others have not.
    """

    who: str
    life: int
    publishes: bool
    at_s: float
    rss: int
    files: int
    sockets: int


@frozen
class Outage:
    """The record's own store was away, in seconds of the recording: nobody can publish then."""

    from_s: float
    to_s: float

    def within(self, begin_s: float, end_s: float) -> float:
        """How much of it lies in that time."""
        return max(0.0, min(self.to_s, end_s) - max(self.from_s, begin_s))


@frozen
class Gap:
    """`beats` without a cycle, up to `at_s`."""

    at_s: float
    beats: int


@frozen
class Beat:
    """How well the beat was kept: `expected` beats, and where some are missing.

    Of these, `excused` ones lie in times in which the record's store was away.
    """

    expected: int
    excused: int
    gaps: tuple[Gap, ...]

    @property
    def missed(self) -> int:
        """Beats that somebody should have kept."""
        return sum(gap.beats for gap in self.gaps)

    @property
    def uptime(self) -> float:
        """Share of beats with a cycle, of those that could have one."""
        possible = self.expected - self.excused
        return 1 - self.missed / possible if possible > 0 else 0.0

    @property
    def published(self) -> float:
        """Share of all beats with a cycle."""
        return 1 - (self.missed + self.excused) / self.expected if self.expected else 0.0


def beat_of(heard: Sequence[Heard], ends_s: float, outages: Sequence[Outage] = ()) -> Beat:
    """Gaps between cycles, whoever made them; the first cycle begins the count.

    Outages do not count as time: what follows one is late by what passes after its end.
    """
    if not heard:
        return Beat(0, 0, ())
    moments = sorted(one.at_s for one in heard)
    gaps, excused = [], 0
    for before, after in zip(moments, [*moments[1:], ends_s], strict=True):
        away = sum(one.within(before, after) for one in outages)
        all_lost, lost = _lost(after - before), _lost(after - before - away)
        excused += all_lost - lost
        if lost:
            gaps.append(Gap(after, lost))
    return Beat(max(1, round((ends_s - moments[0]) / BEAT_S)), excused, tuple(gaps))


def _lost(seconds: float) -> int:
    return max(0, round(seconds / BEAT_S) - 1)


@frozen
class Growth:
    """How much memory, files and sockets grew while a process did one thing, once it was warm."""

    who: str
    publishes: bool
    life_s: float
    rss: float
    files: int
    sockets: int

    def __str__(self) -> str:
        does = "published" if self.publishes else "stood by"
        return f"{self.who} {does} for {self.life_s:.0f} s"


def growths(samples: Sequence[Sample]) -> tuple[Growth, ...]:
    """One for each time of publishing or standing by that was long enough to tell."""
    found = []
    for (who, _), life in _lives(samples).items():
        for publishes, spell in groupby(life, key=lambda one: one.publishes):
            seen = list(spell)
            span = seen[-1].at_s - seen[0].at_s
            if span < _LEAST_LIFE_S:
                continue
            warm = [one for one in seen if one.at_s - seen[0].at_s > _WARM_S]
            quarter = max(1, len(warm) // 4)
            first, last = warm[:quarter], warm[-quarter:]
            rss = _middle(last, "rss") / _middle(first, "rss") - 1
            files = round(_middle(last, "files") - _middle(first, "files"))
            sockets = round(_middle(last, "sockets") - _middle(first, "sockets"))
            found.append(Growth(who, publishes, span, rss, files, sockets))
    return tuple(found)


def _lives(samples: Sequence[Sample]) -> Mapping[tuple[str, int], list[Sample]]:
    lives: dict[tuple[str, int], list[Sample]] = {}
    for one in samples:
        lives.setdefault((one.who, one.life), []).append(one)
    return lives


def _middle(samples: Sequence[Sample], name: str) -> float:
    return median(getattr(one, name) for one in samples)


@frozen
class Record:
    """What the log holds in the end: its entries, and what verifying it found."""

    entries: tuple[bytes, ...] = field(repr=False)
    problems: tuple[str, ...]

    def kinds(self) -> Mapping[str, int]:
        """How many entries there are of each kind."""
        return Counter(str(json.loads(one)["kind"]) for one in self.entries)


def faults_of_record(record: Record, told: Sequence[int]) -> list[str]:
    """Sentences about what is wrong with the record; none when nothing is."""
    wrong = [f"the log does not verify: {one}" for one in record.problems]
    entries = [json.loads(one) for one in record.entries]
    if [one["seq"] for one in entries] != list(range(len(entries))):
        wrong.append("the sequence has a gap or a double")
    names = Counter(one["id"] for one in entries if one["kind"] == "signal")
    doubled = [name for name, count in names.items() if count > 1]
    if doubled:
        wrong.append(f"signals are there twice: {', '.join(doubled[:5])}")
    decided = [one["decided_us"] for one in entries]
    if decided != sorted(decided):
        wrong.append("an entry was decided before the one that it follows")
    lost = [
        index
        for index in told
        if index >= len(entries) or entries[index]["kind"] not in {"signal", "commit"}
    ]
    if lost:
        wrong.append(f"signals were announced and are not in the log: {lost[:5]}")
    if len(set(told)) != len(told):
        wrong.append("a signal was announced twice")
    return wrong


def faults_of_beat(beat: Beat, least: float) -> list[str]:
    """A sentence if fewer beats were kept than that share."""
    if beat.uptime >= least:
        return []
    return [f"the beat was kept for {beat.uptime:.2%} of the time, and {least:.2%} is asked for"]


def faults_of_growth(found: Sequence[Growth]) -> list[str]:
    """Sentences about what grew and must not."""
    wrong = []
    for one in found:
        if one.rss > MOST_GROWTH:
            wrong.append(f"{one}: memory grew by {one.rss:.1%}")
        if max(one.files, one.sockets) > _MOST_MORE:
            wrong.append(f"{one}: {one.files} files and {one.sockets} sockets more at the end")
    return wrong
