"""Devices at home that speak through curl and gnutls-cli, and the bookkeeping of what they said."""

import subprocess
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .world import environment, in_network

TLS_OPTIONS = {
    "tls1.3": ["--tlsv1.3"],
    "tls1.2": ["--tls-max", "1.2"],
    "tls1.0": ["--tlsv1.0", "--tls-max", "1.0", "--ciphers", "AES128-SHA:@SECLEVEL=0"],
}
REPORT = "%{http_code} %{http_version}\\n"


@dataclass
class Request:
    """One request and what an auditor could find in it and in its answer."""

    method: str
    url: str
    headers: list = field(default_factory=list)
    body: bytes = b""
    sent: list = field(default_factory=list)
    received: list = field(default_factory=list)
    status: int = 200
    proxy: str = ""
    coded: bool = True  # announces that it understands content codings


class Device:
    """Someone on the home network. Only the phone's traffic is in the truth: a bystander has no ledger."""

    def __init__(self, who, lab):
        self.who = who
        self.plan = lab.plan
        self.values = lab.values
        self.ledger = lab.ledger if who == "phone" else None
        self.lab = lab
        self.opaque = set()
        self.calls = 0
        self.waiting = None

    def talk(self, *requests):
        """Sends requests one after the other, over one connection where the host is the same."""
        self.finish(self.begin(*requests))

    def begin(self, *requests):
        folder = self.lab.work / f"{self.who}-{self.calls}"
        self.calls += 1
        folder.mkdir()
        command = [*in_network(self.who), "curl", "-sS", "--no-progress-meter"]
        for number, request in enumerate(requests):
            if number:
                command.append("--next")
            command += self.options(request, folder, number)
        keys = self.lab.keys if all(self.readable(request) for request in requests) else folder / "keys"
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(SSLKEYLOGFILE=str(keys)))
        return process, requests, folder, self.lab.step

    def finish(self, begun):
        process, requests, folder, step = begun
        out, error = process.communicate(timeout=45)
        lines = out.decode().splitlines()
        if process.returncode or len(lines) != len(requests):
            raise RuntimeError(f"{self.who}: {requests[0].url}: curl: {error.decode().strip()}")
        self.lab.ledger.now = step
        for number, (request, line) in enumerate(zip(requests, lines)):
            status, version = line.split()
            if int(status) != request.status:
                raise RuntimeError(f"{request.url}: {status} instead of {request.status}")
            self.write_down(request, "http/2" if version == "2" else "http/1.1")
        self.lab.ledger.now = self.lab.step
        return folder

    def server(self, request):
        return self.plan.server_of(urlsplit(request.url).hostname)

    def readable(self, request):
        """Whether whoever holds the capture and its keys can read this."""
        return request.url.startswith("http:") or (self.ledger is not None and self.server(request).keys)

    def options(self, request, folder, number):
        server = self.server(request)
        options = ["-X", request.method] if request.method != "GET" else []
        if request.url.startswith("https:"):
            options += ["--cacert", str(self.lab.authority.certificate)]
            options += next(TLS_OPTIONS[word] for word in server.serve if word in TLS_OPTIONS)
        options.append("--http2" if server.http2 else "--http1.1")
        if request.coded:
            options.append("--compressed")
        if request.proxy:
            options += ["--proxy", request.proxy]
        if request.method != "GET":
            file = folder / f"body-{number}"
            file.write_bytes(request.body)
            options += ["--data-binary", f"@{file}"]
        for header in request.headers:
            agent = header.removeprefix("User-Agent: ")
            # As an option, not a header, so that it stands in a CONNECT too, as browsers do it.
            options += ["-H", header] if agent == header else ["-A", agent]
        return options + ["-o", str(folder / f"answer-{number}"), "-w", REPORT, request.url]

    def write_down(self, request, protocol):
        if not self.ledger:
            return
        url = urlsplit(request.url)
        transport = "tls" if url.scheme == "https" else "clear"
        visible = self.readable(request)
        target = url.path + (f"?{url.query}" if url.query else "")
        roles = [(url.hostname, "destination")]
        if request.proxy and transport == "clear":
            target = request.url
            roles.append((urlsplit(request.proxy).hostname, "proxy"))
        self.ledger.request(request.method, url.hostname, target, protocol, request.status, visible)
        if not visible:
            self.opaque.add(url.hostname)
        for host, role in roles:
            for find in request.sent:
                self.ledger.disclose(find, "sent", transport, protocol, host, role, visible)
            for find in request.received:
                self.ledger.disclose(find, "received", transport, protocol, host, role, visible)

    def old_request(self, host, target, sent):
        """A GET over TLS 1.0 with RC4 and static RSA, which only GnuTLS still speaks."""
        request = f"GET {target} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: LegacyClient/3.1\r\n\r\n"
        priority = "NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+RSA:-CIPHER-ALL:+ARCFOUR-128:-MAC-ALL:+SHA1"
        keys = self.lab.work / f"{self.who}-{host}.keys"
        client = subprocess.Popen(
            [*in_network(self.who), "gnutls-cli", "--x509cafile", str(self.lab.authority.certificate), "--priority",
             priority, host], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment(SSLKEYLOGFILE=str(keys)))
        out, _ = client.communicate(request.encode(), timeout=20)
        if b"HTTP/1.0 200 OK" not in out:
            raise RuntimeError(f"{host}: {out.decode(errors='replace')[-300:]}")
        with open(self.lab.keys, "ab") as file:
            file.write(keys.read_bytes())
        self.ledger.request("GET", host, target, "http/1.1", 200, True)
        for find in sent:
            self.ledger.disclose(find, "sent", "tls", "http/1.1", host, "destination")
