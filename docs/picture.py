"""The README's picture: a real run of `argo demo` in a terminal, its last frame kept as SVG.

`python -m docs.picture` runs the demo for a minute and writes `docs/images/demo.svg`.
"""

import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.ansi import AnsiDecoder
from rich.console import Console

PICTURE = Path(__file__).parent / "images" / "demo.svg"
COLUMNS, ROWS = 112, 40
COMMAND = (sys.executable, "-m", "argo_service.cli", "demo", "--fresh", "--for", "60s")

# Before each frame the cursor goes up over the frame before, erasing line by line.
_ERASED = re.compile(r"(?:\r?\x1b\[2K(?:\x1b\[1A)?)+")
_CURSOR = re.compile(r"\x1b\[\?25[hl]")
# A picture must not fetch fonts from elsewhere; whatever is monospaced will do.
_FONT_FACE = re.compile(r"@font-face \{\{.*?\}\}\n", re.DOTALL)


def run() -> str:
    """All that the demo wrote to a terminal of this size."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    written = bytearray()
    with TemporaryDirectory() as folder:
        # Nothing of ours is set in there, so what is shown is what a newcomer sees.
        clean = {"PATH": os.defpath, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        with Popen(COMMAND, stdin=end, stdout=end, stderr=end, cwd=folder, env=clean):  # noqa: S603 - our own command
            os.close(end)
            while chunk := _read(terminal):
                written += chunk
    os.close(terminal)
    return written.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:
        # Linux says so when the other end of a terminal is closed.
        return b""


def last_frame(written: str) -> str:
    """The last whole drawing of the live view."""
    frames = [frame for frame in _ERASED.split(_CURSOR.sub("", written)) if "╯" in frame]
    return frames[-1][: frames[-1].rindex("╯") + 1]


def drawn(frame: str) -> str:
    """The frame as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    for line in AnsiDecoder().decode(frame):
        console.print(line, no_wrap=True, crop=False)
    bare = _FONT_FACE.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, ", "")
    return console.export_svg(title="argo demo", code_format=bare, unique_id="demo")


if __name__ == "__main__":
    PICTURE.write_text(drawn(last_frame(run())), "utf-8")
