"""Whatever a stranger sends ends quickly, in little memory, with a sentence or with its rows."""

from __future__ import annotations

import contextlib
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aor.workbooks import tables
from tests.hostile import corpus, parts

# A reader is stopped at five seconds of processor time, if need be by force in the sixth; the rest is ours.
SECONDS, KILOBYTES = 7, 300 * 1024


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, file in corpus.CORPUS.items():
        (folder / f"{name}{Path(file.name).suffix}").write_bytes(file.make())
    command = [sys.executable, "-W", "error", "-m", "tests.hostile.run", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["name"]: one for one in found}


def test_the_corpus_is_large() -> None:
    assert len(corpus.CORPUS) >= 60


@pytest.mark.parametrize("reader", ["table", "returned"])
@pytest.mark.parametrize("name", corpus.CORPUS)
def test_a_hostile_file_ends_quickly_in_little_memory_with_a_sentence(
    findings: dict[str, Any], name: str, reader: str
) -> None:
    found, expected = findings[name][reader], getattr(corpus.CORPUS[name], reader)
    if isinstance(expected, int):
        assert found["said"] == expected
    else:
        assert re.search(expected, str(found["said"])), found["said"]
    assert found["seconds"] < SECONDS
    assert found["kilobytes"] < KILOBYTES


def test_a_mutated_workbook_is_read_or_refused(tmp_path: Path) -> None:
    honest = parts.package()
    chance = random.Random(7)
    for _ in range(12):
        content = bytearray(honest)
        for _ in range(chance.randint(1, 9)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path = tmp_path / "mutated.xlsx"
        path.write_bytes(content)
        with contextlib.suppress(tables.TableRefused):
            list(tables.read_table(path).rows)


def test_characters_that_xml_cannot_hold_do_not_leak(tmp_path: Path) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("a_xD800_b", "c_x000A_d"))
    path = tmp_path / "returned.xlsx"
    path.write_bytes(
        parts.package(f'<row><c t="str"><v>one</v></c><c t="str"><v>two</v></c></row><row>{cells}</row>')
    )
    assert list(tables.read_table(path).rows) == [(2, {"one": "a?b", "two": "c\nd"})]


def test_a_false_dimension_hides_no_cell(tmp_path: Path) -> None:
    rows = "".join(f'<row><c t="str"><v>a{n}</v></c><c t="str"><v>b{n}</v></c></row>' for n in range(3))
    path = tmp_path / "returned.xlsx"
    path.write_bytes(parts.package(rows, dimension='<dimension ref="A1:A2"/>'))
    assert list(tables.read_table(path).rows) == [(2, {"a0": "a1", "b0": "b1"}), (3, {"a0": "a2", "b0": "b2"})]
