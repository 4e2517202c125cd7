"""What is asked of who takes a book over: whose, by whom, why and from when; of an agency many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aor.brokers import queries as brokers
from aor.brokers.queries import RosterBroker
from aor.calendar import queries as calendar
from aor.terms.npn import Npn
from aor.terms.period import first_of_next_month
from aor.web.components import Column, Table
from aor.web.forms import DayField, Form, PoliciesField
from aor.web.tables import TableField, Uploaded

AGREED, SUCCESSOR = "agreed", "successor"
ROWS, MOST_ROWS = 5, 200
COLUMNS = ("former_npn", "new_npn")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was filled in: by each former broker who follows, from when, whether as named successor.

    `policies` are those of the clients who move, none where all do.
    """

    pairs: Mapping[str, str]
    on: date
    successor: bool
    policies: tuple[str, ...] = ()


class Asked(Form):
    """Why, and from which day."""

    why = forms.ChoiceField(
        label=gettext_lazy("Why do the clients change?"),
        choices=[
            (AGREED, gettext_lazy("Both sides agreed")),
            (SUCCESSOR, gettext_lazy("The former broker died, retired or left, and named who follows")),
        ],
        widget=forms.RadioSelect,
    )
    on = DayField(label=gettext_lazy("Day of the change"))
    policies = PoliciesField()
    pairs: Mapping[str, str]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = calendar.parameters().number("transfer_notice_days", today)
        first = first_of_next_month(today + timedelta(days=days - 1))
        self["on"].help_text = _(
            "The first of a month, %(first)s or later: the letters to the consumers need %(days)s days."
        ) % {"first": date_format(first), "days": days}
        self.pairs = {}

    @property
    def successor(self) -> bool:
        return bool(self.cleaned_data.get("why") == SUCCESSOR)


class OfBroker(Asked):
    """One broker's clients come to the one who asks."""

    from_npn = forms.CharField(label=gettext_lazy("NPN of the broker whose clients you take over"), max_length=10)
    field_order = ("from_npn",)

    def __init__(self, *args: Any, npn: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.npn = npn

    def clean(self) -> dict[str, Any]:
        if "from_npn" in self.cleaned_data:
            former, because = known(self.cleaned_data["from_npn"])
            if because:
                self.add_error("from_npn", because)
            else:
                self.pairs = {former: self.npn}
        return self.cleaned_data


class OfAgency(Asked):
    """By each former broker the one of the agency who follows: typed, or from a file."""

    file = TableField(
        columns=COLUMNS,
        most_rows=MOST_ROWS,
        label=gettext_lazy("Or a file, where there are more"),
        help_text=gettext_lazy("Excel or CSV, with the columns “Former NPN” and “New NPN”; 200 rows at most."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, members: Sequence[RosterBroker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose")), *((one.npn, f"{one.name}, NPN {one.npn}") for one in members)]
        for row in range(1, ROWS + 1):
            named = {"aria-label": _("NPN of former broker %(row)s") % {"row": row}}
            self.fields[f"from_{row}"] = forms.CharField(
                label=named["aria-label"], max_length=10, required=False, widget=forms.TextInput(attrs=named)
            )
            named = {"aria-label": _("Who follows former broker %(row)s") % {"row": row}}
            self.fields[f"to_{row}"] = forms.ChoiceField(
                label=named["aria-label"], choices=choices, required=False, widget=forms.Select(attrs=named)
            )

    @staticmethod
    def rows_of(wanted: Wanted | None) -> dict[str, str]:
        """What was typed before, in the first rows."""
        pairs = enumerate(list(wanted.pairs.items())[:ROWS] if wanted else (), start=1)
        return {f"{name}_{row}": npn for row, pair in pairs for name, npn in zip(("from", "to"), pair, strict=True)}

    @property
    def table(self) -> Table:
        """The rows to type in."""
        rows = [(str(row), self._cell(f"from_{row}"), self._cell(f"to_{row}")) for row in range(1, ROWS + 1)]
        columns = [Column(_("Row")), Column(_("NPN of the former broker")), Column(_("Who of yours follows"))]
        return Table(_("Whose clients go to whom"), columns, rows)

    def _cell(self, name: str) -> SafeString:
        return format_html("{}{}", self[name].errors, self[name])

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """Those beside the table."""
        return [self[name] for name in ("file", "why", "on", "policies")]

    def clean(self) -> dict[str, Any]:
        said, found = self.cleaned_data, dict[str, str]()
        for row in range(1, ROWS + 1):
            former, new = said.get(f"from_{row}", "").strip(), said.get(f"to_{row}", "")
            if bool(former) is not bool(new):
                lacking = f"to_{row}" if former else f"from_{row}"
                self.add_error(lacking, _("Row %(row)s names only one of the two brokers.") % {"row": row})
            elif former:
                self._take(found, former, new, field=f"from_{row}", where="")
        if said.get("file"):
            self._read(found, said["file"])
        if not found and not self.errors:
            raise forms.ValidationError(_("Name at least one broker whose clients come to one of yours."))
        self.pairs = found
        return said

    def _take(self, found: dict[str, str], former: str, new: str, *, field: str, where: str) -> None:
        npn, because = known(former)
        if not because and npn in found:
            because = _("NPN %(npn)s is named twice.") % {"npn": npn}
        if because:
            self.add_error(field, f"{where}{because}")
        else:
            found[npn] = new

    def _read(self, found: dict[str, str], file: Uploaded) -> None:
        """The rows of a file; one that cannot be read is an error of its field, with its line."""
        for line, row in file.rows:
            where = _("Line %(line)s: ") % {"line": line}
            new, because = known(row[COLUMNS[1]])
            if because:
                self.add_error("file", f"{where}{because}")
            else:
                self._take(found, row[COLUMNS[0]], new, field="file", where=where)
        for refused in file.refused:
            self.add_error("file", _("Line %(line)s: ") % {"line": refused.line} + refused.because)


def known(text: str) -> tuple[str, str]:
    """The NPN that was typed, and why it is none of the roster's, "" where it is."""
    try:
        npn = str(Npn.parse(text))
    except ValueError as wrong:
        words = str(wrong)
        return "", f"{words[:1].upper()}{words[1:]}."
    return npn, "" if brokers.roster([npn]) else _("NPN %(npn)s is not on the roster.") % {"npn": npn}
