"""Contacts of people without coverage, and accounts without a role: each goes after its years, and not before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from pytest_django.fixtures import Settings

from aor.accounts import operations as accounts
from aor.accounts.models import Invitation, RoleName, User
from aor.associations.models import Association, Consent
from aor.consumers.models import Contact, Household, Subscriber
from aor.enrollments.models import Enrollment
from aor.policy.retention import Kind, What
from aor.retention import models, operations, queries
from aor.terms.actor import Actor, Role, system

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 3, 10, 18, tzinfo=UTC)
LAST = datetime(2036, 3, 9, 18, tzinfo=UTC)  # the last day on which ten years are not over
DUE = datetime(2036, 3, 10, 18, tzinfo=UTC)
ANN, BO = Actor(Role.OFFICER, "officer ann"), Actor(Role.LEAD, "lead bo")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Settings) -> None:
    settings.AOR_HOME = tmp_path


def person(name: str, *, at: datetime = THEN) -> Subscriber:
    """Somebody whom an account told of, and who has no coverage."""
    one = Subscriber.objects.create(exchange_subscriber_id=name, household=Household.objects.create())
    Contact.objects.create(
        exchange_subscriber_id=name, kind="email", address=f"{name}@example.org".lower(), source="account",
        as_of=at, known_from=at,
    )  # fmt: skip
    return one


def agreed(name: str, *, at: datetime) -> Consent:
    consent = Consent.objects.create(
        template_version="1", shown="the words", parties="Ana and Mai", scope="all", purpose="credit", given_at=at,
        act="designated", how_to_rescind="in the portal",
    )  # fmt: skip
    Association.objects.create(
        npn="7000001", subscriber_id=name, path="designated", confirmed_at=at, recorded_at=at, consent=consent
    )
    return consent


def covered(one: Subscriber) -> None:
    Enrollment.objects.create(
        subscriber=one, hios_issuer_id="31616", policy_id=f"P-{one.pk}", coverage_kind="HLT", sent_at=LAST,
        start=date(2036, 1, 1), until=date(2037, 1, 1), told_until=date(2037, 1, 1), last_name="Vang",
        enrolled_on=date(2035, 12, 1),
    )  # fmt: skip


def account(email: str, role: RoleName, subject: str, *, ended: datetime | None) -> User:
    user = accounts.open_account(email=email, name="Ana Reyes", by=system("test"), now=THEN - timedelta(days=900))
    accounts.grant(user, role=role, subject=subject, by=system("test"), now=THEN - timedelta(days=800))
    if ended is not None:
        accounts.revoke(user, role=role, subject=subject, by=system("test"), now=ended)
    return user


def due(what: What, *, now: datetime) -> int:
    return next(one.things for one in queries.due(now=now) if one.what is what)


def dispose(*, now: datetime = DUE) -> None:
    operations.dispose(asked_by=ANN.name, by=BO, now=now)


def addresses() -> set[str]:
    return set(Contact.objects.values_list("address", flat=True))


def test_contacts_of_who_never_had_coverage_go_ten_years_after_the_last_that_was_told() -> None:
    person("S-NEVER")
    assert due(What.CONTACTS, now=LAST) == 0
    assert due(What.CONTACTS, now=DUE) == 1
    dispose()
    assert addresses() == {""}
    assert due(What.CONTACTS, now=DUE) == 0


def test_an_agreement_keeps_them_longer_and_goes_with_them() -> None:
    person("S-AGREED")
    consent = agreed("S-AGREED", at=THEN + timedelta(days=30))
    dispose()
    assert addresses() == {"s-agreed@example.org"}
    dispose(now=DUE + timedelta(days=30))
    consent.refresh_from_db()
    assert (addresses(), consent.shown) == ({""}, "disposed of")
    assert due(What.CONTACTS, now=DUE + timedelta(days=30)) == 0


def test_who_was_covered_since_is_kept_as_the_coverage_is() -> None:
    covered(person("S-COVERED"))
    dispose()
    assert addresses() == {"s-covered@example.org"}


def test_a_hold_on_the_person_keeps_them() -> None:
    person("S-HELD")
    operations.place(kind=Kind.HOUSEHOLD, subject="S-HELD", period=None, because="an appeal", by=ANN, now=THEN)
    dispose()
    assert addresses() == {"s-held@example.org"}


def test_an_account_goes_ten_years_after_its_last_role_with_all_that_it_signs_in_with() -> None:
    user = account("ana@example.org", RoleName.BROKER, "7000001", ended=THEN)
    EmailAddress.objects.create(user=user, email="ana@example.org", verified=True, primary=True)
    assert due(What.ACCOUNTS, now=LAST) == 0
    assert due(What.ACCOUNTS, now=DUE) == 1
    dispose()
    user.refresh_from_db()
    assert (user.email, user.name, user.is_active, user.has_usable_password()) == (None, "", False, False)
    assert not EmailAddress.objects.exists()
    assert list(queries.not_emptied()) == []
    assert due(What.ACCOUNTS, now=DUE) == 0


def test_an_account_with_a_role_or_used_since_stays() -> None:
    account("officer@example.org", RoleName.OFFICER, "", ended=None)
    account("consumer@example.org", RoleName.CONSUMER, "S-COVERED", ended=None)
    covered(person("S-COVERED"))
    used = account("used@example.org", RoleName.BROKER, "7000002", ended=THEN)
    User.objects.filter(pk=used.pk).update(last_login=THEN + timedelta(days=1))
    dispose()
    assert not User.objects.filter(email=None).exists()


def test_an_account_of_a_consumer_of_whom_nothing_is_kept_goes() -> None:
    account("consumer@example.org", RoleName.CONSUMER, "S-GONE", ended=None)
    dispose()
    assert User.objects.filter(email=None).count() == 1


def test_a_hold_on_a_broker_keeps_their_account_and_the_invitation_to_it() -> None:
    account("ana@example.org", RoleName.BROKER, "7000001", ended=THEN)
    Invitation.objects.create(
        email="ana@example.org", name="Ana Reyes", role=RoleName.SUPPORT_STAFF, subject="7000001", code_sha256="0",
        by="test", sent_at=THEN, expires_at=THEN,
    )  # fmt: skip
    hold = models.Hold.objects.create(
        kind=Kind.BROKER, subject="7000001", because="a suit", at=THEN, by_role="officer", by_name="officer ann"
    )
    dispose()
    assert Invitation.objects.get().email == User.objects.get().email == "ana@example.org"
    operations.release(hold=hold.pk, because="decided", by=ANN, now=DUE)
    dispose()
    assert (Invitation.objects.get().email, User.objects.get().email) == ("", None)
