"""A key provider that is down: pages say so and when to come back, nothing is lost, no restart is needed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from web.portal_world import CONTACT, ORDER, World

from harness.openbao import TOKEN, FakeOpenBao
from omonat.kernel.errors import OmonatError
from omonat.kernel.language import translate

LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")
SAID = "The keys to the data cannot be reached at this moment."


@pytest.fixture
def bao(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenBao]:
    monkeypatch.setenv("OMONAT_OPENBAO_TOKEN", TOKEN)
    made = FakeOpenBao()
    yield made
    made.stop()


@pytest.fixture
def world(tmp_path: Path, bao: FakeOpenBao) -> Iterator[World]:
    made = World(tmp_path, f'kind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"')
    yield made
    made.close()


def test_no_key_lies_in_a_file(world: World) -> None:
    settings = world.omonat.settings
    assert settings.key_file is None
    assert not list(settings.keys.glob("kek*"))


def test_a_page_with_personal_data_says_when_to_come_back_and_then_shows_it(world: World, bao: FakeOpenBao) -> None:
    world.submit("order", ORDER)
    me = world.browser()
    me.sign_in(ORDER["phone"])
    bao.down = True
    for language in LANGUAGES:
        me.language = language
        answer = me.get()
        assert answer.status_code == 503
        assert answer.headers["retry-after"].isdigit()
        assert answer.headers["cache-control"] == "no-store"
        assert translate(language, "errors", SAID) in answer.text
        assert "openbao" not in answer.text.lower()
        assert bao.url not in answer.text
    bao.down, me.language = False, "en"
    shown = me.get()
    assert shown.status_code == 200
    assert ORDER["name"] in shown.text


def test_a_program_gets_the_stable_code(world: World, bao: FakeOpenBao) -> None:
    world.submit("order", ORDER)
    me = world.browser()
    me.sign_in(ORDER["phone"])
    bao.sealed = True
    headers = {"accept": "application/problem+json", "cookie": "; ".join(f"{k}={v}" for k, v in me.cookies.items())}
    answer = world.client.get("/en/my", headers=headers)
    assert answer.status_code == 503
    assert json.loads(answer.content)["code"] == "keys_unavailable"


def test_what_is_sent_meanwhile_is_stored_whole_or_not_at_all(world: World, bao: FakeOpenBao) -> None:
    world.submit("order", ORDER)
    bao.down = True
    with pytest.raises(OmonatError) as refused:
        world.submit("contact", CONTACT)
    assert refused.value.code == "keys_unavailable"
    assert not world.omonat.rights.find_person("email", CONTACT["email"])
    bao.down = False
    world.submit("contact", CONTACT)
    ((subject_id, *_),) = world.omonat.rights.find_person("email", CONTACT["email"])
    assert world.omonat.keystore.open_subject(subject_id)


def test_what_needs_no_new_key_goes_on(world: World, bao: FakeOpenBao) -> None:
    world.submit("order", ORDER)
    bao.down = True
    for page in ("/en", "/en/policy", "/en/callback"):
        assert world.client.get(page, follow_redirects=True).status_code == 200
