"""How the staff signs in, on both engines: passwords, codes, recovery, tries, sessions (6.2)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.crypto import open_provider
from omonat.crypto.totp import totp_code
from omonat.kernel.errors import InvalidInput, Misconfigured, TooManyRequests
from omonat.kernel.secret import Sealed
from omonat.keystore import KeyStore
from omonat.staff import CeremonyOver, LastFactor, Opened, SignInRefused, StaffAccount, Waits
from omonat.storage import Database
from omonat.storage.schema import ledger_event, staff_totp

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
WORDS = Sealed("to'rt qora mushuk")
DEVICE = "Chromium, Linux"


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def account(omonat: Omonat) -> StaffAccount:
    made = omonat.staff.add("Dilnoza", roles=["support"], os_user=None, now=NOW)
    omonat.staff_secrets.set_password(made, WORDS, NOW)
    return made


def secret_of(omonat: Omonat, account: StaffAccount) -> bytes:
    import base64

    offer = omonat.staff_secrets.totp_offer(account, "Omonat")
    assert offer is not None
    text = offer.text.reveal().replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


def with_app(omonat: Omonat, account: StaffAccount, now: datetime = NOW) -> bytes:
    omonat.staff_secrets.begin_totp(account)
    secret = secret_of(omonat, account)
    omonat.staff_secrets.confirm_totp(account, code_at(secret, now), now)
    return secret


def code_at(secret: bytes, now: datetime) -> str:
    return totp_code(secret, int(now.timestamp()) // 30)


def first_step(omonat: Omonat, now: datetime, password: Sealed[str] = WORDS, name: str = "Dilnoza") -> Opened | Waits:
    return omonat.staff_sign_in.password(name, password, device=DEVICE, now=now)


def waits(omonat: Omonat, now: datetime) -> Sealed[str]:
    found = first_step(omonat, now)
    assert isinstance(found, Waits)
    return found.token


def test_a_password_alone_opens_the_account_page_only(omonat: Omonat, account: StaffAccount) -> None:
    opened = first_step(omonat, NOW)
    assert isinstance(opened, Opened)
    session = omonat.staff_sessions.find(opened.token, NOW)
    assert session is not None and session.how == "password" and session.device == DEVICE


@pytest.mark.parametrize(("name", "password"), [("Dilnoza", "not her password"), ("Nobody", WORDS.reveal())])
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(
    omonat: Omonat, account: StaffAccount, name: str, password: str
) -> None:
    del account
    with pytest.raises(SignInRefused) as refused:
        first_step(omonat, NOW, Sealed(password), name)
    assert refused.value.details == {}


def test_both_factors_open_a_session_and_a_code_counts_once(omonat: Omonat, account: StaffAccount) -> None:
    secret = with_app(omonat, account)
    later = NOW + timedelta(minutes=2)
    token = waits(omonat, later)
    assert omonat.staff_sessions.find(token, later) is None
    code = code_at(secret, later)
    opened = omonat.staff_sign_in.second(token, f"{code[:3]} {code[3:]}", device=DEVICE, now=later)
    assert opened.how == "totp" and opened.token != token
    with pytest.raises(CeremonyOver):
        omonat.staff_sign_in.second(token, code, device=DEVICE, now=later)
    with pytest.raises(SignInRefused):
        omonat.staff_sign_in.second(waits(omonat, later), code, device=DEVICE, now=later)
    nearly = later + timedelta(seconds=29)
    with pytest.raises(SignInRefused):  # neighbouring half minutes count, this one was used
        omonat.staff_sign_in.second(waits(omonat, nearly), code, device=DEVICE, now=nearly)


def test_the_code_that_confirmed_the_app_does_not_sign_in(omonat: Omonat, account: StaffAccount) -> None:
    secret = with_app(omonat, account)
    with pytest.raises(SignInRefused):
        omonat.staff_sign_in.second(waits(omonat, NOW), code_at(secret, NOW), device=DEVICE, now=NOW)


@pytest.mark.parametrize(("seconds", "counts"), [(-30, True), (0, True), (30, True), (-60, False), (60, False)])
def test_a_clock_may_be_half_a_minute_wrong(omonat: Omonat, account: StaffAccount, seconds: int, counts: bool) -> None:
    secret = with_app(omonat, account)
    later = NOW + timedelta(minutes=10)
    code = code_at(secret, later + timedelta(seconds=seconds))
    token = waits(omonat, later)
    if counts:
        assert omonat.staff_sign_in.second(token, code, device=DEVICE, now=later).how == "totp"
    else:
        with pytest.raises(SignInRefused):
            omonat.staff_sign_in.second(token, code, device=DEVICE, now=later)


def test_the_secret_of_the_app_is_sealed_and_bound_to_its_account(omonat: Omonat, account: StaffAccount) -> None:
    secret = with_app(omonat, account)
    with omonat.database.read() as tx:
        kept = tx.scalar(select(staff_totp.c.sealed_secret))
    assert kept is not None and secret not in kept


def test_a_new_app_counts_once_it_is_confirmed_and_the_old_one_until_then(
    omonat: Omonat, account: StaffAccount
) -> None:
    old = with_app(omonat, account)
    omonat.staff_secrets.begin_totp(account)
    new = secret_of(omonat, account)
    later = NOW + timedelta(minutes=2)
    assert omonat.staff_sign_in.second(waits(omonat, later), code_at(old, later), device=DEVICE, now=later)
    with pytest.raises(InvalidInput):
        omonat.staff_secrets.confirm_totp(account, code_at(old, later), later)
    omonat.staff_secrets.confirm_totp(account, code_at(new, later), later)
    at = later + timedelta(minutes=2)
    with pytest.raises(SignInRefused):
        omonat.staff_sign_in.second(waits(omonat, at), code_at(old, at), device=DEVICE, now=at)
    assert omonat.staff_sign_in.second(waits(omonat, at), code_at(new, at), device=DEVICE, now=at)


def test_recovery_codes_count_once_each_and_old_ones_never(omonat: Omonat, account: StaffAccount) -> None:
    with_app(omonat, account)
    old = omonat.staff_secrets.new_recovery_codes(account, NOW)
    codes = omonat.staff_secrets.new_recovery_codes(account, NOW)
    assert len(codes) == len({code.reveal() for code in codes}) == 10
    typed = codes[0].reveal().lower()
    assert omonat.staff_sign_in.second(waits(omonat, NOW), typed, device=DEVICE, now=NOW).how == "recovery"
    for spent in (typed, old[0].reveal()):
        with pytest.raises(SignInRefused):
            omonat.staff_sign_in.second(waits(omonat, NOW), spent, device=DEVICE, now=NOW)
    assert omonat.staff_secrets.factors(account).codes_left == 9


@pytest.mark.parametrize("name", ["Dilnoza", "Nobody"])
def test_guessing_gets_slow_for_every_name_alike(omonat: Omonat, account: StaffAccount, name: str) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            first_step(omonat, NOW, Sealed("a guess of somebody"), name)
    with pytest.raises(TooManyRequests) as closed:
        first_step(omonat, NOW, WORDS, name)
    assert closed.value.details["seconds"] == 31
    at = NOW + timedelta(seconds=31)
    with pytest.raises(SignInRefused):
        first_step(omonat, at, Sealed("a guess of somebody"), name)
    with pytest.raises(TooManyRequests) as closed:
        first_step(omonat, at, WORDS, name)
    assert closed.value.details["seconds"] == 61
    kinds = [event.kind for event in omonat.staff_secrets.events(account)]
    assert kinds.count("staff_locked") == (1 if name == "Dilnoza" else 0)


def test_the_right_password_ends_the_wait_that_it_came_after(omonat: Omonat, account: StaffAccount) -> None:
    del account
    for _ in range(4):
        with pytest.raises(SignInRefused):
            first_step(omonat, NOW, Sealed("a guess of somebody"))
    first_step(omonat, NOW)
    for _ in range(4):
        with pytest.raises(SignInRefused):
            first_step(omonat, NOW, Sealed("a guess of somebody"))
    assert first_step(omonat, NOW)


def test_codes_cannot_be_guessed_by_starting_again(omonat: Omonat, account: StaffAccount) -> None:
    secret = with_app(omonat, account)
    later = NOW + timedelta(minutes=2)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            omonat.staff_sign_in.second(waits(omonat, later), "000000", device=DEVICE, now=later)
    with pytest.raises(TooManyRequests):
        omonat.staff_sign_in.second(waits(omonat, later), code_at(secret, later), device=DEVICE, now=later)


def test_an_unknown_name_costs_as_many_statements(omonat: Omonat, account: StaffAccount) -> None:
    from sqlalchemy import event

    del account
    seen: list[str] = []
    event.listen(omonat.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    counts = []
    for name in ("Dilnoza", "Nobody"):
        first = len(seen)
        with pytest.raises(SignInRefused):
            first_step(omonat, NOW, Sealed("a guess of somebody"), name)
        counts.append(len(seen) - first)
    assert counts[0] == counts[1] > 3


def test_a_new_password_ends_every_session_and_half_a_sign_in(omonat: Omonat, account: StaffAccount) -> None:
    with_app(omonat, account)
    token = omonat.staff_sessions.open(account, how="totp", device=DEVICE, now=NOW)
    half = waits(omonat, NOW)
    omonat.staff_secrets.set_password(account, Sealed("besh oq kaptar uchdi"), NOW)
    assert omonat.staff_sessions.find(token, NOW) is None
    assert not omonat.staff_sign_in.waiting(half, NOW)
    with pytest.raises(SignInRefused):
        first_step(omonat, NOW)


def test_who_left_does_not_come_in(omonat: Omonat, account: StaffAccount) -> None:
    secret = with_app(omonat, account)
    later = NOW + timedelta(minutes=2)
    half = waits(omonat, later)
    omonat.staff.deactivate("Dilnoza")
    with pytest.raises(CeremonyOver):
        omonat.staff_sign_in.second(half, code_at(secret, later), device=DEVICE, now=later)
    with pytest.raises(SignInRefused):
        first_step(omonat, later)


def test_the_only_second_factor_stays(omonat: Omonat, account: StaffAccount) -> None:
    with_app(omonat, account)
    with pytest.raises(LastFactor):
        omonat.staff_secrets.remove_totp(account, NOW)
    assert omonat.staff_secrets.factors(account).has_second


def test_other_sessions_are_ended_one_by_one_or_all(omonat: Omonat, account: StaffAccount) -> None:
    other = omonat.staff.add("Jasur", roles=["support"], os_user=None, now=NOW)
    mine, second, third = (omonat.staff_sessions.open(account, how="totp", device=DEVICE, now=NOW) for _ in range(3))
    foreign = omonat.staff_sessions.open(other, how="totp", device=DEVICE, now=NOW)
    found = omonat.staff_sessions.find(foreign, NOW)
    assert found is not None and not omonat.staff_sessions.end_one(account, found.session_id)
    chosen = omonat.staff_sessions.find(second, NOW)
    assert chosen is not None and omonat.staff_sessions.end_one(account, chosen.session_id)
    assert omonat.staff_sessions.find(second, NOW) is None
    assert omonat.staff_sessions.end_others(account, mine) == 1
    assert omonat.staff_sessions.find(third, NOW) is None
    assert omonat.staff_sessions.find(mine, NOW) and omonat.staff_sessions.find(foreign, NOW)


def test_a_session_ends_by_idleness_and_by_age(omonat: Omonat, account: StaffAccount) -> None:
    token = omonat.staff_sessions.open(account, how="totp", device=DEVICE, now=NOW)
    idle = timedelta(minutes=45)
    assert omonat.staff_sessions.find(token, NOW + idle - timedelta(seconds=1))
    seen = NOW + idle - timedelta(seconds=1)
    assert omonat.staff_sessions.find(token, seen + idle - timedelta(seconds=1))
    assert omonat.staff_sessions.find(token, seen + 2 * idle) is None
    busy = omonat.staff_sessions.open(account, how="totp", device=DEVICE, now=NOW)
    for minutes in range(30, 12 * 60, 30):
        assert omonat.staff_sessions.find(busy, NOW + timedelta(minutes=minutes))
    assert omonat.staff_sessions.find(busy, NOW + timedelta(hours=12)) is None
    omonat.staff_sessions.open(account, how="totp", device=DEVICE, now=NOW + timedelta(hours=13))
    with omonat.database.read() as tx:
        assert tx.execute(text("select count(*) from staff_session")).scalar() == 1


def test_a_secret_that_an_upgrade_brings_is_made_by_init(omonat: Omonat, account: StaffAccount) -> None:
    """An installation of before has no secret `staff`; repeating `omonat init` makes it and touches no other."""
    del account
    kept = omonat.keystore.secret("token")
    omonat.keystore.database.write(lambda tx: tx.execute(text("delete from secret where name = 'staff'")))
    provider = open_provider(omonat.settings.key_provider, omonat.settings.keys / "kek")
    fresh = KeyStore(omonat.keystore.database, provider)
    with pytest.raises(Misconfigured, match="staff"):
        fresh.secret("staff")
    fresh.create_secrets(NOW)
    assert len(fresh.secret("staff")) == 32 and fresh.secret("token") == kept


def test_the_ledger_knows_what_happened_and_no_name(omonat: Omonat, account: StaffAccount) -> None:
    with_app(omonat, account)
    omonat.staff_secrets.new_recovery_codes(account, NOW)
    with omonat.database.read() as tx:
        bodies = {row.kind: row.body for row in tx.execute(select(ledger_event.c.kind, ledger_event.c.body))}
    for kind in ("staff_password_set", "staff_totp_added", "staff_recovery_codes_made"):
        assert str(account.staff_id).encode() in bodies[kind]
        assert b"Dilnoza" not in bodies[kind]
    assert {event.kind for event in omonat.staff_secrets.events(account)} == {
        "staff_password_set", "staff_totp_added", "staff_recovery_codes_made"
    }  # fmt: skip


def test_nothing_of_a_password_or_code_lies_in_the_database(omonat: Omonat, account: StaffAccount) -> None:
    codes = omonat.staff_secrets.new_recovery_codes(account, NOW)
    with omonat.database.read() as tx:
        kept = str(tx.execute(text("select hash from staff_password")).all())
        kept += str(tx.execute(text("select * from staff_recovery_code")).all())
    assert WORDS.reveal() not in kept and codes[0].reveal().replace("-", "") not in kept


def test_tries_and_ceremonies_of_yesterday_are_forgotten(omonat: Omonat, account: StaffAccount) -> None:
    with_app(omonat, account)
    for name in ("Nobody", "Somebody"):
        with pytest.raises(SignInRefused):
            first_step(omonat, NOW, WORDS, name)
    waits(omonat, NOW)
    waits(omonat, NOW + timedelta(days=2))
    with omonat.database.read() as tx:
        assert tx.execute(text("select count(*) from staff_attempt")).scalar() == 0
        assert tx.execute(text("select count(*) from staff_ceremony")).scalar() == 1
