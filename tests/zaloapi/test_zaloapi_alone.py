"""The stand-in knows the Bot Platform and nothing of any bot."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent
MODULES = [path for path in PACKAGE.glob("*.py") if not path.stem.startswith(("test_", "conftest"))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_stands_on_aiohttp_and_the_stand_ins_only(path: Path):
    known = {"aiohttp", "botapi", *sys.stdlib_module_names}

    tree = ast.parse(path.read_text(encoding="utf-8"))

    nodes = list(ast.walk(tree))
    names = [alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names]
    names += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom) and not n.level]
    assert {name.partition(".")[0] for name in names} <= known
