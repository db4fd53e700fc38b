"""Writes the dashboards and the tests of the rules: `python -m monitoring`, in the folder above."""

from monitoring.written import written


def main() -> None:
    """Write what is not there or has changed."""
    for path, text in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


main()
