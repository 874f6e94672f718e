"""Every key provider, ready to use, with a way to take it away and to bring it back."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import boto3  # type: ignore[import-untyped]
import pkcs11
import pkcs11.exceptions
import pytest
from botocore.exceptions import EndpointConnectionError  # type: ignore[import-untyped]
from moto import mock_aws

from harness.openbao import TOKEN, FakeOpenBao
from omonat.crypto import KeyProvider, create_key_file, open_provider
from omonat.kernel.settings import AwsKms, FileKey, OpenBao, Pkcs11

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
REMOTE = ("openbao", "aws-kms", "pkcs11")


class Ready(NamedTuple):
    """`other`: the same kind of provider with another key."""

    provider: KeyProvider
    other: KeyProvider
    take_away: Callable[[], None]
    bring_back: Callable[[], None]


@contextmanager
def ready(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    """A provider of one kind."""
    with {"file": _file, "openbao": _openbao, "aws-kms": _aws, "pkcs11": _pkcs11}[kind](folder, monkeypatch) as made:
        yield made


@contextmanager
def _file(folder: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    create_key_file(folder / "kek")
    create_key_file(folder / "other")
    one, other = (open_provider(FileKey(), folder / name) for name in ("kek", "other"))
    yield Ready(one, other, lambda: None, lambda: None)


@contextmanager
def _openbao(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    monkeypatch.setenv("OMONAT_OPENBAO_TOKEN", TOKEN)
    bao = FakeOpenBao()
    bao.keys["other"] = [os.urandom(32)]
    one, other = (open_provider(OpenBao(url=bao.url, key=key), folder) for key in ("omonat", "other"))
    try:
        yield Ready(one, other, lambda: setattr(bao, "down", True), lambda: setattr(bao, "down", False))
    finally:
        bao.stop()


@contextmanager
def _aws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        kms = boto3.client("kms", region_name="eu-central-1")
        arns = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
        one, other = (open_provider(AwsKms(key=arn), folder) for arn in arns)
        events = one._opened().meta.events  # type: ignore[attr-defined] # the network of its client is cut

        def refuse(**_facts: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://kms.eu-central-1.amazonaws.com/")

        yield Ready(
            one, other,
            lambda: events.register_first("before-send.kms", refuse, unique_id="cut"),
            lambda: events.unregister("before-send.kms", unique_id="cut"),
        )  # fmt: skip


@contextmanager
def _pkcs11(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    tokens = folder / "tokens"
    tokens.mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    monkeypatch.setenv("OMONAT_PKCS11_PIN", "1234")
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "omonat", "--pin", "1234", "--so-pin", "5678"],
        check=True, capture_output=True,
    )  # fmt: skip
    library = pkcs11.lib(str(SOFTHSM))
    library.reinitialize()  # another test's token was here
    with library.get_token(token_label="omonat").open(user_pin="1234", rw=True) as session:
        for label in ("kek", "other"):
            session.generate_key(pkcs11.KeyType.AES, 256, label=label, store=True)
    one, other = (
        open_provider(Pkcs11(library=str(SOFTHSM), token="omonat", key=key), folder) for key in ("kek", "other")
    )

    def take_away() -> None:
        tokens.rename(folder / "away")
        with suppress(pkcs11.exceptions.PKCS11Error):
            library.reinitialize()

    def bring_back() -> None:
        (folder / "away").rename(tokens)

    yield Ready(one, other, take_away, bring_back)
