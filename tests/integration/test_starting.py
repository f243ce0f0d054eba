"""How the program starts: without what nothing here needs, and with streams that are closed."""

import subprocess
import sys
from textwrap import dedent

import pytest

LOADED = """
    import sys
    from jmx_bridge.commands.lean import load_server
    server = load_server(openssl={openssl})
    assert callable(server.serve)
    print(*sys.modules)
"""
CLIENT = {"aiohttp.client", "aiohttp.connector"}
OPENSSL = {"ssl", "_ssl", "_hashlib"}


def run(code: str) -> set[str]:
    command = [sys.executable, "-W", "error", "-c", dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("openssl", [False, True])
def test_the_server_is_loaded_without_a_client_and_openssl_if_it_is_wanted(openssl):
    modules = run(LOADED.format(openssl=openssl))

    assert not modules & CLIENT
    assert modules & OPENSSL == (OPENSSL if openssl else set())


def test_an_aiohttp_that_is_of_one_piece_is_loaded_whole():
    modules = run("""
        import importlib.util, sys
        import jmx_bridge.commands.lean as lean

        package = lean._package
        def without_name():
            module = package()
            # aiohttp.http asks for it.
            del module.__version__
            return module
        lean._package = without_name
        assert lean.load_server(openssl=False).serve
        import aiohttp
        assert aiohttp.ClientSession
        print(*sys.modules)
    """)

    assert modules >= CLIENT


def test_what_was_hidden_can_be_loaded_later():
    run("""
        from jmx_bridge.commands.lean import load_server
        load_server(openssl=False)
        import ssl, hashlib
        ssl.create_default_context()
        assert ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    """)


def test_nothing_is_collected_while_loading():
    run("""
        import gc
        from jmx_bridge.commands.lean import uncollected
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count()
    """)


def test_standard_streams_that_are_closed_become_dev_null():
    look = (
        "from jmx_bridge.cli import open_closed_streams as work; import os, sys; work();"
        "print('x', flush=True); print('y', file=sys.stderr, flush=True);"
        "found = [os.readlink(f'/proc/self/fd/{n}') for n in range(3)];"
        "os._exit(7 if found == [os.devnull] * 3 else 1)"
    )
    shell = 'exec "$0" "$@" <&- >&- 2>&-'

    for arguments, status in (
        (("-c", look), 7),
        (("-m", "jmx_bridge", "--version"), 0),
    ):
        done = subprocess.run(
            ["/bin/sh", "-c", shell, sys.executable, *arguments], check=False
        )
        assert done.returncode == status
