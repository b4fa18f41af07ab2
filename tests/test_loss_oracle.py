#!/usr/bin/env python3
"""One packet in a hundred is removed at random from captures of which every byte is known. An oracle that knows which
frames carried which message, and which header fields depend on lost table entries, says what can still be known: all of
that must come out, and nothing else may be said of a message but `unknown`."""
import collections
import importlib.util
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

if not importlib.util.find_spec("cryptography") and sys.executable != "/usr/bin/python3":
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])  # Debian's, which has it

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402
import tls_writer  # noqa: E402
from test_losses import Hpack, blocks, frame  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SEEDS = range(12)
LOSS = 0.01
CONNECTIONS, REQUESTS = 4, 40

# A message as it was sent: its bytes after the head are as many as no other message has.
Sent = collections.namedtuple("Sent", "connection way order kind host target body frames inserted needs")


def http1(rng, number, connection, sizes, sent):
    for order in range(REQUESTS):
        host, target, size = f"h{number}-{order % 5}.example", f"/v1/{number}/{order}", next(sizes)
        body = bytes(rng.choices(b"abcdefgh", k=size))
        frames = connection.send(f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n".encode() + body)
        sent.append(Sent(number, "sent", order, "request", host, target, size, tuple(frames), None, None))
        size = next(sizes)
        body = bytes(rng.choices(b"ijklmnop", k=size))
        frames = connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + body, "received")
        sent.append(Sent(number, "received", order, "response", host, None, size, tuple(frames), None, None))


def http2(rng, number, connection, sizes, sent):
    """Each host is entered into the table once and sent as its index from then on; each path is new."""
    table, entered = Hpack(), {}
    connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
    connection.send(frame(4, 0, 0, b"") + frame(4, 1, 0, b""), "received")
    for order in range(REQUESTS):
        # New hosts come later too, so that some are entered behind a loss.
        host, target, size = f"h{number}-{order // 8}-{order % 3}.example", f"/v2/{number}/{order}", next(sizes)
        body = bytes(rng.choices(b"abcdefgh", k=size))
        first = host not in entered
        entered.setdefault(host, order)
        head = table.encode([(":method", "POST"), (":scheme", "http"), (":authority", host), (":path", target)])
        stream = 2 * order + 1
        frames = connection.send(frame(1, 4, stream, head) + frame(0, 1, stream, body))
        sent.append(Sent(number, "sent", order, "request", host, target, size, tuple(frames), first, entered[host]))


def capture(kind, encrypted, path):
    rng, made, sent, log = random.Random(f"{kind.__name__} {encrypted}"), capture_maker.Capture(), [], ""
    hellos = {}
    sizes = iter(rng.sample(range(300, 3300), CONNECTIONS * REQUESTS * 2))
    for number in range(CONNECTIONS):
        connection = made.tcp("192.0.2.17", f"198.51.100.{20 + number}", 443 if encrypted else 80)
        if encrypted:
            connection = tls_writer.Tls13(connection, rng, f"server{number}.example", "h2" if kind is http2 else "http/1.1")
            log += connection.key_log
            hellos[number] = set(connection.hellos)
        kind(rng, number, connection, sizes, sent)
        (connection.tcp if encrypted else connection).close()
    made.write(path)
    return sent, log, hellos


def lose(path, lossy, seed):
    """@return the frames that were left out."""
    rng, lost, kept = random.Random(seed), set(), []
    packets = 0
    for packet, content in blocks(path.read_bytes()):
        packets += packet
        if packet and rng.random() < LOSS:
            lost.add(packets)
        else:
            kept.append(content)
    lossy.write_bytes(b"".join(kept))
    return lost


def recoverable(sent, lost, hellos):
    """Messages of which every byte is left, each with whether its host can be known for certain."""
    known = {}
    ways = collections.defaultdict(list)
    for each in sent:
        ways[each.connection, each.way].append(each)
    for (connection, _), messages in ways.items():
        encrypted = connection in hellos
        if encrypted and lost & hellos[connection]:
            continue  # without both hellos no secret is this connection's
        table_since = 0  # the first message from which on the header table is known
        for each in messages:
            gone = lost.intersection(each.frames)
            # The head is in the first frame. What is missing behind it in clear is body for certain; a record that
            # is lost may have held anything.
            if gone and (encrypted or each.frames[0] in gone):
                table_since = each.order + 1
            if gone:
                continue
            known[each] = each.needs is None or each.inserted or each.needs >= table_since
    return known


def tattle(path, log):
    keys = ["--keys", log] if log else []
    run = subprocess.run([PROGRAM, "messages", path, *keys], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=60)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Oracle(unittest.TestCase):
    def hold(self, kind, encrypted):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            whole, lossy, log = folder / "whole.pcap", folder / "lossy.pcap", folder / "keys.log"
            sent, lines, hellos = capture(kind, encrypted, whole)
            log.write_text(lines)
            by_size = {each.body: each for each in sent}
            self.assertEqual(len(by_size), len(sent))
            self.assertEqual({each.body for each in sent}, self.check(tattle(whole, lines and log), by_size, {}))
            expected = found_of_them = unknown_hosts = 0
            for seed in SEEDS:
                lost = lose(whole, lossy, seed)
                known = recoverable(sent, lost, hellos)
                found = self.check(tattle(lossy, lines and log), by_size, known)
                expected += len(known)
                found_of_them += len({each.body for each in known} & found)
                unknown_hosts += sum(not certain for certain in known.values())
                missing = [each[:6] for each in known if each.body not in found]
                self.assertEqual(missing, [], f"seed {seed}")
            print(f"{kind.__name__}{' in TLS 1.3' if encrypted else ''}: {expected} messages recoverable of {len(sent) * len(SEEDS)}, "
                  f"{found_of_them} found, {unknown_hosts} with a host that nobody can know", file=sys.stderr)

    def check(self, lines, by_size, known):
        """No line says anything that was not so. @return the sizes of the messages that came out whole."""
        found = set()
        targets = {each.target: each for each in by_size.values() if each.target}
        for line in lines:
            if line["kind"] not in ("request", "response"):
                continue
            each = targets.get(line.get("target")) if line["kind"] == "request" else by_size.get(line["body_bytes"])
            if line["kind"] == "request":
                self.assertIsNotNone(each, line)
            if each is None or (line["kind"] == "response" and line.get("damaged")):
                continue  # a response of which a part is missing: what is left of it may be as long as another
            self.assertIn(line.get("host"), (None, each.host), line)
            if known.get(each) and line["kind"] == "request":
                self.assertEqual(line.get("host"), each.host, line)
            if known.get(each) is False:
                self.assertIsNone(line.get("host"), line)
            if line["body_bytes"] == each.body:
                found.add(each.body)
        return found

    def test_http1(self):
        self.hold(http1, False)

    def test_http1_in_tls(self):
        self.hold(http1, True)

    def test_http2(self):
        self.hold(http2, False)

    def test_http2_in_tls(self):
        self.hold(http2, True)


if __name__ == "__main__":
    unittest.main()
