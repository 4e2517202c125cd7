"""The marketplace's enrollment file, 834 005010X220A1, as it was sent to the carrier.

Source of the shapes: the consolidated X220A1 guide, CMS's X12 834 companion guide 7.2 (tables 17 to 22, 29 and 30).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import BinaryIO, NamedTuple

from aor.x12 import dates, privacy, reader
from aor.x12.envelope import InterchangeNote, TransactionSet
from aor.x12.findings import Code, EdiFinding, capped

ONE_DAY = timedelta(days=1)

MAINTENANCES = {"001": "change", "021": "addition", "024": "cancellation or end", "025": "reinstatement"}
ENDS = ("349", "357")
LONGEST_ID = 50  # REF02
COVERAGES = ("HLT", "DEN")  # those that have an agent of record


class MemberEnrollment(NamedTuple):
    """A member's coverage (a loop 2300), or the member alone where there is none, as in a cancel.

    Days are as written, ends inclusive. `coverage` is HD03 as written: HLT, DEN or another.
    """

    is_subscriber: bool
    relationship: str
    maintenance: str
    reason: str
    subscriber_id: str
    member_id: str
    policy_id: str
    plan_id: str
    last_name: str
    first_name: str
    middle_name: str
    birth_date: date | None
    sex: str
    line1: str
    line2: str
    city: str
    state: str
    zip: str
    phone: str
    email: str
    coverage: str
    coverage_maintenance: str
    benefit_begin: date | None
    benefit_end: date | None
    eligibility_begin: date | None
    eligibility_end: date | None
    maintenance_effective: date | None
    request_submit_timestamp: str
    application_id: str
    application_origin: str
    additional_maintenance_reasons: tuple[str, ...]
    source_exchange_id: str


class EnrollmentSet(NamedTuple):
    """One ST to SE. `sent_at` is UTC, `sent_day` is BGN03 as written; `first_segment` its position in the file.

    `broker_npn` is N104 under 94 as written, `broker_npn_finding` what is doubtful about the broker, never a
    reason to refuse. `broker_tax_id` is only that of an agency which the reader was told to keep.
    """

    isa06: str
    isa08: str
    isa13: str
    gs06: str
    st02: str
    usage: str
    bgn02: str
    sent_at: datetime
    sent_day: date
    sponsor_name: str
    issuer_name: str
    issuer_id: str
    issuer_qualifier: str
    broker_name: str
    broker_npn: str
    broker_npn_finding: str
    broker_tax_id: str
    broker_license: str
    tpa: str
    members: tuple[MemberEnrollment, ...]
    first_segment: int


def read(
    stream: BinaryIO,
    *,
    keep_tax_id: privacy.KeepTaxId = privacy.keep_none,
    stripped: Callable[[str], object] | None = None,
) -> Iterator[EnrollmentSet | EdiFinding]:
    """The enrollment sets of a file, and its findings; with one finding the file is to be refused as a whole.

    `keep_tax_id` says whether a tax id in 1000C is that of a known agency; `stripped` takes the text to keep.
    """
    return capped(_read(stream, keep_tax_id, stripped))


def _read(
    stream: BinaryIO, keep_tax_id: privacy.KeepTaxId, stripped: Callable[[str], object] | None
) -> Iterator[EnrollmentSet | EdiFinding]:
    for event in reader.events(stream, keep_tax_id=keep_tax_id, stripped=stripped):
        if isinstance(event, TransactionSet):
            enrollment, findings = enrollment_set(event)
            yield from findings
            if enrollment is not None:
                yield enrollment
        elif isinstance(event, EdiFinding):
            yield event
        elif isinstance(event, InterchangeNote):
            yield EdiFinding(event.segment, "TA1", None, "UNKNOWN", "a TA1 stands in a file of enrollments")


def enrollment_set(transaction: TransactionSet) -> tuple[EnrollmentSet | None, list[EdiFinding]]:
    """One set as facts, with what is wrong in it; None when it cannot be told when it was sent."""
    if transaction.st01 != "834":
        because = f"a set {transaction.st01} stands among enrollments"
        return None, [EdiFinding(transaction.segment, "ST", 1, "UNKNOWN", because)]
    reading = _Reading(transaction)
    separator = transaction.group.interchange.delimiters.element
    handlers, padding = _HANDLERS, _PADDING
    before, after = f" {separator}", f"{separator} "
    for at, segment in enumerate(transaction.segments, transaction.segment + 1):
        elements = segment.split(separator)
        # Writers from systems of fixed columns fill their elements with blanks, which say nothing.
        if " " in segment and (segment[-1] == " " or before in segment or after in segment):
            elements = [element.strip() for element in elements]
        tag = elements[0]
        if tag in handlers:
            reading.at = at
            elements += padding
            handlers[tag](reading, elements)
        elif tag not in _PASSED_OVER:
            reading.unknown(tag, at)
    return reading.finish(), reading.findings


class _Member:
    """A member while being read (loop 2000)."""

    __slots__ = (
        "address", "at", "birth_date", "categories", "coverages", "days", "ids", "ins", "lines", "mails", "name",
        "sex",
    )  # fmt: skip

    def __init__(self, ins: list[str], at: int) -> None:
        self.ins = ins
        self.at = at
        self.ids: dict[str, str] = {}
        self.days: dict[str, date | None] = {}
        self.name = ["", "", ""]
        self.lines = ["", ""]
        self.address = ["", "", ""]
        self.mails: dict[str, str] = {}
        self.birth_date: date | None = None
        self.sex = ""
        self.coverages: list[_Coverage] = []
        self.categories: dict[str, list[str]] = {}


class _Coverage:
    """A loop 2300 while being read."""

    __slots__ = ("at", "code", "days", "ids", "maintenance")

    def __init__(self, maintenance: str, code: str, at: int) -> None:
        self.maintenance = maintenance
        self.code = code
        self.at = at
        self.ids: dict[str, str] = {}
        self.days: dict[str, date | None] = {}


class _Reading:
    """A transaction set while being read: where we are, what we have."""

    __slots__ = (
        "at", "bgn", "brokers", "category", "days", "findings", "ids", "issuer", "license", "member", "members",
        "own_name", "party", "sponsor", "tpa", "transaction",
    )  # fmt: skip

    def __init__(self, transaction: TransactionSet) -> None:
        self.transaction = transaction
        self.at = transaction.segment
        self.findings: list[EdiFinding] = []
        self.bgn: list[str] | None = None
        self.sponsor = self.tpa = self.license = self.party = ""
        self.issuer = ["", "", ""]
        self.brokers: list[tuple[str, str, str]] = []
        self.members: list[_Member] = []
        self.member: _Member | None = None
        self.own_name = False
        self.category: str | None = None
        # Where REF and DTP belong just now: the member, the coverage, or nowhere that we read.
        self.ids: dict[str, str] | None = None
        self.days: dict[str, date | None] | None = None

    def find(self, tag: str, element: int | None, code: Code, because: str, at: int | None = None) -> None:
        self.findings.append(EdiFinding(self.at if at is None else at, tag, element, code, because))

    def unknown(self, tag: str, at: int) -> None:
        because = f"a segment {tag[:3]!r} is not known in an enrollment file" if tag else "a segment is empty"
        self.find(tag[:3], None, "UNKNOWN", because, at)

    def take_bgn(self, e: list[str]) -> None:
        if self.bgn is not None:
            self.find("BGN", None, "REPEATED", "a second BGN stands in the set")
        self.bgn = e

    def take_n1(self, e: list[str]) -> None:
        kind = e[1]
        if kind == "75":
            self.category = e[2].strip().upper()
        elif self.member is None:
            self.party = kind
            if kind == "P5":
                self.sponsor = e[2]
            elif kind == "IN":
                self.issuer = e[2:5]
            elif kind == "BO":
                self.brokers.append((e[2], e[3], e[4]))
            elif kind == "TV":
                self.tpa = e[2]

    def take_act(self, e: list[str]) -> None:
        if self.party == "BO":
            self.license = e[1]

    def take_ins(self, e: list[str]) -> None:
        self.member = member = _Member(e, self.at)
        self.members.append(member)
        self.own_name = False
        self.category = None
        self.ids, self.days = member.ids, member.days
        if e[1] not in ("Y", "N"):
            because = f"INS01 says {e[1]!r}; it may say Y (subscriber) or N (dependant)"
            self.find("INS", 1, "CODE", because)
        if e[3] not in MAINTENANCES:
            known = ", ".join(f"{code} ({words})" for code, words in MAINTENANCES.items())
            self.find("INS", 3, "CODE", f"INS03 says {e[3]!r}; we know {known}")

    def take_ref(self, e: list[str]) -> None:
        qualifier, value = e[1], e[2]
        if value == privacy.MASK:
            because = f"REF*{qualifier} looks like a Social Security number; it was not kept"
            self.find("REF", 2, "PRIVATE", because)
            return
        if self.category is not None:
            if self.member is not None:
                self.member.categories.setdefault(self.category, []).append(value)
        elif self.ids is not None:
            self.ids[qualifier] = value
            if len(value) > LONGEST_ID:
                because = f"REF*{qualifier} has {len(value)} characters; {LONGEST_ID} are the most"
                self.find("REF", 2, "LENGTH", because)
            if len(value) > LONGEST_ID:
                because = f"REF*{qualifier} has {len(value)} characters; {LONGEST_ID} are the most"
                self.find("REF", 2, "LENGTH", because)

    def take_dtp(self, e: list[str]) -> None:
        qualifier, form, value = e[1], e[2], e[3]
        if qualifier in ENDS and form == "D8" and value == dates.NO_END:
            return  # as some systems write what does not end
        day = dates.day(value[:8])
        if form == "RD8":
            first, dash, last = value.partition("-")
            good = bool(dash) and dates.day(first) is not None and dates.day(last) is not None
        else:
            good = form == "D8" and len(value) == 8 and day is not None
        if not good:
            because = f"DTP*{qualifier} says {form} {value!r}, which is not a day (D8 CCYYMMDD)"
            self.find("DTP", 3, "DATE", because)
        elif self.days is not None and self.category is None:
            self.days[qualifier] = day

    def take_nm1(self, e: list[str]) -> None:
        self.own_name = e[1] in ("IL", "74")
        if self.own_name and self.member is not None:
            self.member.name = e[3:6]

    def take_per(self, e: list[str]) -> None:
        if self.own_name and self.member is not None:
            mails = self.member.mails
            for i in (3, 5, 7):
                mails.setdefault(e[i], e[i + 1])

    def take_n3(self, e: list[str]) -> None:
        if self.own_name and self.member is not None:
            self.member.lines = e[1:3]

    def take_n4(self, e: list[str]) -> None:
        if self.own_name and self.member is not None:
            self.member.address = e[1:4]

    def take_dmg(self, e: list[str]) -> None:
        if self.own_name and self.member is not None:
            self.member.birth_date = day = dates.day(e[2])
            self.member.sex = e[3]
            if e[2] and (day is None or e[1] != "D8"):
                because = f"DMG02 says {e[1]} {e[2]!r}, which is not a day (D8 CCYYMMDD)"
                self.find("DMG", 2, "DATE", because)

    def take_hd(self, e: list[str]) -> None:
        self.own_name = False
        self.category = None
        if self.member is None:
            self.find("HD", None, "ORDER", "a coverage (HD) stands before any member (INS)")
            return
        coverage = _Coverage(e[1], e[3], self.at)
        self.member.coverages.append(coverage)
        self.ids, self.days = coverage.ids, coverage.days

    def take_loop_end(self, e: list[str]) -> None:
        """COB, DSB, LE, LS and LX: what follows belongs neither to the member nor to the coverage."""
        self.own_name = False
        self.category = None
        self.ids = self.days = None

    def finish(self) -> EnrollmentSet | None:
        self.at = self.transaction.segment
        sent = self._sent()
        if not self.members:
            self.find("INS", None, "MISSING", f"the set {self.transaction.st02} has no member (INS)")
        enrollments = [row for member in self.members for row in _rows(member)]
        self._check(enrollments)
        if sent is None or self.bgn is None:
            return None
        group = self.transaction.group
        interchange = group.interchange
        name, qualifier, identifier = self.brokers[0] if self.brokers else ("", "", "")
        npn = identifier.strip() if qualifier == "94" else ""
        return EnrollmentSet(
            isa06=interchange.isa06,
            isa08=interchange.isa08,
            isa13=interchange.isa13,
            gs06=group.gs06,
            st02=self.transaction.st02,
            usage=interchange.isa15,
            bgn02=self.bgn[2],
            sent_at=sent[0],
            sent_day=sent[1],
            sponsor_name=self.sponsor,
            issuer_name=self.issuer[0],
            issuer_id=self.issuer[2],
            issuer_qualifier=self.issuer[1],
            broker_name=name,
            broker_npn=npn,
            broker_npn_finding=self._doubt(npn, qualifier),
            broker_tax_id=identifier.strip() if qualifier == "FI" else "",
            broker_license=self.license,
            tpa=self.tpa,
            members=tuple(row for _, row in enrollments),
            first_segment=self.transaction.segment,
        )

    def _sent(self) -> tuple[datetime, date] | None:
        if self.bgn is None:
            self.find("BGN", None, "MISSING", f"the set {self.transaction.st02} has no BGN")
            return None
        at = dates.instant(self.bgn[3], self.bgn[4], self.bgn[5])
        day = dates.day(self.bgn[3])
        if at is None or day is None:
            said = " ".join(filter(None, self.bgn[3:6]))
            because = f"BGN03 to BGN05 say {said!r}, which is not a day, a time and a time zone"
            self.find("BGN", 3, "DATE", because)
            return None
        return at, day

    def _doubt(self, npn: str, qualifier: str) -> str:
        if len(self.brokers) > 1:
            return f"the set names {len(self.brokers)} brokers; the first is taken"
        if qualifier == "94" and not (npn.isascii() and npn.isdigit()):
            return f"the NPN {npn!r} in loop 1000C is not a number" if npn else "loop 1000C has no NPN"
        return ""

    def _check(self, enrollments: list[tuple[int, MemberEnrollment]]) -> None:
        policies = any(row.policy_id for _, row in enrollments)
        for at, row in enrollments:
            if row.is_subscriber and not row.subscriber_id:
                because = "the subscriber has no exchange subscriber id (REF*0F)"
                self.find("REF", None, "MISSING", because, at)
            if not row.policy_id and (row.is_subscriber or not policies):
                self.find("REF", None, "MISSING", "no exchange policy id (REF*1L) is given", at)
            if row.maintenance == "021" and row.benefit_begin is None and (row.is_subscriber or row.coverage):
                self.find("DTP", None, "MISSING", "an addition (021) has no coverage start (DTP*348)", at)
            issuer = row.plan_id[:5]
            if (
                row.maintenance == "021"
                and row.is_subscriber
                and row.coverage in COVERAGES
                and not (len(issuer) == 5 and issuer.isascii() and issuer.isdigit())
            ):
                because = (
                    "an addition (021) names no plan by which its carrier is known: REF*CE begins with five digits"
                )
                self.find("REF", None, "MISSING", because, at)
            for begin, end, names in (
                (row.benefit_begin, row.benefit_end, "DTP*349 is before DTP*348"),
                (row.eligibility_begin, row.eligibility_end, "DTP*357 is before DTP*356"),
            ):
                # A cancel says that it never began by ending on the first day or on the day before it.
                if begin is not None and end is not None and end < begin - ONE_DAY:
                    because = f"the end {end} is impossible with the beginning {begin}: {names}"
                    self.find("DTP", 3, "DATE", because, at)


def _rows(member: _Member) -> Iterator[tuple[int, MemberEnrollment]]:
    """A row for each coverage, or one for the member alone, with the position of the segment that begins it."""
    ins, ids, days = member.ins, member.ids, member.days
    mails, categories = member.mails, member.categories
    last, first, middle = member.name
    line1, line2 = member.lines
    city, state, postal = member.address
    application, _, origin = _first(categories, "APPLICATION ID AND ORIGIN").partition("-")
    reasons = categories.get("ADDL MAINT REASON")
    if reasons is not None:
        # Colorado writes several reasons into one value.
        reasons = [reason.strip() for value in reasons for reason in value.split("|") if reason.strip()]
    for coverage in member.coverages or (_Coverage("", "", member.at),):
        yield (
            coverage.at,
            MemberEnrollment(
                is_subscriber=ins[1] == "Y",
                relationship=ins[2],
                maintenance=ins[3],
                reason=ins[4],
                subscriber_id=ids.get("0F", ""),
                member_id=ids.get("17", ""),
                policy_id=coverage.ids.get("1L") or ids.get("1L", ""),
                plan_id=coverage.ids.get("CE") or ids.get("CE", ""),
                last_name=last,
                first_name=first,
                middle_name=middle,
                birth_date=member.birth_date,
                sex=member.sex,
                line1=line1,
                line2=line2,
                city=city,
                state=state,
                zip=postal,
                phone=mails.get("TE") or next((mails[kind] for kind in _PHONES if kind in mails), ""),
                email=mails.get("EM", ""),
                coverage=coverage.code,
                coverage_maintenance=coverage.maintenance,
                benefit_begin=coverage.days.get("348") or days.get("348"),
                benefit_end=coverage.days.get("349") or days.get("349"),
                eligibility_begin=days.get("356"),
                eligibility_end=days.get("357"),
                maintenance_effective=coverage.days.get("303") or days.get("303"),
                request_submit_timestamp=_first(categories, "REQUEST SUBMIT TIMESTAMP"),
                application_id=application.strip(),
                application_origin=origin.strip(),
                additional_maintenance_reasons=tuple(reasons or ()),
                source_exchange_id=_first(categories, "SOURCE EXCHANGE ID"),
            ),
        )


def _first(categories: dict[str, list[str]], name: str) -> str:
    values = categories.get(name)
    return values[0] if values else ""


_PHONES = ("HP", "CP", "WP", "AP")
_PADDING = [""] * 9
_PASSED_OVER = {"AMT", "EC", "HLH", "ICM", "IDC", "LUI", "PLA", "QTY"}
_HANDLERS: dict[str, Callable[[_Reading, list[str]], None]] = {
    "REF": _Reading.take_ref,
    "DTP": _Reading.take_dtp,
    "N1": _Reading.take_n1,
    "NM1": _Reading.take_nm1,
    "PER": _Reading.take_per,
    "N3": _Reading.take_n3,
    "N4": _Reading.take_n4,
    "DMG": _Reading.take_dmg,
    "INS": _Reading.take_ins,
    "HD": _Reading.take_hd,
    "LX": _Reading.take_loop_end,
    "LS": _Reading.take_loop_end,
    "LE": _Reading.take_loop_end,
    "COB": _Reading.take_loop_end,
    "DSB": _Reading.take_loop_end,
    "BGN": _Reading.take_bgn,
    "ACT": _Reading.take_act,
}
