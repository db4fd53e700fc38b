"""How the examples in Alpine's pages are run: Python blocks of one page share their names."""

from pathlib import Path

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    path=str(Path(__file__).parents[1]),
    patterns=["*.md"],
    parsers=[PythonCodeBlockParser(), SkipParser()],
).pytest()
