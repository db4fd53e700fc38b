"""The colours of mails, in both themes; they are the dashboard's.

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
    border="#e3e6eb",
    text="#14181f",
    quiet="#5a6472",
    accent="#2f5bea",
    on_accent="#ffffff",
    buy="#0b7a4b",
    sell="#b3261e",
)
DARK = Palette(
    page="#0e1116",
    card="#161a21",
    border="#2a303a",
    text="#e8ebf0",
    quiet="#9aa4b2",
    accent="#7c9bff",
    on_accent="#0e1116",
    buy="#4cc38a",
    sell="#ff8f87",
)
