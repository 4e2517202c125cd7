"""A table that a person uploads, as a field of a form: what cannot be taken is said at the field, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aor.workbooks.tables import RefusedRow, TableRefused, read_table

MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The rows of a file by their lines, and those that could not be read."""

    rows: Sequence[tuple[int, dict[str, str]]]
    refused: Sequence[RefusedRow]


class TableField(forms.FileField):
    """CSV or Excel, with these columns at least; cleaned, an Uploaded, or None where no file was chosen."""

    def __init__(self, *, columns: Sequence[str], most_rows: int, **kwargs: Any) -> None:
        super().__init__(error_messages={"empty": gettext_lazy("This file is empty.")}, **kwargs)
        self.columns, self.most_rows = columns, most_rows

    def clean(self, data: Any, initial: Any = None) -> Uploaded | None:
        chosen = super().clean(data, initial)
        try:
            return self._read(chosen) if chosen else None
        except TableRefused as because:
            words = _("This file cannot be read: %(because)s.") % {"because": str(because).rstrip(".")}
            raise forms.ValidationError(words) from None

    def _read(self, uploaded: UploadedFile[Any]) -> Uploaded:
        if (uploaded.size or 0) > MOST_BYTES:
            raise TableRefused(_("it is larger than 2 MB"))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "table"
            path.write_bytes(b"".join(uploaded.chunks()))
            table = read_table(path)
            if missing := [name for name in self.columns if name not in table.columns]:
                raise TableRefused(_("it lacks the column %(name)s") % {"name": missing[0]})
            rows = list(islice(table.rows, self.most_rows + 1))
            if len(rows) > self.most_rows:
                raise TableRefused(_("at most %(most)s rows a file") % {"most": self.most_rows})
            return Uploaded(rows, table.refused)
