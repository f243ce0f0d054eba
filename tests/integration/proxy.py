"""A TCP proxy that can be told to behave badly."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """
    Passes on what comes to 127.0.0.2 to the same port of 127.0.0.1.

    A target's stub names its port, and the bridge dials the host that the user named, so all
    of its connections come this way.
    """

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.2:{port}"
        self.opened = 0
        self._port = port
        self._listener = socket.create_server(("127.0.0.2", port))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._left: int | None = None
        self._stalled = threading.Event()
        self._stalled.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size: int) -> None:
        """End every connection when *size* more bytes have come from the target, once."""
        with self._lock:
            self._left = size

    def stall(self) -> None:
        """Pass nothing on, and keep connections open."""
        self._stalled.clear()

    def go_on(self) -> None:
        """Pass on again."""
        self._stalled.set()

    def cut(self) -> None:
        """End every connection now."""
        with self._lock:
            sockets = set(self._open)
        self._end(sockets)

    def _end(self, sockets: set[socket.socket]) -> None:
        with self._lock:
            self._open -= sockets
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def close(self) -> None:
        self._listener.close()
        self._stalled.set()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                client.close()
                continue
            self.opened += 1
            with self._lock:
                self._open |= {client, server}
            for source, sink, down in ((client, server, False), (server, client, True)):
                threading.Thread(
                    target=self._pump,
                    args=(source, sink),
                    kwargs={"down": down},
                    daemon=True,
                ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, *, down: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                self._stalled.wait()
                if down and self._spent(len(data)):
                    self.cut()
                    return
                sink.sendall(data)
        self._end({source, sink})

    def _spent(self, size: int) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= size
            if self._left > 0:
                return False
            self._left = None
            return True
