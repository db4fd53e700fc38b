"""The table of sectors: one line a symbol, every other one refused by its number."""

from pathlib import Path

import pytest

from argo_adapters.tapes.file import shipped
from argo_core.errors import InvalidSetting
from argo_core.market.instrument import AssetClass
from argo_service.config.tree import Settings
from argo_service.trading.sectors import parse_sectors, read_sectors


def test_every_stock_of_the_demo_and_of_the_defaults_has_a_sector() -> None:
    sectors = read_sectors(None)
    every = [*shipped("ordinary-day").instruments, *shipped("half-day").instruments]
    every += Settings().instruments()
    stocks = [one.symbol for one in every if one.asset_class is AssetClass.STOCK]
    assert [symbol for symbol in stocks if symbol not in sectors] == []


def test_the_packaged_table_knows_the_eleven_sectors_of_gics() -> None:
    assert len(set(read_sectors(None).values())) == 11


def test_a_table_of_ones_own_replaces_the_packaged_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b'symbol,sector\r\nAAPL, fruit \r\n\r\nBRK.B,"a, b"\r\n')
    assert read_sectors(path) == {"AAPL": "fruit", "BRK.B": "a, b"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1 does not name the columns"),
        ("AAPL,fruit\n", "line 1 does not name the columns"),
        ("symbol,sector\nAAPL\n", "line 2 is not two columns"),
        ("symbol,sector\nAAPL,a,b\n", "line 2 is not two columns"),
        ("symbol,sector\naapl,fruit\n", "line 2: 'aapl' is not a symbol"),
        ("symbol,sector\nAAPL,\n", "line 2 names no sector"),
        ("symbol,sector\nAAPL,früchte\n", "line 2 names no sector"),
        ("symbol,sector\nAAPL,fruit\nAAPL,cars\n", "AAPL is there twice, again in line 3"),
        ('symbol,sector\nAAPL,"fruit\n', "line 2: unexpected end of data"),
    ],
)
def test_a_malformed_table_is_refused_by_line(text: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        parse_sectors(text)
    assert caught.value.field == "trading.sectors_file"
    assert said in caught.value.problem


def test_a_file_that_is_not_there_not_text_or_too_large_is_refused(tmp_path: Path) -> None:
    binary, large = tmp_path / "binary", tmp_path / "large"
    binary.write_bytes(b"symbol,sector\n\xff,x\n")
    large.write_bytes(b"symbol,sector\n" + b"\n" * 4_000_000)
    for path in (tmp_path / "absent", tmp_path, binary, large):
        with pytest.raises(InvalidSetting) as caught:
            read_sectors(path)
        assert caught.value.field == "trading.sectors_file"
