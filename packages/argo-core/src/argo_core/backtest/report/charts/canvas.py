"""Empty figures in the report's style, and their SVG as part of a page."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from argo_core.backtest.report.charts.look import VARIABLES, Look
from argo_core.backtest.report.optional import CHARTS, needed

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PATH = re.compile(r' (?:d|points|x|y|transform|width|height|viewBox)="[^"]*"')
_ID = re.compile(r' id="([^"]+)"')
_FONT = re.compile(r" font-family: [^;\"]*;?")
_COLOUR = re.compile("|".join(VARIABLES))


@contextmanager
def style(look: Look) -> Iterator[None]:
    """Draw within this: whatever a user's own settings are, the same figure comes out.

    The settings belong to the whole process, so that one thread may draw at a time.

    Raises:
        InvalidInput: matplotlib is not installed.
    """
    matplotlib = needed("matplotlib", CHARTS)
    needed("matplotlib.style", CHARTS)
    ours = {
        "svg.hashsalt": "argo",
        "svg.fonttype": "none",
        "svg.image_inline": True,
        "path.simplify": True,
        "path.simplify_threshold": 0.2,
        "font.family": ["DejaVu Sans"],
        "font.size": look.letters,
        "text.color": look.ink,
        "text.parse_math": False,
        "axes.edgecolor": look.line,
        "axes.labelcolor": look.soft,
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.titlesize": look.letters,
        "axes.titlelocation": "left",
        "axes.titlecolor": look.soft,
        "axes.titlepad": 5,
        "axes.unicode_minus": True,
        "grid.color": look.line,
        "grid.linewidth": 0.7,
        "xtick.color": look.line,
        "xtick.labelcolor": look.soft,
        "ytick.color": look.line,
        "ytick.labelcolor": look.soft,
        "ytick.major.size": 0,
        "lines.linewidth": 1.3,
        "lines.solid_joinstyle": "round",
        "legend.frameon": False,
        "figure.facecolor": "none",
        "savefig.facecolor": "none",
    }
    with matplotlib.style.context("default", after_reset=True), matplotlib.rc_context(ours):
        yield


def figure(look: Look, height: float) -> Any:
    """An empty matplotlib Figure of the look's width and `height` inches."""
    made = needed("matplotlib.figure", CHARTS).Figure
    return made(figsize=(look.width, height), layout="constrained")


def dated(axes: Any, look: Look) -> None:
    """The x axis counts days since 1970 and says so in dates."""
    dates = needed("matplotlib.dates", CHARTS)
    locator = dates.AutoDateLocator(minticks=3, maxticks=max(5, int(look.width)))
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, show_offset=False))


def thinned(values: npt.ArrayLike, most: int) -> npt.NDArray[np.intp]:
    """Places of about `most` values that look like all of them: ends, lows and highs of parts."""
    told = np.asarray(values, dtype=np.float64)
    if len(told) <= most:
        return np.arange(len(told))
    kept = {0, len(told) - 1}
    for part in np.array_split(np.arange(len(told)), max(1, most // 2)):
        some = np.nan_to_num(told[part], nan=0.0)
        kept |= {int(part[np.argmin(some)]), int(part[np.argmax(some)])}
    return np.array(sorted(kept))


def svg(drawn: Any, name: str, label: str) -> str:
    """`drawn` as an SVG element: no outside references, ids that begin with `name`.

    `label` is what a screen reader says, already escaped. Lengths have two decimals.
    """
    buffer = io.StringIO()
    drawn.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(
        r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL
    )
    text = text.replace("xlink:href", "href")
    view = re.search(r'viewBox="[^"]*"', text)
    head = view.group() if view else ""
    text = f'<svg {head} role="img" aria-label="{label}">' + text[text.index(">") + 1 :]
    text = _PATH.sub(lambda found: _rounded(found.group()), text)
    text = _COLOUR.sub(lambda found: f"var(--{VARIABLES[found.group()]})", text)
    text = _FONT.sub("", text)
    return re.sub(r"\s*\n\s*", " ", _renamed(text, name)).replace("> <", "><").strip()


def _rounded(text: str) -> str:
    return _NUMBER.sub(lambda found: f"{float(found.group()):.2f}", text)


def _renamed(text: str, name: str) -> str:
    """Only ids that something refers to stay, under names that no other chart has."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    names: dict[str, str] = {}
    for one in _ID.findall(text):
        if one in used:
            names.setdefault(one, f"{name}-{len(names)}")
    text = _ID.sub(lambda found: f' id="{names[found[1]]}"' if found[1] in names else "", text)
    for old, new in names.items():
        text = text.replace(f"#{old})", f"#{new})").replace(f'"#{old}"', f'"#{new}"')
    return text
