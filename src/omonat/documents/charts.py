"""Charts as SVG images (clause 8.1 and the registers): counts only, our palette in light and dark, no script.

pygal draws; what it adds for browsers that run scripts (scripts, tooltips, styles, comments) is taken out, so that the
image may be served under a policy that allows nothing but its own style. Under each chart stands a table of the same
numbers: the picture is comfort. Equal input gives equal bytes.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Shape = Literal["bars", "stacked", "line"]
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""For the image alone; its one style element holds the palette."""

WIDTH, HEIGHT, _LEGEND = 560, 280, 22
_LONGEST_LABEL = 56
_PAPER = ("#ffffff", "#11191e")
_INK = ("#17212b", "#e9eef0")
_SOFT = ("#d5dcdb", "#2c3b44")
_COLOURS = (
    ("#0b5d6b", "#7fd0d9"), ("#b36b00", "#f2c06b"), ("#6b3fa0", "#c9a6ee"), ("#2f7d3b", "#8fd39b"),
    ("#a3231a", "#ff9d94"), ("#3b5bb5", "#9db8ff"), ("#5b6770", "#b1bec5"), ("#8a4a6b", "#eaa6c8"),
)  # fmt: skip
_KEPT_ATTRIBUTES = frozenset(
    {"class", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "d", "transform",
     "viewBox", "role", "text-anchor"}
)  # fmt: skip
_KEPT_ELEMENTS = frozenset({"svg", "g", "rect", "circle", "path", "line", "text", "title"})
_SHAPES = {"bars": "Bar", "stacked": "StackedBar", "line": "Line"}


class Series(NamedTuple):
    """One row of numbers with its name, as the legend writes it; one number for each label."""

    name: str
    values: Sequence[int]


def chart(shape: Shape, labels: Sequence[str], series: Sequence[Series], *, title: str) -> bytes:
    """The image; bare axes where there is no number at all. `title` is read aloud."""
    drawn = getattr(_pygal(), _SHAPES[shape])(
        js=[], style=_style(), width=WIDTH, height=HEIGHT + _LEGEND * len(series), margin=8, spacing=8,
        legend_at_bottom=True, legend_at_bottom_columns=1, truncate_legend=-1, show_legend=len(series) > 1,
        x_label_rotation=35 if len(labels) > 7 else 0, show_dots=len(labels) < 40,
        formatter=_whole, max_scale=6, print_values=False, legend_box_size=14, include_x_axis=True,
        min_scale=2,
    )  # fmt: skip
    drawn.uuid = "chart"
    if any(any(one.values) for one in series):
        drawn.x_labels, drawn.y_labels = list(labels), _steps(shape, series)
        for one in series:
            drawn.add(_short(one.name), list(one.values))
    root = drawn.render_tree()
    _clean(root)
    _add(root, title)
    from xml.etree.ElementTree import tostring  # our own tree on its way out: nothing is parsed

    return bytes(tostring(root, encoding="utf-8"))


def _pygal() -> Any:
    """Imported here, because it takes a tenth of a second that most calls do not need.

    It leaves a hook for its plugins of old Pythons behind, which makes every later import warn: that goes.
    """
    import pygal  # type: ignore[import-untyped]

    sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != "PluginImportFixer"]
    return pygal


def _style() -> Any:
    from pygal.style import Style  # type: ignore[import-untyped]  # as above

    return Style(
        font_family="sans-serif", label_font_size=13, major_label_font_size=13, legend_font_size=14,
        no_data_font_size=18, colors=[light for light, _dark in _COLOURS],
    )  # fmt: skip


def _whole(number: float | None) -> str:
    return "" if number is None else f"{round(number):,}".replace(",", "\u00a0")


def _steps(shape: Shape, series: Sequence[Series]) -> list[int]:
    """Whole numbers from nought to the top: half a case does not exist."""
    columns = list(zip(*(one.values for one in series), strict=True))
    top = max((sum(column) if shape == "stacked" else max(column) for column in columns), default=0)
    step = next(factor * 10**power for power in range(12) for factor in (1, 2, 5) if factor * 10**power * 5 >= top)
    return list(range(0, max(top, 1) + step, step))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"


def _clean(element: "Element") -> None:
    """Keep what draws, and nothing that could run, point elsewhere or style by itself."""
    for child in list(element):
        if not _is_kept(child):
            element.remove(child)
        else:
            _clean(child)
    for name in list(element.attrib):
        if name not in _KEPT_ATTRIBUTES:
            del element.attrib[name]


def _is_kept(child: "Element") -> bool:
    name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""  # comments have no name
    return name in _KEPT_ELEMENTS and "tooltip-overlay" not in child.get("class", "") and child.text != "Pygal"


def _add(root: "Element", title: str) -> None:
    from xml.etree.ElementTree import Element

    root.set("xmlns", "http://www.w3.org/2000/svg")
    root.set("role", "img")
    root.set("class", "chart")
    named, style = Element("title"), Element("style")
    named.text, style.text = title, _css()
    root.insert(0, style)
    root.insert(0, named)


def _css() -> str:
    light, dark = (_palette(which) for which in (0, 1))
    return (
        "text{font-family:system-ui,'Noto Sans',sans-serif;font-size:13px;stroke:none}"
        ".legends text{font-size:14px}.centered,.axis.x text{text-anchor:middle}"
        ".axis.y text{text-anchor:end}.axis.x text[transform]{text-anchor:start;font-size:11px}"
        ".guide.line,.axis .line{fill:none}.vertical .axis.x .guide.line{opacity:0}.nofill{fill:none}"
        ".line{stroke-width:2px}.axis .line{stroke-width:1px}.bar .rect{stroke-width:1px}.text-overlay{display:none}"
        f"{light}@media (prefers-color-scheme: dark){{{dark}}}"
        "@media print{.background{fill:none}}"
    )


def _palette(which: int) -> str:
    series = "".join(
        f".color-{number}{{fill:{pair[which]};stroke:{pair[which]}}}"
        f".color-{number} .bar .rect{{stroke:{_PAPER[which]}}}"
        f".color-{number} .line.nofill{{fill:none}}"
        for number, pair in enumerate(_COLOURS)
    )
    return (
        f".background{{fill:{_PAPER[which]}}}text{{fill:{_INK[which]}}}.axis .line,.axis .guide.line"
        f"{{stroke:{_SOFT[which]}}}{series}.series text,.axis text,.legends text{{fill:{_INK[which]}}}"
    )
