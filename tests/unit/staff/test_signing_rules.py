"""Rules of signing in, and the codes of RFC 6238 (6.2)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.crypto.passwords import Cost, hash_password, is_password
from omonat.crypto.totp import matching_step, totp_code, totp_text, totp_uri
from omonat.staff.signing_rules import (
    folded_name,
    is_counter_good,
    meant,
    password_problem,
    plain_code,
    steps_allowed,
    wait_after,
)

SECRET = b"12345678901234567890"
moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1; the last six of its eight digits."""
    assert totp_code(SECRET, seconds // 30) == code


def test_the_secret_reads_as_apps_want_it() -> None:
    assert totp_text(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    uri = totp_uri(SECRET, account="Dilnoza", issuer="MEGABITE-CRM")
    assert uri.startswith("otpauth://totp/MEGABITE-CRM:Dilnoza?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri and "issuer=MEGABITE-CRM" in uri


@given(moments, st.integers(min_value=-10, max_value=10))
def test_no_step_counts_twice_nor_one_before_it(now: datetime, used: int) -> None:
    step = int(now.timestamp()) // 30
    allowed = steps_allowed(now, step + used)
    assert all(each > step + used and abs(each - step) <= 1 for each in allowed)
    assert steps_allowed(now, 0) == (step - 1, step, step + 1)


@given(moments, st.integers(min_value=-3, max_value=3))
def test_a_code_counts_only_within_half_a_minute_of_its_time(now: datetime, off: int) -> None:
    step = int(now.timestamp()) // 30 + off
    found = matching_step(SECRET, totp_code(SECRET, step), steps_allowed(now, 0))
    assert found == step if abs(off) <= 1 else found != step


@given(st.integers(min_value=0, max_value=10_000))
def test_the_wait_grows_and_has_an_end(failures: int) -> None:
    assert timedelta() <= wait_after(failures) <= wait_after(failures + 1) <= timedelta(minutes=15)
    assert (wait_after(failures) == timedelta()) == (failures < 5)


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_a_counter_only_grows(said: int, last: int) -> None:
    assert is_counter_good(said, last) == (said > last or said == last == 0)


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaaaaaa", "Dilnoza Karimova", "dilnoza karimova"])
def test_what_is_too_easy_to_guess_is_refused(password: str) -> None:
    assert password_problem(password, "Dilnoza Karimova")


@pytest.mark.parametrize("password", ["to'rt qora mushuk", "тўрт қора мушук", "qwfp luyj arst", "a" * 195 + "bcdef"])
def test_length_is_enough(password: str) -> None:
    assert password_problem(password, "Dilnoza") == ""


def test_a_password_is_its_letters_however_they_are_put_together() -> None:
    key = bytes(32)
    kept = hash_password(key, "po\u0301 \ufb01 to'rt qora")
    assert is_password(key, "p\u00f3 fi to'rt qora", kept)
    assert not is_password(key, "po fi to'rt qora", kept)
    assert not is_password(bytes([1]) * 32, "p\u00f3 fi to'rt qora", kept)
    assert kept != hash_password(key, "po\u0301 \ufb01 to'rt qora")


def test_a_password_costs_more_than_the_least_that_owasp_asks(quick_passwords: Cost) -> None:
    assert quick_passwords["memory_cost"] >= 19 * 1024
    assert quick_passwords["iterations"] >= 2
    assert "m=64,t=1,p=1" in hash_password(bytes(32), "x"), "what is set is what is used"


@pytest.mark.parametrize("typed", ["Ulug\u02bbbek", "ulug'bek", " ULUG\u2018BEK ", "Ulug`bek", "Ulug\u02bcbek"])
def test_a_name_is_found_however_the_apostrophe_is_typed(typed: str) -> None:
    assert meant(["Dilnoza", "Ulug\u02bbbek", "Ulugbek"], typed) == "Ulug\u02bbbek"


def test_names_that_differ_in_capitals_only_are_typed_exactly() -> None:
    assert meant(["ali", "Ali"], "Ali") == "Ali"
    assert meant(["ali", "Ali"], "ALI") is None
    assert meant(["ali"], "vali") is None


@given(st.text(max_size=40))
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    assert folded_name(folded_name(name)) == folded_name(name)


@given(st.text(alphabet="0123456789", min_size=6, max_size=6), st.lists(st.sampled_from(" -\u00a0"), max_size=6))
def test_spaces_and_hyphens_in_a_code_do_not_matter(code: str, between: list[str]) -> None:
    typed = "".join(f"{sign}{gap}" for sign, gap in zip(code, [*between, *[""] * 6], strict=False))
    assert plain_code(typed) == code
