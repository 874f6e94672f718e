"""A key provider that goes away under a running server (OpenBao, a faithful fake): nothing is lost by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.installation import Installation, run_omonat
from harness.openbao import TOKEN, FakeOpenBao
from harness.people import Visitor, case_of, invent
from harness.places import POLICY
from harness.server import Server
from harness.wholeness import active_ids, key_owners

ENV = {"OMONAT_OPENBAO_TOKEN": TOKEN}


@pytest.fixture
def bao() -> Iterator[FakeOpenBao]:
    made = FakeOpenBao()
    yield made
    made.stop()


@pytest.fixture
def guarded(tmp_path: Path, bao: FakeOpenBao) -> Iterator[Server]:
    """A server whose key-encryption key lies in `bao`."""
    made = Installation(tmp_path / "data", tmp_path / "keys", tmp_path / "home")
    made.home.mkdir()
    lines = tmp_path / "provider.toml"
    lines.write_text(f'kind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n')
    words = ["init", "--data", made.data, "--keys", made.keys, "--policy", POLICY, "--key-provider", lines]
    assert run_omonat(words, home=made.home, env=ENV).returncode == 0
    running = Server(made, env=ENV)
    yield running
    running.kill9()


def test_forms_are_refused_whole_and_letters_wait(guarded: Server, bao: FakeOpenBao) -> None:
    visitor, person = Visitor(guarded), invent()
    form = visitor.form_to(visitor.get("/callback"), "/callback")
    fields = {**form.fields, "name": person.name, "phone": person.phone}
    bao.down = True
    refused = visitor.post("/callback", fields)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert not active_ids(guarded.installation)
    assert not key_owners(guarded.installation)
    bao.down = False
    assert case_of(visitor.post("/callback", fields))  # the person presses the button again: no restart was needed
    before = len(guarded.codes())
    bao.down = True
    visitor.send("/my/sign-in", identifier=person.phone)
    assert len(guarded.codes()) == before
    bao.down = False
    assert visitor.send("/my/code", code=guarded.wait_for_code(before)).url.path.endswith("/my")
    assert active_ids(guarded.installation) == key_owners(guarded.installation)


def test_a_server_that_is_started_meanwhile_ends_with_the_temporary_code(guarded: Server, bao: FakeOpenBao) -> None:
    guarded.stop()
    bao.sealed = True
    ended = guarded.installation.run("serve", "--dev", "--port", str(guarded.port), fails=True, env=ENV)
    assert ended.returncode == 4
    assert "cannot be reached" in ended.stderr
    assert "provider=openbao reason=status 503" in ended.stderr
    bao.sealed = False
    guarded.start()
