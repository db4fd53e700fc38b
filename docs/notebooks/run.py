"""Run every notebook from top to bottom; a warning or an error in one is a failure.

`python docs/notebooks/run.py [NAME ...]` also checks that they are stored as they shall be: without
results, with sorted keys and an indent of one space. `--write` stores them so and runs nothing,
`--html FOLDER` puts them there as pages, with everything that they show. `--shipped` lets them read
the shipped data alone.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

HERE = Path(__file__).parent
LONGEST_S = 180
# Whatever the kernel itself is about to do differently is not the notebook's affair.
STRICT = """\
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=PendingDeprecationWarning, module="ipykernel")
del warnings
"""


def stored(notebook: Any) -> str:
    """The notebook's text without results and without what an editor adds, one way only."""
    bare = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for place, cell in enumerate(notebook.cells):
        make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        # Numbers in place of random names, so that only what was changed differs.
        bare.cells.append(make(cell.source.strip("\n"), id=f"cell-{place:02}"))
    return nbformat.writes(bare, version=4, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def executed(notebook: Any) -> Any:
    """The notebook with its results.

    Raises:
        CellExecutionError: a cell fails, or something in it warns.
        RuntimeError: a cell writes to the standard error, or has a figure that is not shown.
    """
    strict = nbformat.v4.new_code_cell(STRICT, id="strict")
    notebook.cells.insert(0, strict)
    client = NotebookClient(
        notebook,
        timeout=LONGEST_S,
        kernel_name="python3",
        resources={"metadata": {"path": HERE}},
        # It would warn that it listens on this machine, signed and not encrypted.
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute()
    notebook.cells.pop(0)
    for cell in notebook.cells:
        for one in cell.get("outputs", ()):
            if problem := _problem(one):
                raise RuntimeError(f"{cell.source}\n\n{problem}")
    return notebook


def _problem(output: Any) -> str | None:
    """What a reader of that output would miss or wonder at."""
    if output.get("name") == "stderr":
        return f"wrote to stderr: {output.text}"
    shown = output.get("data", {})
    if shown.get("text/plain", "").startswith("<Figure") and "image/png" not in shown:
        return "a figure is named and not shown"
    return None


def run(path: Path, pages: Path | None) -> bool:
    """Whether it ran, told on the standard output."""
    began = time.perf_counter()
    try:
        shown = executed(nbformat.read(path, as_version=4))
    except (CellExecutionError, RuntimeError, TimeoutError) as failed:
        sys.stdout.write(f"{path.name} failed\n{failed}\n")
        return False
    if pages:
        body, _ = HTMLExporter().from_notebook_node(shown)
        (pages / path.with_suffix(".html").name).write_text(body, "utf-8")
    sys.stdout.write(f"{path.name:32} {time.perf_counter() - began:5.1f} s\n")
    sys.stdout.flush()
    return True


def main() -> None:
    """Check and run what is asked for, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="as `first-consensus`; all without one")
    parser.add_argument("--write", action="store_true", help="store them as they shall be")
    parser.add_argument("--html", type=Path, metavar="FOLDER", help="put pages there")
    parser.add_argument("--shipped", action="store_true", help="read the shipped data alone")
    given = parser.parse_args()
    paths = [HERE / f"{Path(name).stem}.ipynb" for name in given.names]
    paths = paths or sorted(HERE.glob("*.ipynb"))
    if given.shipped:
        os.environ["ARGO_BAR_DATA"] = ""  # noqa: TID251 - the kernels' environment is ours
    if given.html:
        given.html.mkdir(parents=True, exist_ok=True)
    failed = []
    for path in paths:
        text, wanted = path.read_text("utf-8"), stored(nbformat.read(path, as_version=4))
        if given.write:
            path.write_text(wanted, "utf-8")
        elif text != wanted:
            sys.stdout.write(f"{path.name} is not stored as it shall be: use --write\n")
            failed.append(path.name)
        elif not run(path, given.html):
            failed.append(path.name)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
