"""Every page in both themes and two widths: clean, accessible, and as it looked before."""

import pytest
from attrs import frozen
from playwright.async_api import Page

from alpine_service.pages.routes import ROUTES
from alpine_service.testing.pages.accessibility import COLOURS, RULES, violations
from alpine_service.testing.pages.looks import Looks
from alpine_service.testing.pages.reading import LOOKS, NO_SCRIPTS, Reader, Readers, Theme
from alpine_service.testing.pages.world import World


@frozen
class Seen:
    """A page as somebody sees it; `path` may name a signal as `{alpha-0074}` or a user's own.

    Pages that answer otherwise than 200 are errors that people meet. Where `follow` is given, the
    page is behind the first link that it selects. Of a page that is very long `part` is a part to
    look at. Of one that `grows` with every look at it, no picture is compared.
    """

    name: str
    path: str
    route: str
    guest: str | None = None
    status: int = 200
    part: str | None = None
    follow: str | None = None
    grows: bool = False

    def __str__(self) -> str:
        return self.name


TWO_FRAMES = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
)
# What all the rest of the page is like.
PART_OF_THE_API = "#get_v1_signals"

FACTOR_OFF, WEBHOOK = "/account/security/factor/remove", "/account/webhooks/{id}"

PAGES = (
    Seen("home", "/", "/"),
    Seen("sign-up", "/sign-up", "/sign-up"),
    Seen("login", "/login?next=%2Fsignals", "/login"),
    Seen("reset", "/reset", "/reset"),
    Seen("verify-address", "/verify", "/verify"),
    Seen("email", "/email", "/email"),
    Seen("plans", "/plans", "/plans"),
    Seen("plans-of-free", "/plans", "/plans", "free"),
    Seen("performance", "/performance", "/performance"),
    Seen("performance-of-one", "/performance?strategy=omega", "/performance"),
    Seen("strategies", "/strategies", "/strategies"),
    Seen("strategy", "/strategies/alpha", "/strategies/{name}"),
    Seen("strategy-retired", "/strategies/omega", "/strategies/{name}"),
    Seen("api", "/docs", "/docs", part=PART_OF_THE_API),
    Seen("problem", "/problems/plan-too-low", "/problems/{name}"),
    Seen("how-to-verify", "/how-to-verify", "/how-to-verify"),
    Seen("nothing-there", "/nowhere", "", status=404),
    Seen("signal", "/signals/{alpha-0074}", "/signals/{id}"),
    Seen("signal-sealed", "/signals/{gamma-sealed}", "/signals/{id}"),
    Seen("signal-overdue", "/signals/{gamma-overdue}", "/signals/{id}", "free"),
    Seen("signal-early", "/signals/{gamma-early}", "/signals/{id}", "pro"),
    Seen("board", "/signals", "/signals", "pro"),
    Seen("board-of-free", "/signals", "/signals", "free"),
    Seen("board-empty", "/signals?symbol=NONE", "/signals", "pro"),
    Seen("record", "/signals/record", "/signals/record", "pro"),
    Seen("account", "/account", "/account", "pro"),
    Seen("address", "/account/address", "/account/address", "pro"),
    Seen("delete", "/account/delete", "/account/delete", "pro"),
    Seen("password", "/account/security/password", "/account/security/password", "pro"),
    Seen("factor", "/account/security/factor", "/account/security/factor", "pro"),
    Seen("factor-off", "/account/security/factor/remove", FACTOR_OFF, "admin"),
    Seen("codes", "/account/security/codes", "/account/security/codes", "admin"),
    Seen("others", "/account/sessions/others", "/account/sessions/others", "pro"),
    Seen("key-new", "/account/keys/new", "/account/keys/new", "pro"),
    Seen("key", "/account/keys", "/account/keys/{id}", "pro", follow="main table a"),
    Seen("webhook", "/account/webhooks", WEBHOOK, "pro", follow="main table a"),
    Seen("admin-user", "/admin/users", "/admin/users/{id}", "admin", follow="main table a"),
    Seen("security", "/account/security", "/account/security", "pro"),
    Seen("security-of-staff", "/account/security", "/account/security", "admin"),
    Seen("sessions", "/account/sessions", "/account/sessions", "pro"),
    Seen("keys", "/account/keys", "/account/keys", "pro"),
    Seen("billing", "/account/billing", "/account/billing", "pro"),
    Seen("billing-of-free", "/account/billing", "/account/billing", "free"),
    Seen("digest", "/account/digest", "/account/digest", "pro"),
    Seen("webhooks", "/account/webhooks", "/account/webhooks", "pro"),
    Seen("webhooks-of-free", "/account/webhooks", "/account/webhooks", "free"),
    Seen("admin-users", "/admin/users", "/admin/users", "admin"),
    Seen("admin-ingest", "/admin/ingest", "/admin/ingest", "admin"),
    Seen("admin-deliveries", "/admin/deliveries", "/admin/deliveries", "support"),
    Seen("admin-audit", "/admin/audit", "/admin/audit", "admin", grows=True),
    Seen("admin-audit-of-support", "/admin/audit", "/admin/audit", "support", 403),
    Seen("design", "/admin/design", "/admin/design", "admin"),
)


