"""Reading TOML statement by statement gives what `tomllib` gives, and the line of every key."""

import tomllib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.places import POLICY
from omonat.policy.folder.source import Source

NAMES = st.text("abcdefgh_", min_size=1, max_size=6)
VALUES = st.one_of(
    st.integers(-9, 9).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text("ab #]}[{='", max_size=8).map(lambda text: f'"{text}"'),
    st.lists(st.sampled_from(["1", "22"]), max_size=3).map(lambda items: "[\n  " + ",\n  ".join(items) + "\n]"),
    st.just('"""\nx = 1\n[no.table]\n"""'),
    st.dictionaries(NAMES, st.just("1"), max_size=2).map(
        lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + " }"
    ),
)
TABLES = st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4)


def written(tables: dict[str, dict[str, str]]) -> str:
    return "".join(
        f"[{name}]  # a comment with [brackets]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())
        for name, table in tables.items()
    )


@settings(deadline=None)
@given(TABLES)
def test_it_reads_what_tomllib_reads(tables: dict[str, dict[str, str]]) -> None:
    text = written(tables)
    source = Source(Path("policy.toml"), text)
    assert source.findings == []
    assert source.tree == tomllib.loads(text)


@settings(deadline=None)
@given(TABLES)
def test_every_key_knows_its_line(tables: dict[str, dict[str, str]]) -> None:
    text = written(tables)
    lines, source = text.splitlines(), Source(Path("policy.toml"), text)
    for name, table in tables.items():
        assert lines[source.line((name,)) - 1].startswith(f"[{name}]")
        for key in table:
            assert lines[source.line((name, key)) - 1].startswith(f"{key} =")


@settings(deadline=None)
@given(st.text("ab=[]{}\"'#\n.1 ", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    source = Source(Path("policy.toml"), text)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert source.findings
    else:
        assert source.tree == expected or "[[" in text


def test_the_real_policy_reads_the_same() -> None:
    text = (POLICY / "policy.toml").read_text("utf-8")
    assert Source(POLICY, text).tree == tomllib.loads(text)
