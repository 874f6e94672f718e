"""What people are told when something is wrong, what an installation can be set to, and values that show nothing."""

import copy
import pickle
from pathlib import Path

import msgspec
import pytest

from omonat.kernel import errors
from omonat.kernel.errors import Damaged, InvalidInput, Misconfigured, OmonatError, TooManyRequests
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Settings, read_settings


def all_errors() -> list[type[OmonatError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, OmonatError)]


def test_codes_are_words_and_nobody_shares_one() -> None:
    codes = [kind.code for kind in all_errors()]
    assert len(set(codes)) == len(codes)
    assert all(code.islower() and code.replace("_", "").isalpha() for code in codes)


def test_places_are_filled_and_a_missing_one_stays_visible() -> None:
    assert TooManyRequests(seconds=30).advice() == "Wait 30 seconds and try again."
    assert Damaged(what="Version 3.2").text() == "Version 3.2 is not what was stored."
    assert Damaged().text() == "{what} is not what was stored."
    assert str(Damaged(what="Version 3.2")).startswith("damaged: ")


def test_problems_of_a_form_stay_out_of_the_text_of_the_error() -> None:
    error = InvalidInput({"email": "This is no e-mail address."})
    assert error.problems == {"email": "This is no e-mail address."}
    assert "email" not in str(error)


def test_a_value_shows_nothing() -> None:
    value = Sealed("Nodira")
    for shown in (repr(value), str(value), f"{value}", f"{value!r:>20}", f"{[value]}", "%s" % value):  # noqa: UP031 - as logging does
        assert "Nodira" not in shown
    assert value.reveal() == "Nodira"


def test_a_value_cannot_be_pickled_copied_out_or_encoded() -> None:
    value = Sealed("Nodira")
    for leaks in (pickle.dumps, copy.deepcopy, msgspec.json.encode):
        with pytest.raises(TypeError) as refused:
            leaks(value)
        assert "Nodira" not in str(refused.value)
    assert not hasattr(value, "__dict__")


def test_values_compare_by_what_they_hold() -> None:
    assert Sealed("a") == Sealed("a")
    assert Sealed("a") != Sealed("b")
    assert Sealed("a") != "a"
    assert len({Sealed("a"), Sealed("a"), Sealed("b")}) == 2


def write(folder: Path, text: str) -> Path:
    (folder / "omonat.toml").write_text(text, "utf-8")
    return folder


def test_settings_of_a_small_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMONAT_DEV", raising=False)
    found = read_settings(write(tmp_path, 'keys = "/srv/keys"'))
    assert found.data == tmp_path
    assert found.database_url == f"sqlite:///{tmp_path}/omonat.db"
    assert found.keys_database_url == "sqlite:////srv/keys/keys.db"
    assert found.jobs_database_url == f"sqlite:///{tmp_path}/jobs.db"
    assert found.ledger == tmp_path / "ledger"
    assert not found.dev


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_settings_with_a_server(tmp_path: Path, scheme: str) -> None:
    text = f'keys = "k"\ndatabase = "{scheme}://u@db/omonat"\nkeys_database = "{scheme}://u@keys/omonat_keys"'
    found = read_settings(write(tmp_path, text))
    assert found.database_url == found.jobs_database_url == "postgresql+psycopg://u@db/omonat"
    assert found.keys_database_url == "postgresql+psycopg://u@keys/omonat_keys"


def test_channels(tmp_path: Path) -> None:
    found = read_settings(write(tmp_path, 'keys = "k"\n[smtp]\nhost = "mail"\n[sms]\nurl = "https://sms.example/send"'))
    assert found.smtp is not None
    assert (found.smtp.host, found.smtp.port, found.smtp.starttls) == ("mail", 587, True)
    assert found.sms is not None
    filled = found.sms.body.format(phone="998", text="Salom", sender=found.sms.sender, id="1")
    assert msgspec.json.decode(filled) == {"mobile_phone": "998", "message": "Salom", "from": "4546"}


def test_development_is_switched_on_by_the_environment_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'keys = "k"')
    monkeypatch.setenv("OMONAT_DEV", "1")
    assert read_settings(tmp_path).dev
    monkeypatch.setenv("OMONAT_DEV", "0")
    assert not read_settings(tmp_path).dev


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("keys = \n", "line 1"),
        ("", "keys"),
        ('keys = "k"\nbase_url = 5', "base_url"),
        ('keys = "k"\n[smtp]\nport = 25', "host"),
        ('keys = "k"\nbase_ulr = "https://iptelefoniya.uz"', "base_ulr"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        read_settings(write(tmp_path, text))
    assert named in wrong.value.text()
    assert "omonat.toml" in wrong.value.text()


def test_a_folder_without_installation_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as wrong:
        read_settings(tmp_path / "nothing")
    assert "omonat init" in wrong.value.advice()


def test_a_missing_key_of_the_settings_is_a_type_error_nowhere() -> None:
    assert Settings(data=Path("a"), keys=Path("b")).base_url == "http://localhost:8080"
