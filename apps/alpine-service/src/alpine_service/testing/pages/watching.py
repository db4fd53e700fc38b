"""Notices whatever goes wrong in a browser while somebody reads, also where nobody looks."""

from http import HTTPStatus

from attrs import Factory, define, frozen
from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# A policy's violation is told to the page alone, so the page tells us. Chromium also writes it on
# the console, which is all that there is of it where scripts are off.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  const where = `${event.sourceFile || event.documentURI}:${event.lineNumber}`;
  const what = event.blockedURI + (event.sample ? ` (${event.sample})` : "");
  alpineViolation(`${event.effectiveDirective} refuses ${what} at ${where}`);
});
"""
# What a page that is left did not wait for.
_LEFT = "net::ERR_ABORTED"


@frozen
class Trouble:
    """Something that must not happen, and what the browser said of it."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


# Playwright leaves marks of its own on whoever listens.
@define(eq=False, slots=False)
class Watch:
    """All that went wrong so far. What a test wants to go wrong it says by `expect`."""

    troubles: list[Trouble] = Factory(list)
    _expected: list[str] = Factory(list)

    async def over(self, context: BrowserContext) -> None:
        """Watch everything in there, from before its first page on."""
        await context.expose_binding("alpineViolation", self._violated)
        await context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", self._threw)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, *parts: str) -> None:
        """Trouble with one of these in its text is wanted; each has to come at least once."""
        self._expected += parts

    @property
    def unexpected(self) -> list[Trouble]:
        return [
            each for each in self.troubles if not any(part in str(each) for part in self._expected)
        ]

    def check(self) -> None:
        """Raise AssertionError for what was not expected, and for what was and did not come."""
        missing = [
            part for part in self._expected if not any(part in str(each) for each in self.troubles)
        ]
        lines = [str(each) for each in self.unexpected] + [
            f"did not come: {each}" for each in missing
        ]
        if lines:
            raise AssertionError("in the browser:\n  " + "\n  ".join(lines))

    def _violated(self, _source: object, told: str) -> None:
        self._note("policy", told)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location
            self._note("console", f"{message.text} ({where.get('url')}:{where.get('lineNumber')})")

    def _threw(self, error: WebError) -> None:
        self._note("page error", str(error.error))

    def _failed(self, request: Request) -> None:
        if request.failure != _LEFT:
            self._note("request", f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._note("answer", f"{response.status} for {response.request.method} {response.url}")

    def _note(self, kind: str, text: str) -> None:
        self.troubles.append(Trouble(kind, text))
