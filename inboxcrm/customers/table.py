"""A file of rows as text cells: CSV in any usual encoding and with any usual delimiter, and Excel or OpenDocument sheets.

It knows nothing of customers; every row keeps the line number that a person sees in their program.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import python_calamine

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _

SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
_DELIMITERS = ",;\t|"


class TableError(InboxcrmError):
    """The file can't be read as a table; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """`headers` of the columns, and `rows` as (line number, cells); empty rows are left out."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path, known: Callable[[str], bool]) -> Table:
    """The first table of a file. `known` says whether a header is understood: by it the delimiter is told. Raises TableError."""
    kind = path.suffix.lower()
    if kind not in SHEETS + TEXTS:
        message = _("{file}: files of this kind can't be read; save it as .xlsx or .csv.")
        raise TableError(message.format(file=path.name))
    try:
        rows = list(_sheet(path) if kind in SHEETS else _text(path, known))
    except OSError as error:
        raise TableError(_("{file}: {reason}.").format(file=path, reason=error.strerror or error)) from error
    rows = [(line, cells) for line, cells in rows if any(cells)]
    if not rows:
        raise TableError(_("{file} is empty.").format(file=path.name))
    headers = rows[0][1]
    while headers and not headers[-1]:
        headers = headers[:-1]
    return Table(headers, tuple(rows[1:]))


def _sheet(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The first sheet that has any cell."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                for line, cells in enumerate(rows, 1):
                    yield line, tuple(_cell(cell) for cell in cells)
                return
    except (python_calamine.CalamineError, ValueError) as error:
        message = _("{file} can't be read ({reason}); open it in a spreadsheet program and save it again.")
        raise TableError(message.format(file=path.name, reason=error)) from error


def _cell(value: Any) -> str:
    """A cell as a person reads it: whole numbers without decimals, dates in ISO form."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return "" if value is None else str(value).strip()


def _text(path: Path, known: Callable[[str], bool]) -> Iterator[tuple[int, tuple[str, ...]]]:
    text = decoded(path.read_bytes())
    delimiter = _delimiter(text, known)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, tuple(cell.strip() for cell in cells)
            line = reader.line_num + 1
    except csv.Error as error:
        message = _("{file}, line {line}: {reason}. Save the file as .xlsx and try again.")
        raise TableError(message.format(file=path.name, line=line, reason=error)) from error


def decoded(raw: bytes) -> str:
    """The text of a file of unknown encoding: Unicode where it is, else GB18030 where high bytes come in pairs, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _is_in_pairs(raw):
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return raw.decode("cp1252", "replace")


def _is_in_pairs(raw: bytes) -> bool:
    """Chinese text has mostly pairs of high bytes; Western text has single ones between letters."""
    pairs = singles = place = 0
    while place < len(raw):
        if raw[place] < 0x80:
            place += 1
        elif place + 1 < len(raw) and raw[place + 1] >= 0x80:
            pairs += 1
            place += 2
        else:
            singles += 1
            place += 1
    return pairs > singles


def _delimiter(text: str, known: Callable[[str], bool]) -> str:
    """The delimiter with which the first line has most headers that are understood; else the one that cuts it most."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def quality(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(known(cell) for cell in cells), len(cells)

    return max(_DELIMITERS, key=quality)


def row_text(cells: Sequence[str], place: int) -> str:
    """The cell at a place; "" when the row is shorter."""
    return cells[place] if place < len(cells) else ""
