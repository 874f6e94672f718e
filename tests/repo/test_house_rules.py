"""Rules of CONTRIBUTING.md that no linter knows."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness.places import REPOSITORY

SOURCE = REPOSITORY / "src" / "omonat"
SOURCES = sorted(SOURCE.rglob("*.py"))
# Which of our files may import a dependency: what makes it replaceable (docs/dependencies.md).
HOMES = {
    "alembic": r"storage/",
    "boto3": r"crypto/providers/aws\.py",
    "botocore": r"crypto/providers/aws\.py",
    "brotli": r"web/embed/serving\.py",
    "click": r"cli/",
    "cryptography": r"crypto/",
    "django": r"client/sites/django\.py",
    "flask": r"client/sites/flask\.py",
    "dbos": r"jobs/durable\.py",
    "email_validator": r"vault/kinds\.py",
    "httpx": r"notify/gateway\.py|crypto/providers/openbao\.py|ledger/remote\.py|webhooks/sending\.py|client/|oidc\.py",
    "jinja2": r"web/",
    "joserfc": r"oidc\.py",
    "litestar": r"web/",
    "multipart": r"web/uploads\.py",
    "phonenumbers": r"vault/kinds\.py",
    "pkcs11": r"crypto/providers/pkcs11\.py",
    "pygal": r"documents/charts\.py",
    "rich": r"cli/",
    "segno": r"documents/qr\.py",
    "typst": r"documents/",
    "uvicorn": r"web/",
    "webauthn": r"crypto/passkeys\.py",
}
SQL_FILES = re.compile(r"storage/|.*(^|[/_])store\.py$")
SQL_NAMES = {"select", "insert", "update", "delete", "text"}


def place(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def imports(path: Path) -> tuple[tuple[str, str], ...]:
    """(module, name) of every import in a file."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize(("package", "home"), sorted(HOMES.items()))
def test_a_dependency_is_imported_in_one_place_only(package: str, home: str) -> None:
    users = {place(path) for path in SOURCES for module, _ in imports(path) if module.split(".")[0] == package}
    assert [user for user in users if not re.match(home, user)] == []


def test_sql_stands_in_stores_only() -> None:
    found = {
        place(path) for path in SOURCES for module, name in imports(path)
        if module.split(".")[0] == "sqlalchemy" and name in SQL_NAMES
    }  # fmt: skip
    assert [user for user in sorted(found) if not SQL_FILES.match(user)] == []


def test_a_store_is_used_by_its_own_area_only() -> None:
    strangers = []
    for path in SOURCES:
        area = place(path).split("/")[0]
        if area == "demo":
            continue  # lets a month pass in a minute, which nobody else may
        for module, name in imports(path):
            parts = [*module.split("."), name]
            if parts[0] == "omonat" and any(re.fullmatch(r"(\w+_)?store", part) for part in parts[2:]):
                strangers += [f"{place(path)} imports {module}.{name}"] if parts[1] != area else []
    assert not strangers


def test_json_is_made_by_the_codec_only() -> None:
    direct = [place(path) for path in SOURCES if re.search(r"msgspec\.json\.(encode|decode)", path.read_text("utf-8"))]
    assert [user for user in direct if user != "kernel/codec.py"] == []


def test_catching_everything_says_why() -> None:
    silent = [
        f"{place(path)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(r"except Exception\b", line) and "#" not in line
    ]
    assert not silent


def test_nothing_is_left_for_later() -> None:
    left = re.compile(
        r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError\(\)|pytest\.mark\.(skip|xfail)|pytest\.skip"
    )
    files = [path for folder in ("src", "tests", "scripts", "bench") for path in (REPOSITORY / folder).rglob("*.py")]
    assert [str(path) for path in files if path != Path(__file__) and left.search(path.read_text("utf-8"))] == []


def test_a_lint_that_is_switched_off_says_which() -> None:
    vague = re.compile(r"#\s*(noqa|type:\s*ignore)(?!\s*[:\[])")
    assert [place(path) for path in SOURCES if vague.search(path.read_text("utf-8"))] == []


def test_pure_files_import_no_clock_database_network_or_key() -> None:
    impure = re.compile(
        r"omonat\.(storage|notify|ledger(?!\.words)|crypto(?!\.fields)|keystore(?!\.Compartment))\b"
        r"|sqlalchemy|httpx|time\.|random|os\."
    )
    wrong = [
        f"{place(path)} imports {module}.{name}"
        for path in SOURCES if path.name in ("rules.py", "model.py")
        for module, name in imports(path) if impure.match(f"{module}.{name}")
    ]  # fmt: skip
    assert not wrong


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (REPOSITORY / "requirements" / name).read_text("utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.split("\n#\n", 2)[-1].strip())
    assert len(entries) > 30
    assert [entry.splitlines()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--index-url|--find-links|--trusted-host|\.org|\.com", text)


def test_every_locked_package_of_node_has_its_hash_and_no_address() -> None:
    """What drives Firefox in tests: exact versions, nothing that runs when it is installed, no host named."""
    folder = REPOSITORY / "requirements" / "firefox"
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    assert lock.pop("")["dependencies"] == wanted
    assert wanted.keys() == {"puppeteer-core"} and all(version[0].isdigit() for version in wanted.values())
    assert len(lock) > 20
    wrong = [name for name, one in lock.items() if not one.get("integrity", "").startswith("sha512-")
             or "resolved" in one or one.get("hasInstallScript")]  # fmt: skip
    assert wrong == []


def test_both_lock_files_name_the_same_versions() -> None:
    run, test = (
        set(re.findall(r"^([a-z0-9._-]+==\S+)", (REPOSITORY / "requirements" / name).read_text("utf-8"), re.MULTILINE))
        for name in ("run.txt", "test.txt")
    )
    assert run <= test


def test_what_is_kept_in_git_is_small_and_holds_no_build() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    paths = [REPOSITORY / name for name in listed.stdout.splitlines()]
    assert [str(path) for path in paths if path.is_file() and path.stat().st_size > 500_000] == []
    assert [str(path) for path in paths if re.search(r"\.(pyc|db|db-wal|whl)$|/var/|/build/", str(path))] == []
