"""Pictures of pages, kept to be looked at, and compared loosely with how the pages looked before.

What is compared is a grey thumbnail: it notices a part that is gone, another theme, a layout that
falls apart, and not a word or the edges of letters, which differ from machine to machine.
"""

import asyncio
from io import BytesIO
from pathlib import Path

from attrs import frozen
from PIL import Image, ImageChops, ImageStat
from playwright.async_api import Page

WIDTH = 64
# Of 255. Another machine's letters make about one; a card that is not there makes ten and more.
FARTHEST = 5.0
# Of the height: text that wraps once more makes a page a little longer.
TALLER = 0.04


@frozen
class Looks:
    """`folder` takes the pictures of this run, `known` has the thumbnails to compare with.

    Where `is_writing`, the thumbnails are made anew, and nothing is compared.
    """

    folder: Path
    known: Path
    is_writing: bool = False

    async def keep(self, page: Page, name: str, *, is_whole: bool = True) -> bytes:
        """Take a picture of the page, or of its window only, and keep it; the PNG."""
        # What the driver does about carets and motion is a style of its own, which the page's
        # policy refuses. Pages are asked for less motion, and nothing has the focus.
        data = await page.screenshot(full_page=is_whole, animations="allow", caret="initial")
        await asyncio.to_thread(self._put, name, data)
        return data

    async def check(self, page: Page, name: str, *, is_whole: bool = True) -> None:
        """Keep a picture, and compare it with what is known.

        Raises:
            AssertionError: the page looks otherwise, or was never seen.
        """
        await asyncio.to_thread(self._compare, name, await self.keep(page, name, is_whole=is_whole))

    def _put(self, name: str, picture: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.png").write_bytes(picture)

    def _compare(self, name: str, picture: bytes) -> None:
        seen, known = thumbnail(picture), self.known / f"{name}.png"
        if self.is_writing:
            self.known.mkdir(parents=True, exist_ok=True)
            seen.save(known, optimize=True)
            return
        if not known.exists():
            raise AssertionError(f"{name} was never seen; ALPINE_LOOKS=write makes its thumbnail")
        with Image.open(known) as before:
            problem = difference(before, seen)
        if problem is not None:
            raise AssertionError(f"{name} looks otherwise: {problem}; see {self.folder}")


def thumbnail(picture: bytes) -> Image.Image:
    """The picture in grey, and as small as can be compared."""
    with Image.open(BytesIO(picture)) as whole:
        height = max(1, round(whole.height * WIDTH / whole.width))
        return whole.convert("L").resize((WIDTH, height), Image.Resampling.BOX)


def difference(before: Image.Image, after: Image.Image) -> str | None:
    """What is too different between two thumbnails; None if nothing is."""
    if abs(after.height - before.height) > max(1, before.height * TALLER):
        return f"it was {before.height} high for {WIDTH} wide, and is {after.height}"
    height = min(before.height, after.height)
    area = (0, 0, WIDTH, height)
    apart = ImageStat.Stat(ImageChops.difference(before.crop(area), after.crop(area))).mean[0]
    return f"{apart:.1f} of 255 apart" if apart > FARTHEST else None
