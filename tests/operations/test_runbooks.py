"""The runbooks as they are written: their blocks run, their commands exist, their proxy speaks TLS to the portal."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connection

from tests.operations.test_settings import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or ""
SHIM = f"#!{sys.executable}\nfrom aor.site.cli import main\nmain()\n"
HOST = PRODUCTION["AOR_HOSTS"]


def blocks(runbook: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", (RUNBOOKS / runbook).read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Folders that stand for those of the machine, and the program `aor` on the path."""
    for folder in ("etc", "srv", "backups"):
        (tmp_path / folder).mkdir()
    assert shell("aor --version", tmp_path).returncode == 0
    return tmp_path


def placed(block: str, machine: Path) -> str:
    """A block with this test's folders, and a relay that answers nothing at once instead of none of that name."""
    for written, meant in (("/srv/aor-backups", "backups"), ("/srv/aor", "srv"), ("/etc/aor", "etc")):
        block = block.replace(written, str(machine / meant))
    return block.replace("relay.example.org", "127.0.0.1")


def shell(block: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """What a shell did with a block; `aor` is that of this environment, from `folder`/bin."""
    program = folder / "bin" / "aor"
    program.parent.mkdir(exist_ok=True)
    program.write_text(SHIM)
    program.chmod(0o755)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        env={"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore", **settings},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def run(machine: Path, block: str) -> None:
    done = shell(placed(block, machine), machine)
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr


def test_install_keys_upgrade_and_back_as_written(machine: Path) -> None:
    for runbook in ("install.md", "keys.md", "upgrade.md"):
        written = blocks(runbook, "sh")
        assert written, runbook
        for block in written:
            run(machine, block)
    assert len(list((machine / "backups").glob("*.tar"))) == 3
    assert list((machine / "srv").glob("replaced-*"))


def commands() -> Iterator[tuple[str, str]]:
    """Every command of a block, by its runbook; what follows on the same line is the shell's."""
    for path in sorted(RUNBOOKS.glob("*.md")):
        for line in re.findall(r"^(?:    |ExecStart=/usr/local/bin/)?(aor [a-z].*)$", path.read_text(), re.MULTILINE):
            yield path.name, line.split(" || ")[0].split(" > ")[0]


@pytest.mark.parametrize(("runbook", "line"), list(commands()))
def test_every_command_of_a_block_is_understood(runbook: str, line: str) -> None:
    _, name, *words = shlex.split(line.replace("$(date -u +%Y%m%dT%H%M%S)", "now"))
    load_command_class(get_commands()[name], name).create_parser("aor", name).parse_args(words)


def test_every_command_in_a_sentence_exists() -> None:
    for path in RUNBOOKS.glob("*.md"):
        for name in re.findall(r"`(?:\w+=\S+ )?aor ([a-z]+)", path.read_text()):
            assert name in get_commands(), f"{path.name}: aor {name}"


def test_every_link_leads_somewhere() -> None:
    for path in (*RUNBOOKS.glob("*.md"), *(ROOT / "docs" / "security").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.django_db(transaction=True)
def test_a_database_is_made_as_written() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("of PostgreSQL")
    (block,) = blocks("postgresql.md", "sql")
    block = re.sub(r"\baor\b", f"aor_{os.getpid()}", block)
    with connection.cursor() as cursor:
        for statement in filter(str.strip, block.split(";")):
            cursor.execute(statement)
        name = f"aor_{os.getpid()}"
        try:
            host = connection.settings_dict["HOST"]
            url = f"postgres://{name}:{quote('change me')}@/{name}?host={host}"
            program = (
                "from aor.site.cli import start; start(); from django.core.management import call_command as call; "
            )
            program += "call('migrate', verbosity=0)"
            done = subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "aor.site.settings"},
                capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        finally:
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"DROP ROLE {name}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(words: list[str], port: int, **settings: str) -> Iterator[None]:
    """A process that listens on a port within a minute, and is gone at the end."""
    process = subprocess.Popen(words, env={"PATH": os.environ["PATH"], **settings}, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(300):
            assert process.poll() is None, process.stderr and process.stderr.read()
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def proxy(machine: Path) -> Iterator[tuple[int, int, int]]:
    """nginx as written before a portal of production: the ports of HTTP, of TLS, and of the portal itself."""
    if not NGINX:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    plain, safe, portal = free_port(), free_port(), free_port()
    (machine / "etc" / "tls").mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2",
         "-keyout", machine / "etc/tls/privkey.pem", "-out", machine / "etc/tls/fullchain.pem"],
        capture_output=True, check=True,
    )  # fmt: skip
    (block,) = blocks("tls-behind-a-proxy.md", "nginx")
    block = placed(block, machine).replace("listen 80 ", f"listen 127.0.0.1:{plain} ")
    block = block.replace("listen 443 ", f"listen 127.0.0.1:{safe} ").replace("127.0.0.1:8000", f"127.0.0.1:{portal}")
    folders = "".join(
        f"{kind}_temp_path {machine}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"user root; daemon off; pid {machine}/pid; events {{}} error_log stderr;" if os.getuid() == 0 else ""
    head = head or f"daemon off; pid {machine}/pid; events {{}} error_log stderr;"
    (machine / "nginx.conf").write_text(f"{head} http {{ {folders}\n{block} }}")
    home = {**PRODUCTION, "AOR_HOME": str(machine / "srv")}
    serve = [str(machine / "bin" / "aor"), "serve", "--port", str(portal), "--workers", "1"]
    words = [NGINX, "-p", str(machine), "-e", "stderr", "-c", str(machine / "nginx.conf")]
    with running(serve, portal, **home), running(words, plain):
        yield plain, safe, portal


def asked(
    port: int, path: str, *, trust: Path | None = None, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an answer; by TLS under the portal's name where a certificate is trusted."""
    line: http.client.HTTPConnection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    if trust is not None:
        context = ssl.create_default_context(cafile=str(trust))
        line.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname=HOST
        )
    line.request("POST" if body else "GET", path, body=body or None, headers={"Host": HOST, **headers})
    answer = line.getresponse()
    told = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    line.close()
    return told


def test_the_proxy_speaks_tls_and_hands_on_who_asked(proxy: tuple[int, int, int], machine: Path) -> None:
    plain, safe, portal = proxy
    trust = machine / "etc" / "tls" / "fullchain.pem"
    status, headers, _ = asked(plain, "/broker/", **{"X-Forwarded-Proto": "https"})
    assert (status, headers["location"]) == (301, f"https://{HOST}/broker/")
    status, headers, page = asked(safe, "/account/login/", trust=trust, **{"X-Forwarded-Proto": "http"})
    assert (status, headers["server"]) == (200, "nginx")
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["set-cookie"].startswith("__Host-")
    assert "csrfmiddlewaretoken" in page
    assert asked(safe, "/healthz", trust=trust)[2] == '{"alive": true}'
    assert asked(safe, "/readyz", trust=trust)[0] == 403
    assert asked(portal, "/readyz")[2] == '{"ready": true, "migrations_waiting": 0}'
    assert asked(safe, "/account/login/", trust=trust, body=b"x" * (27 << 20))[0] == 413
    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        assert not speaks(safe, trust, old)
    assert speaks(safe, trust, ssl.TLSVersion.TLSv1_3)
    assert speaks(safe, trust, ssl.TLSVersion.TLSv1_2, "ECDHE+AESGCM")
    for weak in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM8"):
        assert not speaks(safe, trust, ssl.TLSVersion.TLSv1_2, weak), weak


def speaks(port: int, trust: Path, version: ssl.TLSVersion, ciphers: str = "ALL") -> bool:
    context = ssl.create_default_context(cafile=str(trust))
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")  # so that it is the server that refuses
    with pytest.warns(DeprecationWarning, match="TLSv1") if version < ssl.TLSVersion.TLSv1_2 else _quiet():
        context.minimum_version = context.maximum_version = version
    try:
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname=HOST):
            return True
    except ssl.SSLError:
        return False


@contextmanager
def _quiet() -> Iterator[None]:
    yield
