"""What all mails of ours have in common."""

import re
from inspect import getmembers, isfunction

import pytest

from alpine_service.domain.accounts import letters
from alpine_service.domain.letters.letter import Letter
from alpine_service.testing.letters import OURS, TOKEN, every_letter, read

LETTERS = every_letter()
URL = re.compile(r"https?://\S+")

every = pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)


def words_of(texts: list[str]) -> list[str]:
    """Without the marks that stand in for what a page shows: colons before links, and rules."""
    words = " ".join(texts).replace(":", " ").split()
    return [word for word in words if not re.fullmatch("-+", word)]


def test_no_letter_is_left_out() -> None:
    public = {
        name
        for name, each in getmembers(letters, isfunction)
        if each.__module__ == letters.__name__ and not name.startswith("_")
    }

    assert public <= set(LETTERS)


@every
def test_text_and_html_say_the_same_words(letter: Letter) -> None:
    html = words_of(read(letter.html).seen)
    text = words_of([URL.sub("", letter.text)])

    # The one begins with our name, the other is signed with it.
    assert html == [*text[-1:], *text[:-1]]


@every
def test_text_and_html_lead_to_the_same_places_all_of_them_ours(letter: Letter) -> None:
    links = read(letter.html).links

    assert sorted(links) == sorted(URL.findall(letter.text))
    assert all(link == OURS or link.startswith(f"{OURS}/") for link in links)


@every
def test_nothing_is_fetched_and_nobody_is_followed(letter: Letter) -> None:
    reading = read(letter.html)

    for word in ("src=", "url(", "@import", "background="):
        assert word not in letter.html
    tags = {tag for tag, _ in reading.tags}
    assert tags.isdisjoint({"img", "link", "script", "iframe", "form", "object", "video"})
    assert not any(name.startswith("on") for _, told in reading.tags for name in told)


@every
def test_a_screen_reader_is_told_the_language_the_title_and_no_layout(letter: Letter) -> None:
    reading = read(letter.html)
    html = dict(reading.tags)["html"]
    tables = [told for tag, told in reading.tags if tag == "table"]

    assert html["lang"] == "en"
    assert [tag for tag, _ in reading.tags].count("h1") == 1
    title = letter.html.partition("<title>")[2].partition("</title>")[0]
    assert title
    assert reading.seen[:2] == ["Alpine", title]
    # What is no layout has headings of its rows or columns.
    real = [told for told in tables if told.get("role") != "presentation"]
    scopes = [told for tag, told in reading.tags if tag == "th" and "scope" in told]
    assert bool(real) == bool(scopes)


@every
def test_a_mail_is_small_enough_to_be_shown_whole(letter: Letter) -> None:
    # Beyond 102 kB Gmail cuts a mail off.
    assert len(letter.html.encode()) < 30_000


@every
def test_a_list_of_mails_shows_something_beside_the_subject(letter: Letter) -> None:
    hidden = letter.html.partition("<body")[2].partition("<div")[2].partition("</div>")[0]

    assert len(hidden.partition(">")[2]) > 10


@every
def test_a_link_and_its_token_are_on_lines_of_their_own(letter: Letter) -> None:
    for line in letter.text.splitlines():
        if "://" in line or TOKEN in line:
            assert len(line.split()) == 1


@every
def test_lines_of_text_are_short_but_for_links(letter: Letter) -> None:
    assert all(len(line) <= 72 or "://" in line for line in letter.text.splitlines())
