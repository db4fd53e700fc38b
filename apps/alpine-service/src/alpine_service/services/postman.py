"""Sends the mails that wait, and tries again those that could not leave."""

import asyncio
from datetime import timedelta

from attrs import frozen

from alpine_service.errors import MailAway, MailRefused
from alpine_service.ports.events import Wakeup
from alpine_service.ports.mail import Mailer
from alpine_service.ports.mail_queue import MailQueue, Waiting
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock
from alpine_service.ports.tracing import UNTRACED, Span, Tracer

# After the first try, the second, and so on; about a day in all, which servers that greylist or are
# moved get by. Links in mails have expired by then.
RETRIES = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 43_200)
)
# Longer than any mail takes to be handed over, so that nobody sends what another is sending.
LEASE = timedelta(minutes=2)
AT_ONCE = 4
# How long a mail waits at most when the hint for it was lost.
LOOK_S = 5.0


@frozen
class Postman:
    """A background service; any number of them share one queue."""

    queue: MailQueue
    mailer: Mailer
    wakeup: Wakeup
    clock: Clock
    observer: Observer
    tracer: Tracer = UNTRACED

    async def run(self) -> None:
        """Until cancelled.

        Raises:
            DatabaseAway: the database does not answer.
        """
        while True:
            if not await self.round():
                await self.wakeup.wait(LOOK_S)

    async def round(self) -> int:
        """Take a few mails and try each once; how many."""
        taken = await self.queue.claim(AT_ONCE, self.clock.now(), LEASE)
        async with asyncio.TaskGroup() as group:
            for waiting in taken:
                group.create_task(self._try(waiting))
        return len(taken)

    async def _try(self, waiting: Waiting) -> None:
        with self.tracer.span("mail.send", mail=waiting.mail.id, tries=waiting.tries) as span:
            await self._send(waiting, span)

    async def _send(self, waiting: Waiting, span: Span) -> None:
        mail, tries, began = waiting.mail.id, waiting.tries, self.clock.monotonic()
        try:
            async with asyncio.timeout(LEASE.total_seconds() / 2):
                await self.mailer.send(waiting.mail)
        except MailRefused as error:
            span.fail("refused")
            await self._give_up(waiting, str(error))
        except (MailAway, TimeoutError) as error:
            span.fail("away")
            if tries > len(RETRIES):
                await self._give_up(waiting, str(error))
                return
            again = self.clock.now() + RETRIES[tries - 1]
            self.observer.tell(
                "mail.delayed", Weight.WARNING, mail=mail, tries=tries, problem=str(error)
            )
            await self.queue.later(waiting, again)
        else:
            took_s = round(self.clock.monotonic() - began, 6)
            await self.queue.done(waiting)
            self.observer.tell("mail.sent", mail=mail, tries=tries, took_s=took_s)

    async def _give_up(self, waiting: Waiting, problem: str) -> None:
        await self.queue.done(waiting)
        self.observer.tell(
            "mail.given_up",
            Weight.WARNING,
            mail=waiting.mail.id,
            tries=waiting.tries,
            problem=problem,
        )
