"""The system vendor's browser proxy: absolute-form requests and CONNECT.

Sources: RFC 9110 section 9.3.6, RFC 9112 section 3.2.2.
It speaks to the sites from the world's side, where nobody at home listens.
"""

import socket
import socketserver
import threading
from urllib.parse import urlsplit


class Proxy(socketserver.ThreadingTCPServer):
    """Listens on one address until its process ends."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address, port, plan):
        self.plan = plan
        super().__init__((address, port), Visit)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def connect(self, host, port):
        return socket.create_connection((self.plan.server_of(host).addresses[0], port), timeout=10)


class Visit(socketserver.StreamRequestHandler):
    """One connection of the phone's: any number of requests, or a tunnel."""

    def handle(self):
        while True:
            head = self.head()
            if not head:
                return
            method, target, _ = head[0].split(" ", 2)
            if method == "CONNECT":
                return self.tunnel(target)
            self.forward(method, target, head[1:])

    def head(self):
        lines = []
        while True:
            line = self.rfile.readline(65536).decode("latin-1").rstrip("\r\n")
            if not line:
                return lines
            lines.append(line)

    def tunnel(self, target):
        host, port = target.rsplit(":", 1)
        with self.server.connect(host, int(port)) as far:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pour, args=(far, self.connection), daemon=True)
            back.start()
            pour(self.connection, far)
            back.join()

    def forward(self, method, target, fields):
        url = urlsplit(target)
        path = url.path + (f"?{url.query}" if url.query else "")
        kept = [field for field in fields if not field.lower().startswith(("proxy-", "connection:"))]
        size = next((int(field.split(":")[1]) for field in fields if field.lower().startswith("content-length:")), 0)
        with self.server.connect(url.hostname, url.port or 80) as far:
            lines = [f"{method} {path} HTTP/1.1", *kept, "Via: 1.1 proxy", "Connection: close", "", ""]
            far.sendall("\r\n".join(lines).encode("latin-1") + self.rfile.read(size))
            answer = far.makefile("rb").read()
        # The site closed to end its answer; the phone's connection stays open.
        self.wfile.write(answer.replace(b"\r\nConnection: close\r\n", b"\r\nVia: 1.1 proxy\r\n", 1))


def pour(source, sink):
    """Copies one direction to its end."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
