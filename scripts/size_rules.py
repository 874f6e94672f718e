"""The size rules of CONTRIBUTING.md, counted over src/: small functions, short files, few parameters."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
MEDIAN, NINTH_DECILE, HARD, FILE_LINES, POSITIONAL = 8, 35, 80, 500, 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a file, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = function.body[0]
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def positional(function: Function) -> int:
    """Parameters that can be given by position, without `self` and `cls`. Click gives a command all its own by name."""
    if any("command(" in ast.unparse(decorator) for decorator in function.decorator_list):
        return 0
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in {"self", "cls"}])


def complaints(path: Path) -> Iterator[str]:
    """What breaks a hard rule in one file."""
    where = path.relative_to(ROOT)
    written = "generated" not in where.parts  # by hand
    if written and (lines := len(path.read_text("utf-8").splitlines())) > FILE_LINES:
        yield f"{where}: {lines} lines, at most {FILE_LINES}: split it"
    for function in (
        functions(path) if written and "migrations" not in where.parts else ()
    ):  # a step lists what it makes
        at = f"{where}:{function.lineno}: {function.name}"
        if length(function) > HARD:
            yield f"{at}: {length(function)} lines, at most {HARD}: split it"
        if positional(function) > POSITIONAL:
            yield f"{at}: {positional(function)} positional parameters, at most {POSITIONAL}: name them or use a struct"


def main() -> int:
    """Print the figures and what is wrong. 0: nothing."""
    paths = sorted((ROOT / "src").rglob("*.py"))
    others = [path for folder in ("tests", "scripts", "bench") for path in (ROOT / folder).rglob("*.py")]
    wrong = [complaint for path in [*paths, *sorted(others)] for complaint in complaints(path)]
    lengths = [
        length(function)
        for path in paths
        if not {"migrations", "generated"} & set(path.parts)
        for function in functions(path)
    ]
    middle, ninth = median(lengths), quantiles(lengths, n=10)[-1]
    if middle > MEDIAN or ninth > NINTH_DECILE:
        wrong.append(f"functions: median {middle:g} (at most {MEDIAN}), 90 % {ninth:.0f} (at most {NINTH_DECILE})")
    print(f"{len(paths)} files, {len(lengths)} functions: median {middle:g}, 90 % {ninth:.0f}, longest {max(lengths)}")
    for complaint in wrong:
        print(complaint)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
