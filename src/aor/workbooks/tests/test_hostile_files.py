"""Whatever a stranger sends ends quickly, in little memory, with a sentence."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aor.workbooks import tables
from aor.workbooks.tests import hostile

READ = r"""
import re, resource, sys
from pathlib import Path
from aor.workbooks import tables
try:
    for row in tables.read_table(Path(sys.argv[1])).rows: pass
except tables.TableRefused as refused:
    print(refused)
# ru_maxrss would count the process that started this one
own = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


@pytest.mark.parametrize("name", hostile.CORPUS)
def test_a_hostile_workbook_is_refused_quickly_in_little_memory(tmp_path: Path, name: str) -> None:
    make, because = hostile.CORPUS[name]
    path = tmp_path / "returned.xlsx"
    path.write_bytes(make())
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=True)
    *said, kilobytes = done.stdout.splitlines()
    took = time.monotonic() - began
    assert len(said) == 1
    assert re.search(because, said[0]), said
    assert int(kilobytes) < 300 * 1024
    assert took < 15  # 5 on an idle core
    assert done.stderr == ""


def test_a_mutated_workbook_is_read_or_refused(tmp_path: Path) -> None:
    honest = hostile.package()
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
        hostile.package(f'<row><c t="str"><v>one</v></c><c t="str"><v>two</v></c></row><row>{cells}</row>')
    )
    assert list(tables.read_table(path).rows) == [(2, {"one": "a?b", "two": "c\nd"})]


def test_a_false_dimension_hides_no_cell(tmp_path: Path) -> None:
    rows = "".join(f'<row><c t="str"><v>a{n}</v></c><c t="str"><v>b{n}</v></c></row>' for n in range(3))
    path = tmp_path / "returned.xlsx"
    path.write_bytes(hostile.package(rows, dimension='<dimension ref="A1:A2"/>'))
    assert list(tables.read_table(path).rows) == [(2, {"a0": "a1", "b0": "b1"}), (3, {"a0": "a2", "b0": "b2"})]
