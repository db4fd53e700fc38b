"""Blocks become the same words twice, whatever the words are."""

import re

from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.letters.blocks import (
    Button,
    Cell,
    Code,
    Column,
    Facts,
    Heading,
    Link,
    Paragraph,
    Row,
    Table,
    Tone,
    plain,
)
from alpine_service.domain.letters.letter import Letter, write
from alpine_service.testing.letters import read

# What would be markup, or another line, if anybody let it.
NASTY = st.sampled_from(
    [
        "</td><script>alert(1)</script>",
        '" onclick="alert(1)',
        "<!--",
        "-->",
        "<![endif]-->",
        "&lt;b&gt;",
        "&#60;",
        "</style>",
        "a\r\nBcc: eve@people.example",
        "\u202egnp.exe",
        "\0",
    ]
)
WORDS = st.lists(st.text(max_size=12) | NASTY, min_size=16, max_size=16)


def letter_of(words: list[str]) -> Letter:
    """Every kind of block, with these words in all places that have some."""
    cells = (Cell(words[8]), Cell(words[9], Tone.SELL), Cell(words[10]))
    columns = (Column(words[5]), Column(words[6]), Column(words[7], is_numeric=True))
    return write(
        words[0],
        [
            Heading(words[1]),
            Paragraph(words[2]),
            Button(words[3], f"https://alpine.example/verify#{words[3]}"),
            Code(words[4], words[15]),
            Table(columns, [Row(cells, f"https://a.example/?{words[8]}", words[11], words[12])]),
            Facts([(words[13], words[14])]),
        ],
        [Link(words[2], "https://alpine.example")],
        preheader=words[1],
        title=words[0] or "x",
    )


@given(WORDS)
def test_whatever_goes_in_comes_out_as_the_same_words_between_the_same_tags(
    words: list[str],
) -> None:
    letter = letter_of(words)

    reading = read(letter.html)

    title = words[0] or "x"
    w = words
    expected = [title, w[1], "\N{WHITE UP-POINTING TRIANGLE}", "Alpine", title, w[1], w[2], w[3]]
    expected += [w[4], w[15], w[5], w[6], w[7], w[8], w[9], w[7], w[10], w[11], w[12], w[13], w[14]]
    expected.append(w[2])
    assert reading.texts == [found for each in expected if (found := plain(each))]
    assert [tag for tag, _ in reading.tags] == [
        tag for tag, _ in read(letter_of(["x"] * 16).html).tags
    ]
    assert reading.links == [
        f"https://alpine.example/verify#{w[3]}",
        f"https://a.example/?{w[8]}",
        "https://alpine.example",
    ]


@given(st.text() | NASTY)
def test_words_from_outside_begin_no_line_and_no_column(word: str) -> None:
    row = Row((Cell(word), Cell("1")), "https://a.example", "note", "open")
    table = Table((Column("Symbol"), Column("Entry", is_numeric=True)), [row])

    text = write("Title", [table, Facts([(word, word)])], preheader="").text

    assert len(text.split("\n")) == 12
    assert all(each == "\n" or each.isprintable() for each in text)


def test_text_has_72_columns_but_for_what_cannot_be_broken() -> None:
    url = f"https://alpine.example/verify#{'T' * 60}"
    letter = write(
        "A title of many words " * 5,
        [Paragraph("Some quite ordinary words, and a great many of them. " * 9), Button("Go", url)],
        preheader="",
    )

    lines = letter.text.splitlines()

    assert max(map(len, (line for line in lines if line != url))) <= 72
    assert url in lines
    assert lines[-1] == "Alpine"


def test_numbers_of_a_table_line_up_in_text_and_stand_on_the_right_in_html() -> None:
    columns = (Column("Symbol"), Column("Entry", is_numeric=True))
    rows = [
        Row((Cell("AAPL"), Cell("182.30")), "https://a.example/1", "noon", "open"),
        Row((Cell("BTC/USD"), Cell("67123.45")), "https://a.example/2", "one", "stop"),
    ]

    letter = write("Signals", [Table(columns, rows)], preheader="")

    assert letter.text.split("\n\n", 1)[1] == (
        "Symbol      Entry\n"
        "\n"
        "AAPL       182.30\n"
        "  noon       open\n"
        "  https://a.example/1\n"
        "\n"
        "BTC/USD  67123.45\n"
        "  one        stop\n"
        "  https://a.example/2\n"
        "\n"
        "Alpine\n"
    )
    tags = read(letter.html).tags
    (table,) = (told for tag, told in tags if told.get("class") == "a-table")
    numbers = [told for tag, told in tags if tag == "td" and "number" in told["class"]]
    assert "tabular-nums" in table["style"]
    assert ["text-align:right" in told["style"] for told in numbers] == [True, True]


def test_every_colour_has_one_for_the_dark() -> None:
    letter = letter_of(["x"] * 16)
    sheet = letter.html.partition("prefers-color-scheme:dark")[2].partition("</style>")[0]

    coloured = [
        told for _, told in read(letter.html).tags if re.search("color:#", told.get("style", ""))
    ]

    assert len(coloured) > 20
    for told in coloured:
        assert f".{told['class']}{{" in sheet


def test_what_a_letter_may_hide_is_not_in_its_repr() -> None:
    letter = letter_of(["canary"] + ["secret"] * 15)

    assert "canary" in repr(letter)
    assert "secret" not in repr(letter)