def path_of(seen: Seen, world: World) -> str:
    """The path with what is named in braces put in."""
    before, brace, rest = seen.path.partition("{")
    if not brace:
        return seen.path
    name, _, after = rest.partition("}")
    return f"{before}{world.index(name)}{after}"


async def open_page(reader: Reader, seen: Seen, world: World) -> Page:
    page = await reader.go(path_of(seen, world))
    if seen.follow is None:
        return page
    behind = await page.locator(seen.follow).first.get_attribute("href")
    assert behind is not None
    return await reader.go(behind)


@pytest.mark.parametrize("seen", PAGES, ids=str)
async def test_a_page_is_clean_accessible_and_looks_as_before(
    world: World, readers: Readers, looks: Looks, seen: Seen
) -> None:
    reader = await readers.open(LOOKS[0], world.guest(seen.guest) if seen.guest else None)
    if seen.status >= 400:
        reader.watch.expect(f"status of {seen.status}")
    page = await open_page(reader, seen, world)
    assert await page.title()
    for look in LOOKS:
        # The page stays and its reader changes, as somebody does who turns a tablet at dusk.
        await page.set_viewport_size({"width": look.size.width, "height": look.size.height})
        await page.emulate_media(color_scheme=look.theme.value, reduced_motion="reduce")
        # Charts are drawn anew in the next frame.
        await page.evaluate(TWO_FRAMES)
        # In the dark only colours are other ones.
        rules = RULES if look.theme is Theme.LIGHT else COLOURS
        assert await violations(page, rules, seen.part) == [], look
        # Nothing reaches beyond the window, on which a phone would zoom out.
        assert await page.evaluate("document.documentElement.scrollWidth") <= look.size.width, look
        take = looks.keep if seen.grows else looks.check
        await take(page, f"{seen}-{look}", is_whole=seen.part is None)


@pytest.mark.parametrize("seen", PAGES, ids=str)
async def test_a_page_is_whole_without_scripts(world: World, readers: Readers, seen: Seen) -> None:
    reader = await readers.open(NO_SCRIPTS, world.guest(seen.guest) if seen.guest else None)
    if seen.status >= 400:
        reader.watch.expect(f"status of {seen.status}")
    page = await open_page(reader, seen, world)
    assert await page.locator("main h1").count() == 1
    # Nothing that only a script could end.
    assert await page.get_by_text("Loading").count() == 0


def test_every_page_is_seen() -> None:
    told_elsewhere = {
        # What is no page to look at.
        "/static/{digest}/{name:.+}",
        "/favicon.ico",
        "/robots.txt",
        "/signals/rows",
        "/performance.csv",
        "/admin",
    }
    pages = {route.path for route in ROUTES if route.method == "GET"}
    missing = pages - {seen.route for seen in PAGES} - told_elsewhere
    assert missing <= set(SEEN_IN_STORIES), sorted(missing)


# Pages that need something to have happened, or a session besides one's own.
SEEN_IN_STORIES = (
    "/login/code",
    "/account/sessions/{id}",
    "/admin/ingest/{id}/evidence",
    "/digest/unsubscribe",
)
