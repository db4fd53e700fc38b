"""Writes the test vectors of the signal feed anew.

Keys are made from fixed words and everything else follows from them, so the file is always the
same; a test in `docs/tests` fails when it is not, and when anybody's verifier and it disagree.
"""

from docs.vectors.written import FILE, written

if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
