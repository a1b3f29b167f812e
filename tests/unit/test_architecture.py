"""The arrows of docs/design/overview.md, held by reading every import in the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "plugins" / "retention"
DAGS = sorted((ROOT / "dags").glob("*.py"))
SOURCES = [*sorted(LIBRARY.rglob("*.py")), *sorted((ROOT / "ropa").rglob("*.py"))]
PLUGINS = sorted((ROOT / "plugins").glob("*.py"))

HEAVY = {"great_expectations", "pandas", "numpy", "openpyxl"}

# What a room of ours may import of ours. Rooms not named here are free, save for Airflow.
MAY_IMPORT = {
    "retention/errors.py": set[str](),
    "retention/dates.py": set[str](),
    "retention/declare": {"retention.declare", "retention.errors", "retention.dates"},
    "retention/resolve.py": {"retention.declare", "retention.dates", "retention.errors"},
}

# Decisions know no wall clock: a run is a function of its as-of date, the declaration and the store.
DECISIONS = ("dates.py", "resolve.py", "declare", "night/verdicts.py", "night/scan.py")
CLOCK_CALLS = {"now", "utcnow", "today"}
CLOCK_SQL = re.compile(r"CURRENT_(?:TIMESTAMP|DATE|TIME)\b|\bNOW\(\)|\b(?:date|datetime|julianday)\(\s*'now'", re.IGNORECASE)


def room(path: Path) -> str:
    """`retention/night/scan.py` or `ropa/register/build.py`."""
    return path.relative_to(LIBRARY.parent if path.is_relative_to(LIBRARY) else ROOT).as_posix()


def sources_of(name: str) -> list[Path]:
    """The files of a room, which is a module or a package."""
    paths = [path for path in SOURCES if room(path) == name or room(path).startswith(f"{name}/")]
    assert paths, f"{name} has moved: bring this test and the design up to date"
    return paths


def imports(path: Path, *, at_module_level: bool = False) -> Iterator[tuple[str, int]]:
    """Every module a file imports, with the line. What only a type checker sees is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in module_level(tree) if at_module_level else walk_at_run_time(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the import in full"
            module = node.module or ""
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def walk_at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from walk_at_run_time(child)


def module_level(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when the file is imported: everything outside functions."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from module_level(child)


def belongs(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def offences(paths: list[Path], forbidden: set[str], *, at_module_level: bool = False) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in paths
        for module, line in imports(path, at_module_level=at_module_level)
        if any(belongs(module, package) for package in forbidden)
    ]


def test_only_airflows_corner_imports_airflow() -> None:
    elsewhere = [path for path in SOURCES if not room(path).startswith("retention/airflow/")]
    assert offences(elsewhere, {"airflow"}) == []


def test_the_library_does_not_lean_on_its_airflow_corner() -> None:
    elsewhere = [path for path in SOURCES if not room(path).startswith("retention/airflow/")]
    assert offences(elsewhere, {"retention.airflow"}) == []


@pytest.mark.parametrize(("name", "allowed"), MAY_IMPORT.items())
def test_a_room_imports_only_what_it_may(name: str, allowed: set[str]) -> None:
    found = [
        f"{room(path)}:{line} imports {module}"
        for path in sources_of(name)
        for module, line in imports(path)
        if belongs(module, "retention") or belongs(module, "ropa")
        if not any(belongs(module, package) for package in allowed)
    ]
    assert found == []


def test_the_library_imports_the_register_nowhere_but_where_it_is_commanded() -> None:
    inner = [path for path in SOURCES if not room(path).startswith(("retention/airflow/", "retention/cli/", "ropa/"))]
    assert offences(inner, {"ropa"}) == []


def test_only_validation_imports_great_expectations() -> None:
    asked_here = ("retention/night/validate.py", "ropa/register/checking/asking.py")
    elsewhere = [path for path in SOURCES if room(path) not in asked_here]
    assert offences([*elsewhere, *DAGS, *PLUGINS], {"great_expectations"}) == []


def test_an_edition_is_written_from_a_publication_and_nothing_else() -> None:
    sources = {
        "retention.declare.bundle",
        "retention.evidence",
        "retention.workspace",
        "ropa.register.making",
        "rdflib",
        "pyshacl",
    }
    assert offences(sources_of("ropa/register/editions"), sources) == []


def test_what_lies_ahead_is_only_read() -> None:
    """No statement of the room can write: it opens stores for reading, and there is no other way to one."""
    paths = sources_of("retention/outlook")
    assert offences(paths, {"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete", "retention.cli"}) == []
    calls = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    assert not [node for node in calls if isinstance(node, ast.Attribute) and node.attr in ("writing", "outside")]


def test_workbooks_of_what_lies_ahead_ask_no_store() -> None:
    names = ("charts", "forecast_book", "impact_book", "labels", "paper")
    paths = [path for name in names for path in sources_of(f"retention/outlook/{name}.py")]
    assert offences(paths, {"sqlalchemy", "retention.stores", "retention.night"}) == []


def test_reports_and_command_line_do_not_reach_past_the_library() -> None:
    paths = [path for path in SOURCES if room(path).startswith(("retention/report/", "ropa/register/"))]
    assert offences(paths, {"sqlalchemy", "sqlite3", "retention.stores", "retention.cli"}) == []


def test_only_the_detail_of_a_report_reads_stores() -> None:
    reports = [path for path in SOURCES if room(path).startswith("retention/report/")]
    others = [path for path in reports if room(path) != "retention/report/detail.py"]
    assert offences(others, {"retention.explain", "retention.night", "retention.status"}) == []
    assert offences(reports, {"retention.night"}) == []


def test_editions_are_written_from_a_publication_and_from_nothing_else() -> None:
    sources = {"retention.evidence", "retention.declare.bundle", "retention.workspace", "ropa.register.making"}
    assert offences(sources_of("ropa/register/editions"), sources) == []


def test_letters_are_made_from_the_evidence_alone() -> None:
    assert offences(sources_of("retention/notice"), {"retention.stores", "retention.night", "retention.cli"}) == []


def test_an_audit_pack_opens_no_store() -> None:
    assert offences(sources_of("retention/audit"), {"retention.stores.session", "retention.night", "retention.cli"}) == []


def test_dag_files_only_wire() -> None:
    for path in DAGS:
        ours = {module for module, _ in imports(path) if belongs(module, "retention") or belongs(module, "ropa")}
        assert all(belongs(module, "retention.airflow") for module in ours), f"{path.name} imports {sorted(ours)}"
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 30, f"{path.name}: a DAG file is read in a minute"


# The page is a room of its own, imported at its first request only, never when a DAG file is parsed.
PARSED = sorted((LIBRARY / "airflow").glob("*.py"))


def test_nothing_heavy_is_imported_while_dag_files_are_parsed() -> None:
    slow = HEAVY | {"sqlalchemy", "sqlglot", "ruamel", "retention.workspace", "retention.night", "retention.declare", "ropa"}
    assert offences([*DAGS, *PARSED, *PLUGINS], slow | {"retention.airflow.page"}, at_module_level=True) == []


# What runs in the scheduler and the API server, whose the database is; no task and no DAG imports it.
LISTENING = ("listener.py", "actions.py")


def test_no_task_reaches_airflows_own_database() -> None:
    tasks = [path for path in sorted((LIBRARY / "airflow").glob("*.py")) if path.name not in LISTENING]
    assert offences([*DAGS, *tasks], {f"retention.airflow.{name.removesuffix('.py')}" for name in LISTENING}) == []
    metadata = {"airflow.models", "airflow.settings", "airflow.utils.session", "airflow.utils.db", "sqlalchemy"}
    assert offences([*DAGS, *tasks], metadata) == []


def test_the_page_asks_the_library_and_never_a_database() -> None:
    paths = sources_of("retention/airflow/page")
    metadata = {"airflow.models", "airflow.settings", "airflow.utils.session", "airflow.utils.db"}
    theirs = {"retention.stores", "retention.night", "retention.cli", "sqlalchemy.select", "sqlalchemy.text", "sqlalchemy.orm"}
    assert offences(paths, metadata | theirs) == []


def test_decisions_know_no_wall_clock() -> None:
    decisions = [path for decision in DECISIONS for path in sources_of(f"retention/{decision}")]
    found = offences(decisions, {"retention.clock", "time"})
    for path in decisions:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS:
                found.append(f"{room(path)}:{node.lineno} calls {ast.unparse(node.func)}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CLOCK_SQL.search(node.value):
                found.append(f"{room(path)}:{node.lineno} lets the database tell the time")
    assert found == []


def test_the_wall_clock_is_read_in_one_place() -> None:
    found = [
        f"{room(path)}:{node.lineno}"
        for path in SOURCES
        if room(path) != "retention/clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS
        if ast.unparse(node.func.value).split(".")[-1] in ("dt", "datetime", "date", "time")
    ]
    assert found == []


def test_population_queries_tell_no_time() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "include" / "sql").glob("*/*.sql")
        if path.name != "schema.sql" and CLOCK_SQL.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_airflow_executes_the_plugin_and_nothing_else() -> None:
    """Airflow runs every file under plugins/ under its bare stem, unless .airflowignore names it."""
    ignored = [
        line.strip()
        for line in (ROOT / "plugins" / ".airflowignore").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    entries = [path for path in sorted((ROOT / "plugins").iterdir()) if path.suffix == ".py" or path.is_dir()]
    executed = [
        path.name
        for path in entries
        if path.name != "__pycache__"
        and not path.name.endswith(".egg-info")
        and (f"{path.name}/" if path.is_dir() else path.name) not in ignored
    ]
    assert executed == ["retention_plugin.py"]
