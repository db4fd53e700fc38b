"""The colours of mails, in both themes: those that the dashboard has in its `tokens.css`.

Everything that is read has a contrast of at least 4.5 against what it stands on (WCAG 2.2, 1.4.3).
"""

from attrs import frozen


@frozen
class Palette:
    """One theme. `on_accent` is what is written on a button."""

    page: str
    card: str
    border: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    buy: str
    sell: str


LIGHT = Palette(
    page="#f7f8fa",
    card="#ffffff",
    border="#e2e5ea",
    text="#14181f",
    quiet="#56606e",
    accent="#2a54dc",
    on_accent="#ffffff",
    buy="#08704a",
    sell="#b3261e",
)
DARK = Palette(
    page="#0d1015",
    card="#151920",
    border="#272d37",
    text="#e8ebf0",
    quiet="#9ca6b4",
    accent="#8aa4ff",
    on_accent="#0d1015",
    buy="#4bd39b",
    sell="#ff8d83",
)
