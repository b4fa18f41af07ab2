"""Real programs talking over loopback while tcpdump records them: for tests. Everything started here is ended by its
process id, and every wait has a deadline."""
import os
import pathlib
import socket
import subprocess
import tempfile
import time

DEADLINE = 20  # seconds for anything that is waited for
MARKER = b"tattle-test-marker-"


def wait_until(done, what):
    end = time.monotonic() + DEADLINE
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {DEADLINE} s for {what}")
        time.sleep(0.02)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    """Whether something accepts TCP connections on this port of 127.0.0.1; says so without connecting."""
    wanted = f"0100007F:{port:04X}"
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    lines += [line for line in pathlib.Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    for line in lines:
        fields = line.split()
        if fields[3] == "0A" and (fields[1] == wanted or fields[1].endswith(f":{port:04X}")):
            return True
    return False


def bound_udp(port):
    """Whether something has bound this UDP port."""
    for family in ("udp", "udp6"):
        for line in pathlib.Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            if line.split()[1].endswith(f":{port:04X}"):
                return True
    return False


class Loopback:
    """A folder, the processes of one test, and what goes over `lo` between start() and stop()."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="tattle-test-")
        self.folder = pathlib.Path(self._folder.name)
        self.processes = []
        self._dump = None
        self._marks = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.end(process)
        self._folder.cleanup()

    def start(self, *command, **options):
        """A process in the background; what it prints goes to a file beside the capture."""
        log = self.folder / f"{pathlib.Path(command[0]).name}-{len(self.processes)}.log"
        with open(log, "wb") as out:
            options = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT, **options}
            process = subprocess.Popen([str(part) for part in command], **options)
        process.log = log
        self.processes.append(process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def certificate(self, name="server.example", *more):
        """A self-signed certificate and its key, as PEM files."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        names = ",".join(f"DNS:{each}" for each in (name, *more))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(certificate)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return certificate, key

    def record(self, ports):
        """Begins to capture these ports, TCP and UDP; returns the capture's path."""
        self.capture = self.folder / "capture.pcap"
        self._mark_port = free_port(socket.SOCK_DGRAM)
        stay = ["-Z", "root"] if os.geteuid() == 0 else []
        wanted = " or ".join(f"port {port}" for port in (*ports, self._mark_port))
        self._dump = self.start("tcpdump", "--immediate-mode", "-U", *stay, "-i", "lo", "-s", "262144", "-B", "65536", "-w", self.capture, wanted)
        self._mark()
        return self.capture

    def _mark(self):
        # The capture is written as it comes, so that a marker in it means that all before it is there too.
        self._marks += 1
        payload = MARKER + str(self._marks).encode()

        def seen():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(payload, ("127.0.0.1", self._mark_port))
            return self.capture.exists() and payload in self.capture.read_bytes()

        wait_until(seen, "tcpdump to record")

    def stop_recording(self):
        self._mark()
        self.end(self._dump)
        return self.capture
