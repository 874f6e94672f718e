"""Key providers: a file, OpenBao (a faithful fake), AWS KMS (moto), PKCS#11 (the real SoftHSM2). Clause 6.1."""

import builtins
import hashlib
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.key_providers import REMOTE, SOFTHSM, Ready, ready
from harness.openbao import TOKEN, FakeOpenBao
from omonat.crypto import KeysUnavailable, new_key, open_provider
from omonat.kernel.errors import Damaged, Misconfigured, OmonatError
from omonat.kernel.settings import AwsKms, OpenBao, Pkcs11, ProviderSettings, read_settings

KEY = bytes(range(32))
ARN = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@pytest.fixture(params=["file", *REMOTE])
def every(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    with ready(request.param, tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    with ready(request.param, tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def bao(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenBao]:
    monkeypatch.setenv("OMONAT_OPENBAO_TOKEN", TOKEN)
    made = FakeOpenBao()
    yield made
    made.stop()


# --- the same of every provider -------------------------------------------------------------------------------------


def test_what_is_wrapped_is_unwrapped_and_never_looks_alike(every: Ready) -> None:
    first, second = every.provider.wrap(KEY, b"here"), every.provider.wrap(KEY, b"here")
    assert first != second
    assert KEY not in first
    assert every.provider.unwrap(first, b"here") == every.provider.unwrap(second, b"here") == KEY


def test_in_another_place_or_changed_it_does_not_open(every: Ready) -> None:
    wrapped = every.provider.wrap(KEY, b"here")
    with pytest.raises(Damaged):
        every.provider.unwrap(wrapped, b"there")
    for place in (-1, -20, -40):
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(Damaged):
            every.provider.unwrap(bytes(changed), b"here")
    for cut in range(len(wrapped) - 60, len(wrapped), 7):
        with pytest.raises((Damaged, Misconfigured)):
            every.provider.unwrap(wrapped[:cut], b"here")
    assert every.provider.unwrap(wrapped, b"here") == KEY  # nothing of this hinders the next one


def test_another_key_of_the_same_kind_does_not_open_it(every: Ready) -> None:
    with pytest.raises((Damaged, Misconfigured)):
        every.other.unwrap(every.provider.wrap(KEY, b"here"), b"here")


def test_a_wrapped_key_says_under_which_key_it_lies(remote: Ready, tmp_path: Path) -> None:
    wrapped = remote.provider.wrap(KEY, b"here")
    name = remote.provider.key_id.encode()
    assert wrapped.startswith(b"OK1" + bytes([len(name)]) + name)
    with pytest.raises(Misconfigured, match=remote.provider.key_id.partition(":")[0]):
        remote.other.unwrap(wrapped, b"here")


def test_a_provider_that_was_changed_in_the_settings_says_so(remote: Ready, tmp_path: Path) -> None:
    from omonat.crypto import FileKeyProvider, create_key_file

    create_key_file(tmp_path / "file")
    file = FileKeyProvider(tmp_path / "file")
    with pytest.raises(Misconfigured, match="lies under"):
        file.unwrap(remote.provider.wrap(KEY, b"here"), b"here")
    with pytest.raises(Misconfigured, match="file:kek"):
        remote.provider.unwrap(file.wrap(KEY, b"here"), b"here")


def test_a_provider_that_is_down_is_temporary_and_comes_back(remote: Ready) -> None:
    wrapped = remote.provider.wrap(KEY, b"here")
    remote.take_away()
    for _ in range(2):
        with pytest.raises(KeysUnavailable) as refused:
            remote.provider.unwrap(wrapped, b"here")
        assert refused.value.temporary
        with pytest.raises(KeysUnavailable):
            remote.provider.wrap(KEY, b"here")
    remote.bring_back()
    assert remote.provider.unwrap(wrapped, b"here") == KEY


# --- OpenBao --------------------------------------------------------------------------------------------------------


def test_openbao_that_is_sealed_or_refuses_us_is_temporary(bao: FakeOpenBao, tmp_path: Path) -> None:
    provider = open_provider(OpenBao(url=bao.url, key="omonat"), tmp_path)
    wrapped = provider.wrap(KEY, b"here")
    bao.sealed = True
    assert _reason(lambda: provider.unwrap(wrapped, b"here")) == "status 503"
    bao.sealed, bao.token = False, "another"
    assert _reason(lambda: provider.unwrap(wrapped, b"here")) == "status 403"
    bao.token = TOKEN
    assert provider.unwrap(wrapped, b"here") == KEY
    missing = open_provider(OpenBao(url=bao.url, key="missing"), tmp_path)
    assert _reason(lambda: missing.wrap(KEY, b"here")) == "status 400"


def test_openbao_keeps_the_context_and_an_older_version_opens(bao: FakeOpenBao, tmp_path: Path) -> None:
    provider = open_provider(OpenBao(url=bao.url, key="omonat"), tmp_path)
    old = provider.wrap(KEY, b"here")
    bao.keys["omonat"].append(new_key())
    new = provider.wrap(KEY, b"here")
    assert b":v1:" in old and b":v2:" in new
    assert provider.unwrap(old, b"here") == provider.unwrap(new, b"here") == KEY
    assert {body["associated_data"] for _path, body in bao.asked} == {"aGVyZQ=="}


def test_openbao_that_is_gone_or_slow(bao: FakeOpenBao, tmp_path: Path) -> None:
    provider = open_provider(OpenBao(url=bao.url, key="omonat"), tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and never answers
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        slow = open_provider(OpenBao(url=address, key="omonat", timeout=0.2), tmp_path)
        assert _reason(lambda: slow.wrap(KEY, b"here")) == "timeout"
    bao.stop()
    assert _reason(lambda: provider.wrap(KEY, b"here")) in {"unreachable", "timeout"}


def test_openbao_by_tls_only_with_a_known_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMONAT_OPENBAO_TOKEN", TOKEN)
    certificate = _certificate(tmp_path)
    bao = FakeOpenBao(certificate)
    try:
        trusting = open_provider(OpenBao(url=bao.url, key="omonat", ca_file=str(certificate[0])), tmp_path)
        assert trusting.unwrap(trusting.wrap(KEY, b"here"), b"here") == KEY
        assert _reason(lambda: open_provider(OpenBao(url=bao.url, key="omonat"), tmp_path).wrap(KEY, b"x"))
        missing = open_provider(OpenBao(url=bao.url, key="omonat", ca_file=str(tmp_path / "none")), tmp_path)
        with pytest.raises(Misconfigured, match="cannot be read"):
            missing.wrap(KEY, b"here")
    finally:
        bao.stop()


def test_openbao_without_a_token_or_in_clear_is_misconfigured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMONAT_OPENBAO_TOKEN", raising=False)
    with pytest.raises(Misconfigured, match="token"):
        open_provider(OpenBao(url="https://bao.example.uz", key="omonat"), tmp_path).wrap(KEY, b"here")
    with pytest.raises(Misconfigured, match="https"):
        open_provider(OpenBao(url="http://bao.example.uz", key="omonat"), tmp_path)


# --- AWS KMS --------------------------------------------------------------------------------------------------------


def test_aws_gets_no_id_as_its_context_but_a_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ready("aws-kms", tmp_path, monkeypatch) as made:
        made.provider.wrap(KEY, b"opened")
        asked: list[dict[str, Any]] = []
        client = made.provider._client  # type: ignore[attr-defined] # what goes over the network is looked at
        client.meta.events.register("provide-client-params.kms.*", lambda params, **_: asked.append(params))
        made.provider.unwrap(made.provider.wrap(KEY, b"here"), b"here")
    assert [one["EncryptionContext"] for one in asked] == [{"omonat": hashlib.sha256(b"here").hexdigest()}] * 2


def test_aws_without_an_answer_or_credentials_is_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    provider = open_provider(AwsKms(key=ARN, endpoint="http://127.0.0.1:9", timeout=0.2), tmp_path)
    assert _reason(lambda: provider.wrap(KEY, b"here")) == "EndpointConnectionError"


@pytest.mark.parametrize("key", ["alias/omonat", "arn:aws:kms:eu-central-1:123456789012:alias/omonat", "x"])
def test_aws_takes_the_arn_of_a_key_only(tmp_path: Path, key: str) -> None:
    with pytest.raises(Misconfigured, match="ARN"):
        open_provider(AwsKms(key=key), tmp_path)


def test_aws_is_never_asked_in_clear(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="https"):
        open_provider(AwsKms(key=ARN, endpoint="http://kms.example.uz"), tmp_path)


# --- PKCS#11 --------------------------------------------------------------------------------------------------------


def test_a_wrong_pin_is_tried_once_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ready("pkcs11", tmp_path, monkeypatch) as made:
        wrapped = made.provider.wrap(KEY, b"here")
        made.provider._forget()  # type: ignore[attr-defined] # the session ends; the other provider has none yet
        settings = Pkcs11(library=str(SOFTHSM), token="omonat", key="kek")
        monkeypatch.setenv("OMONAT_PKCS11_PIN", "9999")
        refused = open_provider(settings, tmp_path)
        with pytest.raises(Misconfigured, match="PIN"):
            refused.unwrap(wrapped, b"here")
        monkeypatch.setenv("OMONAT_PKCS11_PIN", "1234")
        with pytest.raises(Misconfigured, match="PIN"):
            refused.unwrap(wrapped, b"here")
        assert open_provider(settings, tmp_path).unwrap(wrapped, b"here") == KEY


def test_pkcs11_without_a_pin_or_with_an_unknown_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ready("pkcs11", tmp_path, monkeypatch):
        unknown = open_provider(Pkcs11(library=str(SOFTHSM), token="unknown", key="kek"), tmp_path)
        assert _reason(lambda: unknown.wrap(KEY, b"here")) == "NoSuchToken"
        keyless = open_provider(Pkcs11(library=str(SOFTHSM), token="omonat", key="unknown"), tmp_path)
        assert _reason(lambda: keyless.wrap(KEY, b"here")) == "NoSuchKey"
        monkeypatch.delenv("OMONAT_PKCS11_PIN")
        with pytest.raises(Misconfigured, match="PIN"):
            open_provider(Pkcs11(library=str(SOFTHSM), token="omonat", key="kek"), tmp_path).wrap(KEY, b"here")


# --- extras and settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "module", "extra"),
    [(AwsKms(key=ARN), "boto3", "aws"), (Pkcs11(library="x", token="x", key="x"), "pkcs11", "pkcs11")],
)
def test_a_missing_extra_says_what_to_install(
    settings: ProviderSettings, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == module:
            raise ImportError(name)
        return really(name, *rest)

    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Misconfigured) as refused:
        open_provider(settings, tmp_path)
    assert f"omonat[{extra}]" in refused.value.text()
    assert f"pip install 'omonat[{extra}]'" in refused.value.advice()


def test_the_settings_name_one_provider_with_its_own_fields(tmp_path: Path) -> None:
    _write(tmp_path, 'kind = "openbao"\nurl = "https://bao.example.uz"\nkey = "omonat"')
    found = read_settings(tmp_path)
    assert found.key_provider == OpenBao(url="https://bao.example.uz", key="omonat")
    assert found.key_file is None
    for lines in ('kind = "openbao"\nkey = "omonat"', 'kind = "file"\nurl = "x"', 'kind = "paper"'):
        _write(tmp_path, lines)
        with pytest.raises(Misconfigured, match=r"omonat\.toml"):
            read_settings(tmp_path)
    (tmp_path / "omonat.toml").write_text('keys = "/srv/keys"\n')
    assert read_settings(tmp_path).key_file == Path("/srv/keys/kek")


def _write(folder: Path, lines: str) -> None:
    (folder / "omonat.toml").write_text(f'keys = "/srv/keys"\n[key_provider]\n{lines}\n')


def _reason(act: Any) -> str:
    try:
        act()
    except KeysUnavailable as error:
        return str(error.details["reason"])
    except OmonatError as error:
        raise AssertionError(f"another error: {error}") from error
    raise AssertionError("it was done")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "certificate.pem", folder / "private.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
