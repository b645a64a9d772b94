from __future__ import annotations

from simfunnel.report.terminal import BAD, Cell, Column, Grid, Page, in_blocks, wrapped_name

TABLE = Grid((Column("name", left=True), Column("count")), (("a [bold] name" * 3, "12"), ("b", Cell("3", BAD))))


def test_no_line_is_wider_than_the_page() -> None:
    page = Page(60)
    page.title("A title " * 9, "and a note at its right")
    page.line("REVENUE", "words " * 40)
    page.beside(TABLE, TABLE)

    assert max(map(len, page.text().splitlines())) <= 60


def test_text_in_brackets_is_no_markup_and_no_colour_means_no_escape_codes() -> None:
    page = Page(100)
    page.grid(TABLE)

    assert "a [bold] name" in page.text()
    assert "\x1b" not in page.text()


def test_colour_is_there_when_asked_for() -> None:
    page = Page(100, colour=True)
    page.grid(TABLE)

    assert "\x1b[31m" in page.text()


def test_tables_stand_side_by_side_where_the_width_allows() -> None:
    narrow, wide = Page(60), Page(100)
    narrow.beside(TABLE, TABLE)
    wide.beside(TABLE, TABLE)

    assert narrow.text().count("\n") > wide.text().count("\n")


def test_long_names_are_cut_after_underscores() -> None:
    assert wrapped_name("micro_teams_with_overflow", 15).split("\n") == ["micro_teams_", "with_overflow"]
    assert wrapped_name("x" * 20, 15).split("\n") == ["x" * 15, "x" * 5]


def test_blocks_keep_the_order() -> None:
    assert in_blocks(list("abcde"), 2) == [("a", "b"), ("c", "d"), ("e",)]
