"""One returned sheet, row by row: which row holds headings, which is ours, which says something new."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from aor.workbooks import headings, not_mine, ours, row_ids, typed_dates
from aor.workbooks.headings import NOTHING, Meaning
from aor.workbooks.ours import Headings
from aor.workbooks.returned import CHANGED, COMMENTED, NOT_MY_CLIENT, Heading, SheetRead
from aor.workbooks.returned_fields import Cell, Draft, tidy
from aor.workbooks.safety import TableRefused

MOST_CLAIMS = 5_000
NO_HEADINGS = (
    "we found no row of headings above it, such as Last Name, First Name, Date of Birth and Carrier: "
    "add one, or use the sheet “Report a discrepancy”"
)
TYPED_OVER = "it stands in a row of our report or answer that was typed over; we read what it says now"
WHICH_ROW = "it is marked as not your client, but we cannot tell which row of the report it is"
BARE_ID = re.compile(r"\S{20,200}")


@dataclass(slots=True)
class Sheet:
    """Takes the rows of one sheet in their order; `drafts` are those that say something."""

    name: str
    hidden: bool
    epoch: int | None
    key: bytes
    blocks: int  # rows of headings before this sheet
    drafts: list[Draft] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    unseen_changes: bool = False
    _headings: Headings | None = None
    _fresh: bool = False  # no row has come since the headings
    _lines: list[int] = field(default_factory=list)
    _read: list[Heading] = field(default_factory=list)
    _waiting: list[tuple[int, dict[int, Cell]]] = field(default_factory=list)
    _notes: list[tuple[int, str]] = field(default_factory=list)
    _prose: bool = False
    _carriers: int = 0  # the line after which the carriers stand
    _claims: int = 0

    def take(self, line: int, cells: dict[int, Cell]) -> None:
        """One row. Raises TableRefused when there are too many."""
        cells = {at: (kind, tidied) for at, (kind, text) in cells.items() if (tidied := tidy(text))}
        if not cells or self._ours(line, cells):
            return
        row_id = self._row_id(cells)
        if row_id is None and self._heads(line, cells):
            return
        self._fresh = False
        if self._headings is None and row_id is None:
            self._waiting.append((line, cells))
        else:
            self._add(line, cells, row_id)
        if self._claims + len(self._waiting) > MOST_CLAIMS:
            raise TableRefused(f"it reports more than {MOST_CLAIMS} cases: send them in several files", line)

    def end(self) -> SheetRead:
        """The rows above which no headings came are rows all the same."""
        for line, cells in self._waiting:
            self._add(line, cells, None)
        self._waiting.clear()
        self.drafts.sort(key=lambda draft: draft.line)
        return SheetRead(self.name, self.hidden, tuple(self._lines), tuple(self._read), tuple(self._notes))

    def _ours(self, line: int, cells: dict[int, Cell]) -> bool:
        """Prose of our own, which nobody has to answer."""
        texts = [cells[at][1] if at in cells else "" for at in (1, 2)]
        if set(cells) == {1} and texts[0].startswith(ours.EMPTY):
            return True
        if set(cells) == {1} and texts[0].startswith(ours.TITLES):
            self._prose = True
        if not self._prose or not set(cells) <= {1, 2}:
            return False
        if texts[0] == "Report id" and (verified := row_ids.verify(self.key, texts[1])):
            self.numbers.append(verified[0])
        if texts[0] == ours.CARRIERS or (self._carriers == line - 1 and not texts[0]):
            self._carriers = line
            return True
        return ours.is_prose(*texts)

    def _row_id(self, cells: Mapping[int, Cell]) -> tuple[str, str] | None:
        for _, text in cells.values():
            could_be = text.count(".") in (2, 3) and BARE_ID.fullmatch(text)
            if could_be and (verified := row_ids.verify(self.key, text)):
                self.numbers.append(verified[0])
                return verified
        return None

    def _heads(self, line: int, cells: Mapping[int, Cell]) -> bool:
        """Whether the row names columns; if so they hold from here on."""
        if any(kind != "t" for kind, _ in cells.values()):
            return False
        texts = {at: text for at, (_, text) in cells.items()}
        above = self._above()
        found = headings.row(texts, above, known=self._headings is not None and not self._fresh)
        if found is None:
            return False
        if (
            above
            and not self._headings
            and any(one.name and not headings.meaning(texts[at]).name for at, one in found.items())
        ):
            self._lines.append(self._waiting.pop()[0])
        if self._fresh and self._headings:
            texts, found = _joined(self._headings, texts, found)
            self._read.clear()
        self._headings = ours.in_layout(Headings(texts, found))
        self._fresh = True
        self.blocks += 1
        self._lines.append(line)
        self._read += [
            Heading(at, text, *_pair(self._headings.meanings.get(at))) for at, text in sorted(texts.items())
        ]
        self._settle_waiting()
        return True

    def _above(self) -> dict[int, str]:
        """The row before, when it could be the upper half of the headings."""
        if not self._waiting or self._headings:
            return {}
        _, cells = self._waiting[-1]
        if any(kind != "t" or any(map(str.isdigit, text)) for kind, text in cells.values()):
            return {}
        return {at: text for at, (_, text) in cells.items()}

    def _settle_waiting(self) -> None:
        """What stood above the headings: titles where it is a cell or two, else rows that nothing names."""
        for line, cells in self._waiting:
            if len(cells) <= 2:
                self._notes.append((line, "; ".join(text for _, text in cells.values())))
            else:
                self._claims += 1
                self.drafts.append(self._draft(line, cells, None, problems=(NO_HEADINGS,)))
        self._waiting.clear()

    def _add(self, line: int, cells: dict[int, Cell], row_id: tuple[str, str] | None) -> None:
        heads = self._headings
        if heads is None:
            problems = () if row_id else (NO_HEADINGS,)
            draft = self._draft(line, {} if row_id else cells, None, problems=problems)
            self.drafts.append(replace(draft, row_id=row_id, is_report_row=row_id is not None))
            self._claims += row_id is None
            return
        intact = self._intact(cells, heads)
        self.unseen_changes |= row_id is not None and not heads.places
        own = row_id is not None or intact is not None
        marks = self._marks(cells, heads, own=own, changed=intact is False)
        problems = (TYPED_OVER,) if CHANGED in marks else ()
        if NOT_MY_CLIENT in marks and not own:
            problems = (WHICH_ROW,)
        kept = cells if marks or not own else {}
        draft = self._draft(line, kept, heads, problems=problems)
        self.drafts.append(replace(draft, row_id=row_id, is_report_row=own, marks=marks))
        self._claims += bool(kept)

    def _intact(self, cells: Mapping[int, Cell], heads: Headings) -> bool | None:
        """Whether a sealed row still says what we wrote; None where it has no seal, or columns of ours are gone."""
        at = next((at for at, one in heads.meanings.items() if one.name == "row_id"), 0)
        if not heads.places or at not in cells:
            return None
        said = [cells[place][1] if place in cells else "" for place in heads.places]
        intact = row_ids.intact(cells[at][1], said)
        if intact is False:  # another program may have written the days in its own way
            intact = row_ids.intact(
                cells[at][1], [_iso(text) if place in heads.days else text for place, text in enumerate(said)]
            )
        return intact

    def _marks(self, cells: Mapping[int, Cell], heads: Headings, *, own: bool, changed: bool) -> tuple[str, ...]:
        marks = [CHANGED] if changed else []
        for at, (_, text) in cells.items():
            name = heads.meanings.get(at, NOTHING).name
            if name == "not_my_client":
                if said := not_mine.column_says(text):
                    marks.append(NOT_MY_CLIENT)
                elif own and said is None:
                    marks.append(COMMENTED)
            elif own and at not in heads.places and name != "row_id" and (name == "comments" or heads.places):
                marks.append(NOT_MY_CLIENT if not_mine.comment_says(text) else COMMENTED)
        return tuple(dict.fromkeys(marks))

    def _draft(
        self, line: int, cells: dict[int, Cell], heads: Headings | None, *, problems: tuple[str, ...]
    ) -> Draft:
        texts = heads.texts if heads else {}
        names = {at: one.name for at, one in heads.meanings.items()} if heads else {}
        return Draft(self.name, line, cells, texts, names, self.blocks, self.epoch, problems=problems)


def _joined(
    before: Headings, texts: dict[int, str], found: dict[int, Meaning]
) -> tuple[dict[int, str], dict[int, Meaning]]:
    """Two rows of headings, one under the other: the one that says more leads, as over the halves of one heading."""
    first, second = (before.meanings, found), (before.texts, texts)
    if _says(found) > _says(before.meanings):
        first, second = (found, before.meanings), (texts, before.texts)
    silent = {at for at, one in first[0].items() if not one.name}
    meanings = first[1] | {at: one for at, one in first[0].items() if at not in silent or at not in first[1]}
    return second[1] | second[0], headings.once_each(meanings)


def _says(meanings: Mapping[int, Meaning]) -> int:
    return sum(bool(one.name) for one in meanings.values())


def _pair(meaning: Meaning | None) -> tuple[str, float]:
    return (meaning.name, meaning.sure) if meaning else ("", 0.0)


def _iso(text: str) -> str:
    typed = typed_dates.read(text, earliest=date(1850, 1, 1), latest=date(2150, 1, 1))
    return typed.day.isoformat() if typed.day else text
