"""What each source said by the end of each bar."""

import hashlib

import numpy as np
from attrs import field, frozen

from argo_core.backtest.bars.arrays import Floats, floats, floats_or_none, same_or_absent
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput


@frozen
class Scores:
    """One source's opinions on T rows of N symbols.

    `strength` (T, N) is in [-1, 1] on the grid of 1/10,000, as `Opinion.strength` is, NaN where
    the source has said nothing. `age_s` (T, N) is how old the opinion was when the row was known,
    None where every one is fresh.
    """

    source: SourceName
    strength: Floats = field(converter=floats, eq=same_or_absent, repr=False)
    age_s: Floats | None = field(
        default=None, converter=floats_or_none, eq=same_or_absent, repr=False
    )

    def __attrs_post_init__(self) -> None:
        if self.strength.ndim != 2:  # noqa: PLR2004 - rows and symbols
            raise InvalidInput("strength", "it is not a table", "give rows of symbols")
        with np.errstate(invalid="ignore"):
            if (np.abs(self.strength) > 1).any():
                raise InvalidInput("strength", "one is beyond 1", "give strengths in [-1, 1]")
        if self.age_s is not None and self.age_s.shape != self.strength.shape:
            raise InvalidInput("age_s", "its shape is another", "give an age to each strength")
        if self.age_s is not None and not (self.age_s >= 0).all():
            raise InvalidInput("age_s", "one is negative or no number", "give seconds >= 0")

    @property
    def sha256(self) -> str:
        """Names these opinions: whose they are, every strength and every age."""
        told = hashlib.sha256(f"{self.source}\n{self.strength.shape}\n".encode())
        for table in (self.strength, self.age_s):
            if table is not None:
                told.update(np.ascontiguousarray(table.astype("<f8")).data)
        return told.hexdigest()

    def upto(self, rows: int) -> "Scores":
        """The opinions on the first `rows` rows alone: what was known then."""
        ages = None if self.age_s is None else self.age_s[:rows]
        return Scores(self.source, self.strength[:rows], ages)
