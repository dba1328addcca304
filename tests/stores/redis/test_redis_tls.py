"""A server that speaks TLS: who it is is checked."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from sessionware import StoreError
from sessionware.store import Meta
from sessionware.store.redis import RedisStore
from support.redis_server import running
from support.redis_servers import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    made = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
        f" -addext subjectAltName=DNS:localhost -keyout {folder}/key -out {folder}/certificate"
    )
    subprocess.run(made.split(), check=True, capture_output=True)
    return folder / "certificate"


@pytest.fixture(scope="module")
def port(certificate: Path) -> Iterator[int]:
    port = free_ports()
    tls = ("--tls-port", str(port), "--tls-cert-file", str(certificate))
    tls += ("--tls-key-file", str(certificate.parent / "key"), "--tls-auth-clients", "no")
    with running(*tls, "--tls-ca-cert-file", str(certificate), "--bind", "127.0.0.1"):
        yield port


def test_a_server_is_known_by_its_certificate(port: int, certificate: Path) -> None:
    store = RedisStore(f"rediss://localhost:{port}/0?ssl_ca_certs={certificate}", timeout=10)
    assert len(store.execute(Meta()).idkey) == 32
    store.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_that_can_not_show_who_it_is_is_not_used(
    port: int, certificate: Path, host: str
) -> None:
    trust = "" if host == "localhost" else f"?ssl_ca_certs={certificate}"
    store = RedisStore(f"rediss://{host}:{port}/0{trust}", timeout=10)
    with pytest.raises(StoreError, match=rf"at {host}:{port} could not be used"):
        store.execute(Meta())
    store.close()
