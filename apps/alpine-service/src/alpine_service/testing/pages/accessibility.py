"""What axe-core finds wrong with a page for people who cannot see or point."""

from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

COLOURS = ("color-contrast",)
"""What only colours decide."""


async def violations(
    page: Page, rules: tuple[str, ...] = RULES, within: str | None = None
) -> list[str]:
    """A sentence for each element that breaks a rule of theirs; none on a good page.

    `within` is a selector of the part that is looked at: pages with thousands of elements take it
    minutes.
    """
    # It comes by the driver's own channel, about which no policy of the page is asked.
    options = {"runOnly": list(rules), "resultTypes": ["violations"]}
    found = await Axe().run(page, context=within, options=options)
    broken: list[dict[str, Any]] = found.response["violations"]
    return [_sentence(each, node) for each in broken for node in each["nodes"]]


def _sentence(broken: dict[str, Any], node: dict[str, Any]) -> str:
    where = " ".join(str(part) for part in node["target"])
    why = " ".join(node["failureSummary"].split())
    return f"{broken['id']} ({broken['impact']}): {where}: {why}"
