"""Values by kind: what people type becomes one form; what is wrong is said without repeating it (clause 2.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.vault import WrongValue, masked, normalise, shown


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+998 90 123 45 67", "+998901234567"),
        ("998901234567", "+998901234567"),
        ("00998901234567", "+998901234567"),
        ("90 123-45-67", "+998901234567"),
        ("8 90 123 45 67", "+998901234567"),
        ("(78) 333-22-33", "+998783332233"),
        ("+7 912 345-67-89", "+79123456789"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_phone_numbers_as_people_type_them(typed: str, stored: str) -> None:
    assert normalise("phone", typed, 40) == stored


@pytest.mark.parametrize("prefix", "20 33 50 55 77 78 87 88 90 91 93 94 95 97 98 99".split())
def test_every_prefix_in_use_is_taken(prefix: str) -> None:
    assert normalise("phone", f"+998{prefix}3332233", 40) == f"+998{prefix}3332233"


@pytest.mark.parametrize("typed", ["12345", "telefon", "+998 90 123", "+998 90 123 45 67 89 00"])
def test_what_is_no_phone_number(typed: str) -> None:
    with pytest.raises(WrongValue):
        normalise("phone", typed, 40)


@pytest.mark.parametrize("sign", list("'`´‘’ʻʼ′"))
def test_every_apostrophe_becomes_the_right_letter(sign: str) -> None:
    assert normalise("name", f"G{sign}ulom O{sign}ktam Ma{sign}ruf", 100) == "Gʻulom Oʻktam Maʼruf"


def test_names_are_joined_by_one_space_and_need_letters() -> None:
    assert normalise("name", "  Али   Валиев ", 100) == "Али Валиев"
    with pytest.raises(WrongValue):
        normalise("name", "12 34", 100)


def test_mail_addresses_are_lower_case() -> None:
    assert normalise("email", " Ali.Valiyev@Example.UZ ", 100) == "ali.valiyev@example.uz"
    for wrong in ("ali", "ali@", "@example.uz", "a b@example.uz"):
        with pytest.raises(WrongValue):
            normalise("email", wrong, 100)


@given(st.sampled_from(["name", "email", "phone", "text"]), st.text(max_size=60))
def test_normalising_twice_changes_nothing_and_errors_hold_no_value(kind: str, typed: str) -> None:
    try:
        once = normalise(kind, typed, 200)
    except WrongValue as wrong:
        assert len(typed.strip()) < 4 or typed.strip() not in str(wrong)
        return
    assert normalise(kind, once, 200) == once


def test_control_signs_and_turned_text_are_refused() -> None:
    for wrong in ("a\x00b", "a\u202eb", "a\x1b[31m"):
        with pytest.raises(WrongValue):
            normalise("text", wrong, 100)
    assert normalise("text", "line\r\nline", 100) == "line\nline"


def test_masked_and_shown() -> None:
    assert masked("email", "ali@example.uz") == "a•••@e•••.uz"
    assert masked("phone", "+998901234567") == "+998 ••• •• 67"
    assert shown("phone", "+998901234567") == "+998 90 123 45 67"
