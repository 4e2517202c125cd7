"""A sheet whose rows of one look are written a row at a time: the bytes that XlsxWriter writes cell by cell.

Its way keeps an object a cell and puts each together from a dozen calls, which is most of the time of a workbook. A
test holds the bytes of both ways against each other, so a version of XlsxWriter that differs is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

from aor.workbooks.safety import MAX_CELL

type Cell = str | date | None

EARLIEST = date(1900, 1, 1)  # Excel knows no day before it
DAY_ZERO = date(1899, 12, 31).toordinal()
FEBRUARY_29_1900 = 60  # a day that Excel alone knows
BLANK = '"/>'


class FilledSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """Written as any other, but for the rows that `fill` gives it. Not in a workbook of flat memory."""

    def __init__(self) -> None:
        super().__init__()
        self._above = 0  # rows before the filled ones
        self._looks: Sequence[Format] = ()
        self._filled: list[tuple[int, tuple[str, ...]]] = []
        self.dim_rowmax: int | None

    def fill(
        self, above: int, rows: Sequence[Sequence[Cell]], looks: Sequence[Format], heights: Sequence[int]
    ) -> None:
        """Rows below the first `above`, which are as wide: a look a column, a height (points) a row, 0 for the usual.

        Text stays text whatever it begins with; a day is a date cell where Excel knows it.
        """
        shared: Callable[[str], int] = self.str_table._get_shared_string_index
        cells = [tuple([_cell(value, shared) for value in row]) for row in rows]
        self._above, self._looks, self._filled = above, looks, list(zip(heights, cells, strict=True))
        if cells:
            self._check_dimensions(above + len(cells) - 1, len(looks) - 1)

    def add_named_table(self, rows: int, columns: int, look: Mapping[str, object]) -> None:
        """A table from the first cell on, `rows` long below its headings.

        It is added as short as one may be, then given its range: whether it overlaps another is asked of each cell.
        """
        self.add_table(0, 0, 1, columns - 1, dict(look))
        shortest, whole = xl_range(0, 0, 1, columns - 1), xl_range(0, 0, rows, columns - 1)
        self.tables[-1].update({name: whole for name, said in self.tables[-1].items() if said == shortest})

    def _write_rows(self) -> None:
        if not self._filled:
            super()._write_rows()
            return
        last = self.dim_rowmax
        self.dim_rowmax = self._above - 1
        super()._write_rows()
        self.dim_rowmax = last
        columns = "".join(
            f'<c r="{xl_col_to_name(at)}# s="{look._get_xf_index()}%s' for at, look in enumerate(self._looks)
        )
        for number, (height, cells) in enumerate(self._filled, self._above + 1):
            high = f' ht="{height}" customHeight="1"' if height else ""
            row = columns.replace("#", f'{number}"') % cells
            self.fh.write(f'<row r="{number}" spans="1:{len(cells)}"{high}>{row}</row>')


def _cell(value: Cell, shared: Callable[[str], int]) -> str:
    """What follows the look of a cell."""
    if not value:
        return BLANK
    if isinstance(value, date):
        if value >= EARLIEST:
            days = value.toordinal() - DAY_ZERO
            return f'"><v>{days + (days >= FEBRUARY_29_1900)}</v></c>'
        value = value.isoformat()
    return f'" t="s"><v>{shared(value if len(value) <= MAX_CELL // 2 else _fitting(value))}</v></c>'


def _fitting(text: str) -> str:
    """As much of a text as a cell takes: Excel counts UTF-16 units."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * MAX_CELL].decode("utf-16-le", "ignore")
