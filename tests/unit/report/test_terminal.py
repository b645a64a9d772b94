from __future__ import annotations

import pytest

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


def test_a_narrow_table_breaks_names_at_their_dots_and_leaves_figures_whole() -> None:
    columns = (Column("INPUT", left=True), Column("of its range", left=True), Column("at low, $k"))
    rows = (("channels.website.score_bias", "median 2 to 3 days", "-100 +/- 30"), ("short", "-9.1% to +10%", "+5"))
    page = Page(40)

    page.grid(Grid(columns, rows))

    lines = page.text().splitlines()
    assert max(map(len, lines)) <= 40
    assert [line.split()[0] for line in lines[1:]] == ["channels.", "website.", "score_bias", "short"]
    assert any(line.endswith("-100 +/- 30") for line in lines)


def test_a_table_that_fits_is_left_as_it_is() -> None:
    grid = Grid((Column("a long heading"), Column("name", left=True)), (("1", "x.y_z"), ("2", "two words")))
    page = Page(60)

    page.grid(grid)

    assert page.text().splitlines() == ["a long heading  name", "             1  x.y_z", "             2  two words"]


WIDTHS = (40, 60, 80, 100, 120)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_is_never_split_however_narrow_the_page(width: int) -> None:
    """Twelve months of seven-digit figures beside a name: columns go below each other, with the name repeated."""
    figures = [f"+1,0{month:02},{month:02}0" for month in range(12)]
    columns = (Column("", left=True), Column("", left=True), *(Column(f"month\n{k}") for k in range(12)))
    page = Page(width)

    page.grid(Grid(columns, (("a_plan_with_a_very_long_name_indeed", "revenue", *figures),)))

    lines = page.text().splitlines()
    assert max(map(len, lines)) <= width
    assert [word for line in lines for word in line.split() if word.startswith("+")] == figures


@pytest.mark.parametrize("width", WIDTHS)
def test_a_single_figure_leaves_the_rest_to_its_name(width: int) -> None:
    page = Page(width)
    page.grid(Grid((Column("NAME", left=True), Column("$")), (("x" * 130, "-1,234,567 +/- 1,234,567"),)))

    assert max(map(len, page.text().splitlines())) <= width
    assert "-1,234,567 +/- 1,234,567" in page.text()


@pytest.mark.parametrize("width", range(30, 70))
def test_a_figure_and_its_half_width_stay_on_one_line_of_a_sentence(width: int) -> None:
    page = Page(width)
    page.line("KNOW", "it moves revenue most, by -$140k +/- 80k here and +$190k +/- 70k there, as simulated")

    assert "-$140k +/- 80k" in page.text()
    assert "+$190k +/- 70k" in page.text()
    assert max(map(len, page.text().splitlines())) <= width


def test_a_path_goes_to_a_line_of_its_own_and_breaks_at_its_marks_where_it_is_longer_than_that() -> None:
    path = "pools.representatives.specialised.partners.odds"
    page = Page(60)
    page.line("NOTE", f"a path that is as long as {path} is")
    assert path in page.text()

    page = Page(40)
    page.line("NOTE", f"a path that is as long as {path} is")
    parts = [line.split()[-1] for line in page.text().splitlines()[1:-1]]
    assert all(part.endswith(".") for part in parts)
    assert path in "".join(page.text().split())
