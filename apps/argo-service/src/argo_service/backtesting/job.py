"""A worker's order as a value, and its result as files."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from argo_adapters.bars.results import write_results
from argo_adapters.clocks.system import SystemClock
from argo_core.backtest.report.as_json import to_json
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.tearsheet import tearsheet
from argo_core.errors import InvalidInput
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.ledger import ledger_in
from argo_service.backtesting.perform import Tell, perform
from argo_service.backtesting.request import Asked, read_asked
from argo_service.backtesting.run import Progress
from argo_service.backtesting.shelf import REPORT, RESULT
from argo_service.backtesting.versions import versions

MOST_TRADES: Final = 10_000
"""That JSON lists; the tables have them all."""

_LOGGER: Final = logging.getLogger("argo.backtests")


@frozen(kw_only=True)
class Job:
    """What to run on which data, within `most_bars`, and where to put what comes of it.

    `stamp` is the data's when they were asked for, empty where nobody looked.
    """

    asked: Asked
    catalogue: Catalogue
    most_bars: int
    into: Path
    trials: Path | None
    stamp: str = ""

    def done(self, tell: Tell) -> str:
        """The digest of the result, whose files are written.

        Raises:
            InvalidInput: it cannot be run as it is.
        """
        tell(Progress("reading"))
        dataset = self.catalogue.find(self.asked.dataset)
        if self.stamp not in {"", dataset.stamp}:
            raise InvalidInput("dataset", "its bars have changed since", "ask again")
        report = perform(
            self.asked,
            dataset.read(self.asked, self.most_bars),
            tell=tell,
            trials=ledger_in(self.trials),
            at=SystemClock().now(),
            versions=versions(),
        )
        tell(Progress("writing"))
        (self.into / RESULT).write_bytes(json_of(report))
        write_results(self.into, report.backtest, ["csv"])
        self._write_page(report)
        return report.backtest.result_sha256

    def _write_page(self, report: Report) -> None:
        try:
            page = tearsheet(report)
        except InvalidInput as error:
            _LOGGER.warning("a backtest has no page: %s", error)
        else:
            (self.into / REPORT).write_text(page, "utf-8")


def json_of(report: Report) -> bytes:
    """The report as the API and the command give it."""
    return to_json(report, most_trades=MOST_TRADES)


def job_of(order: Mapping[str, Any]) -> Job:
    """The job that the service's line means."""
    folder, trials = order["folder"], order["trials"]
    return Job(
        asked=read_asked(order["asked"], dataset="", strategy=""),
        catalogue=Catalogue(None if folder is None else Path(folder)),
        most_bars=order["bars"],
        into=Path(order["into"]),
        trials=None if trials is None else Path(trials),
        stamp=order["stamp"],
    )
