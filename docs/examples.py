"""How the examples in the pages are run: Python blocks of one page share their names, in order."""

from pathlib import Path

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    path=str(Path(__file__).parent.parent),
    patterns=["*.md"],
    parsers=[PythonCodeBlockParser(), SkipParser()],
).pytest()
