"""Charts hold numbers and names that we give them, and nothing that runs or points elsewhere."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from omonat.documents import CONTENT_SECURITY_POLICY, Series, chart

LABELS = ["2026-09", "2026-10", "2026-11"]
ODD = '<script>alert(1)</script>" onload="x" href="//evil.example"'


@pytest.mark.parametrize("shape", ["bars", "stacked", "line"])
def test_a_chart_has_no_script_no_event_and_no_other_host(shape) -> None:  # type: ignore[no-untyped-def]
    svg = chart(shape, LABELS, [Series(ODD, [1, 2, 3]), Series("b", [0, 4, 1])], title=ODD).decode()
    assert "<script" not in svg and "javascript:" not in svg and "@import" not in svg and "url(" not in svg
    root = ElementTree.fromstring(svg)
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name or name == "style"]
    assert re.findall(r"https?://[^\"'<&;)\s]+", svg) == ["http://www.w3.org/2000/svg"]
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "g", "rect", "circle", "path", "line", "text", "title", "style",
    }  # fmt: skip
    assert ODD in "".join(root.itertext())  # as text, escaped


def test_it_has_a_title_and_both_palettes() -> None:
    svg = chart("stacked", LABELS, [Series("a", [1, 2, 3])], title="Consents").decode()
    assert "<title>Consents</title>" in svg and "prefers-color-scheme: dark" in svg
    assert "#0b5d6b" in svg and "#7fd0d9" in svg
    assert CONTENT_SECURITY_POLICY == "default-src 'none'; style-src 'unsafe-inline'"


def test_equal_numbers_are_equal_bytes() -> None:
    made = [chart("line", LABELS, [Series("a", [1, 2, 3])], title="t") for _ in range(2)]
    assert made[0] == made[1]


@settings(deadline=None, max_examples=25)  # three pictures each
@given(some.lists(some.lists(some.integers(0, 10**9), min_size=3, max_size=3), max_size=5))
def test_any_counts_are_drawn(values: list[list[int]]) -> None:
    series = [Series(f"s{number}", counts) for number, counts in enumerate(values)]
    for shape in ("bars", "stacked", "line"):
        assert ElementTree.fromstring(chart(shape, LABELS, series, title="t")).tag.endswith("svg")  # type: ignore[arg-type]


def test_steps_are_whole_numbers() -> None:
    svg = chart("bars", LABELS, [Series("a", [1, 2, 1])], title="t").decode()
    assert ">1<" in svg and ">0.5<" not in svg
