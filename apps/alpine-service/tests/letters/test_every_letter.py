"""What all mails of ours have in common."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from inspect import getmembers, isfunction

import pytest
from attrs import evolve

from alpine_service.adapters.mail.message import Sender, message_of
from alpine_service.domain.accounts import letters
from alpine_service.domain.delivery.digest import MOST_LINES, DigestContent
from alpine_service.domain.delivery.digest_letter import compose
from alpine_service.domain.letters.letter import Letter
from alpine_service.ports.mail import Mail
from alpine_service.testing.letters import DAY, LINES, OURS, RECORD, TOKEN, every_letter, read

LETTERS = every_letter()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
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
def test_a_mail_is_the_same_after_its_way_over_the_wire(letter: Letter) -> None:
    mail = Mail("mai_1", "ada@people.example", letter.subject, letter.text, letter.html)

    message = message_of(
        evolve(mail, headers=letter.headers), Sender("Alpine", "a@b.example"), NOON
    )
    # To a server that takes seven bits only, of which lines may have 998 bytes (RFC 5322, 2.1.1).
    data = message.as_bytes(policy=SMTP.clone(cte_type="7bit"))

    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    arrived = message_from_bytes(data, policy=SMTP)
    for kind, sent in (("plain", letter.text), ("html", letter.html)):
        body = arrived.get_body((kind,))
        assert body is not None
        assert body.get_content().splitlines() == sent.splitlines()
    assert arrived["Subject"] == letter.subject
    assert {name: arrived[name] for name in letter.headers} == letter.headers


def test_the_longest_mail_is_shown_whole() -> None:
    lines = [evolve(LINES[1], log_index=10**9 + index) for index in range(MOST_LINES)]
    much = DigestContent(10_000, lines, dict.fromkeys(("target", "stop", "expired", "void"), 999))

    html = compose(much, RECORD, DAY, OURS, TOKEN).html

    # Beyond 102 kB Gmail cuts a mail off, and the link that ends them with it.
    assert len(html.encode()) < 100_000


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
