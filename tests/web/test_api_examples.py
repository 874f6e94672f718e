"""The examples of the API's description: whole, right, and shown on its page as commands that can be copied."""

import re
import shlex
from html import unescape
from typing import Any

import msgspec
import pytest

from harness.server import Server
from omonat.kernel.codec import to_json
from omonat.web.api import API
from omonat.web.api.description import description
from omonat.web.api.operations import OPERATIONS, Operation


def example(operation: Operation, *, sent: bool) -> Any:
    one = description()["paths"][operation.path][operation.method.lower()]
    held = one["requestBody"] if sent else one["responses"][str(operation.status)]
    return held["content"]["application/json"]["example"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_an_example_is_what_the_operation_takes_and_answers(operation: Operation) -> None:
    assert API.path == "/api/v1"
    for shape, sent in ((operation.sent, True), (operation.answer, False)):
        if shape is not None:
            made = example(operation, sent=sent)
            assert made
            msgspec.json.decode(to_json(made), type=shape)


def test_the_page_shows_each_operation_as_a_command(shared_server: Server) -> None:
    with shared_server.client() as client:
        text = client.get("/api/v1/docs").text
    commands = [unescape(found) for found in re.findall(r"<code>(curl -X [^<]+)</code>", text)]
    assert len(commands) == len(OPERATIONS)
    for command in commands:
        words = shlex.split(command.replace("\\\n", " "))
        if "-d" in words:
            msgspec.json.decode(words[words.index("-d") + 1])
    answers = re.findall(r"<code>([{\[][^<]+)</code></pre>", text)
    assert len(answers) == sum(one.answer is not None for one in OPERATIONS)
