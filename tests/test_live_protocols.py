#!/usr/bin/env python3
"""WebSocket, MQTT, gRPC and server-sent events between real programs over loopback: what the client sent is what is
listed, and a planted value is found with its host, transport and path."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import loopback  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
PYTHON = "/usr/bin/python3"  # whose modules Debian packages
IMEI = "356938035643809"
REPORT = json.dumps({"device": {"imei": IMEI}})

WEBSOCKET_SERVER = """
import asyncio, sys, websockets
async def echo(socket):
    async for message in socket:
        await socket.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", int(sys.argv[1]), compression=sys.argv[2] or None):
        await asyncio.Future()
asyncio.run(main())
"""
WEBSOCKET_CLIENT = """
import asyncio, sys, websockets
async def main():
    uri = "ws://app.example:%s/live?v=1" % sys.argv[1]
    async with websockets.connect(uri, host="127.0.0.1", port=int(sys.argv[1]), compression=sys.argv[2] or None) as socket:
        for line in sys.stdin.read().splitlines():
            parts = line.split("|")
            await socket.send(parts[0] if len(parts) == 1 else parts)
            assert await socket.recv() == "".join(parts)
asyncio.run(main())
"""
MQTT_RELAY = """
import asyncio, sys, websockets
async def relay(socket):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    async def back():
        while data := await reader.read(4096):
            await socket.send(data)
    task = asyncio.create_task(back())
    async for message in socket:
        writer.write(message)
    writer.close()
    await task
async def main():
    async with websockets.serve(relay, "127.0.0.1", int(sys.argv[1]), subprotocols=["mqtt"], compression=None):
        await asyncio.Future()
asyncio.run(main())
"""
MQTT_CLIENT = """
import asyncio, sys, websockets
def text(value): return len(value).to_bytes(2, "big") + value
def packet(first, body): return bytes([first, len(body)]) + body
async def main():
    uri = "ws://broker.example:%s/mqtt" % sys.argv[1]
    async with websockets.connect(uri, host="127.0.0.1", port=int(sys.argv[1]), subprotocols=["mqtt"], compression=None) as socket:
        await socket.send(packet(0x10, text(b"MQTT") + bytes([4, 2, 0, 60]) + text(b"phone-ws")))
        assert (await socket.recv())[:4] == bytes([0x20, 2, 0, 0])
        await socket.send(packet(0x32, text(b"home/report") + bytes([0, 7]) + sys.argv[2].encode()))
        assert await socket.recv() == bytes([0x40, 2, 0, 7])
        await socket.send(bytes([0xe0, 0]))
asyncio.run(main())
"""
GRPC_SERVER = """
import sys, time, grpc
from concurrent import futures
class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method.endswith("/One"):
            return grpc.unary_unary_rpc_method_handler(lambda request, context: b"ok")
        return grpc.stream_stream_rpc_method_handler(lambda requests, context: (b"seen " + each for each in requests))
server = grpc.server(futures.ThreadPoolExecutor(2), compression=grpc.Compression.Gzip)
server.add_generic_rpc_handlers([Handler()])
server.add_insecure_port("127.0.0.1:" + sys.argv[1])
server.start()
server.wait_for_termination()
"""
GRPC_CLIENT = """
import sys, grpc
options = [("grpc.default_authority", "rpc.example")]
with grpc.insecure_channel("127.0.0.1:" + sys.argv[1], options, compression=grpc.Compression.Gzip) as channel:
    lines = [line.encode() for line in sys.stdin.read().splitlines()]
    assert channel.unary_unary("/test.Report/One")(lines[0]) == b"ok"
    assert list(channel.stream_stream("/test.Report/Many")(iter(lines))) == [b"seen " + line for line in lines]
"""
EVENT_SERVER = """
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for line in open(sys.argv[2]).read().splitlines():
            self.wfile.write(b"event: report\\ndata: " + line.encode() + b"\\n\\n")
            self.wfile.flush()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def messages(capture, *more):
    run = subprocess.run([PROGRAM, "messages", str(capture), *map(str, more)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=True, timeout=60)
    return [json.loads(line) for line in run.stdout.splitlines()]


def disclosures(capture, folder, *more):
    subject = folder / "subject.yaml"
    subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS", "addresses": ["127.0.0.1"]},
                                   "data": [{"datum": "imei", "value": IMEI}]}))
    run = subprocess.run([PROGRAM, "audit", str(capture), "--subject", str(subject), "--json", *map(str, more)],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    found = json.loads(run.stdout)["disclosures"]
    return [(each["datum"], each["count"], each["transport"], each["recipient"].get("host"), [step["step"] for step in each["path"]])
            for each in found if each["direction"] == "sent"]


def run_python(program, *arguments, text=""):
    subprocess.run([PYTHON, "-c", program, *map(str, arguments)], input=text.encode(), check=True, timeout=loopback.DEADLINE,
                   stdout=subprocess.DEVNULL)


def sent(lines, protocol, port):
    return [line for line in lines if line["protocol"] == protocol and line["server"]["port"] == port]


def has_module(name):
    return subprocess.run([PYTHON, "-c", f"import {name}"], stderr=subprocess.DEVNULL, check=False).returncode == 0


@unittest.skipUnless(has_module("websockets"), "python3-websockets is not installed")
class WebSocket(unittest.TestCase):
    SAID = ["hello", REPORT, "in|three|fragments", "x" * 70000, REPORT]

    def frames(self, capture, port):
        # Both ways, in the order of the capture; an echo follows each.
        return [(line["method"], line["body_bytes"], line.get("host"), line.get("target"))
                for line in sent(messages(capture), "websocket", port) if line["method"] != "close"]

    def talk(self, bench, compression):
        port = loopback.free_port()
        capture = bench.record([port])
        bench.start(PYTHON, "-c", WEBSOCKET_SERVER, port, compression)
        loopback.wait_until(lambda: loopback.listens(port), "the server")
        run_python(WEBSOCKET_CLIENT, port, compression, text="\n".join(self.SAID))
        bench.stop_recording()
        return capture, port

    def test_over_http1(self):
        for compression in ("", "deflate"):
            with self.subTest(compression=compression), loopback.Loopback() as bench:
                capture, port = self.talk(bench, compression)
                expected = [("text", len(each.replace("|", "")), f"app.example:{port}", "/live?v=1") for each in self.SAID for _ in (1, 2)]
                self.assertEqual(self.frames(capture, port), expected)
                path = ["websocket"] + (["permessage-deflate"] if compression else []) + ["json"]
                self.assertEqual(disclosures(capture, bench.folder), [("imei", 2, "clear", "app.example", path)])

    # nghttpx as client and nghttpx as server of HTTP/2, between them an extended CONNECT (RFC 8441).
    @unittest.skipUnless(os.path.exists("/usr/sbin/nghttpx") or os.path.exists("/usr/bin/nghttpx"), "nghttpx is not installed")
    def test_over_http2(self):
        with loopback.Loopback() as bench:
            server, middle, front = (loopback.free_port() for _ in range(3))
            bench.start(PYTHON, "-c", WEBSOCKET_SERVER, server, "deflate")
            common = ("--conf=/dev/null", "--workers=1", "--frontend-http2-max-concurrent-streams=10")
            bench.start("nghttpx", *common, f"-f127.0.0.1,{middle};no-tls", f"-b127.0.0.1,{server};;proto=http/1.1")
            loopback.wait_until(lambda: loopback.listens(server) and loopback.listens(middle), "the servers")
            capture = bench.record([middle])
            bench.start("nghttpx", *common, f"-f127.0.0.1,{front};no-tls", f"-b127.0.0.1,{middle};;proto=h2")
            loopback.wait_until(lambda: loopback.listens(front), "the front")
            run_python(WEBSOCKET_CLIENT, front, "deflate", text="\n".join(self.SAID))
            bench.stop_recording()
            requests = [line for line in sent(messages(capture), "http/2", middle) if line["kind"] == "request"]
            self.assertEqual([line["method"] for line in requests], ["CONNECT"])
            self.assertEqual([frame[:2] for frame in self.frames(capture, middle)],
                             [("text", len(each.replace("|", ""))) for each in self.SAID for _ in (1, 2)])
            found = disclosures(capture, bench.folder)
            self.assertEqual([(each[:4], each[4]) for each in found],
                             [(("imei", 2, "clear", "app.example"), ["http/2", "websocket", "permessage-deflate", "json"])])


@unittest.skipUnless(os.path.exists("/usr/sbin/mosquitto"), "mosquitto is not installed")
class Mqtt(unittest.TestCase):
    def broker(self, bench, *listeners):
        settings = bench.folder / "mosquitto.conf"
        settings.write_text("per_listener_settings false\nallow_anonymous true\npersistence false\n" + "\n".join(listeners) + "\n")
        bench.start("/usr/sbin/mosquitto", "-c", settings)

    def publish(self, port, *more, environment=None):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-i", "phone-17", "-u", "aino", "-P", "s3cret", "-q", "1",
                        "-t", "home/report", "-m", REPORT, *map(str, more)], check=True, timeout=loopback.DEADLINE, env={**os.environ, **(environment or {})})

    def check(self, capture, bench, port, transport, *keys, host=None, layers=()):
        lines = sent(messages(capture, *keys), "mqtt", port)
        seen = [(line["kind"], line["method"], line.get("target"), line["body_bytes"]) for line in lines]
        self.assertEqual(sorted(seen), sorted([("connect", "CONNECT", None, 0), ("acknowledge", "CONNACK", None, 0),
                                               ("publish", "PUBLISH", "home/report", len(REPORT)), ("acknowledge", "PUBACK", None, 0),
                                               ("control", "DISCONNECT", None, 0)]))
        self.assertEqual([line.get("host") for line in lines], [host] * 5)
        numbers = {line["method"]: line for line in lines}
        self.assertEqual(numbers["PUBACK"]["answers"], numbers["PUBLISH"]["message"])
        name = host.split(":")[0] if host else None
        self.assertEqual(disclosures(capture, bench.folder, *keys),
                         [("imei", 1, transport, name, [*layers, "mqtt", "json"])])

    def test_over_tcp(self):
        for version in ("mqttv31", "mqttv311", "mqttv5"):
            with self.subTest(version=version), loopback.Loopback() as bench:
                port = loopback.free_port()
                capture = bench.record([port])
                self.broker(bench, f"listener {port} 127.0.0.1")
                loopback.wait_until(lambda: loopback.listens(port), "the broker")
                self.publish(port, "-V", version)
                bench.stop_recording()
                self.check(capture, bench, port, "clear")

    def test_over_tls(self):
        with loopback.Loopback() as bench:
            port, key, certificate = loopback.free_port(), bench.folder / "broker.key", bench.folder / "broker.crt"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)], check=True, stderr=subprocess.DEVNULL)
            key.chmod(0o644)
            bench.folder.chmod(0o755)
            capture = bench.record([port])
            self.broker(bench, f"listener {port} 127.0.0.1", f"certfile {certificate}", f"keyfile {key}", "ciphers AES128-SHA")
            loopback.wait_until(lambda: loopback.listens(port), "the broker")
            # Mosquitto writes no key log: with RSA key exchange the broker's key opens what it hears.
            limits = bench.folder / "openssl.cnf"
            limits.write_text("openssl_conf = conf\n[conf]\nssl_conf = ssl\n[ssl]\nsystem_default = limits\n[limits]\n"
                              "MaxProtocol = TLSv1.2\nCipherString = AES128-SHA\n")
            self.publish(port, "-h", "localhost", "--cafile", certificate, environment={"OPENSSL_CONF": str(limits)})
            bench.stop_recording()
            self.check(capture, bench, port, "tls", "--keys", key, host="localhost", layers=["tls"])

    @unittest.skipUnless(has_module("websockets"), "python3-websockets is not installed")
    def test_over_websocket(self):
        with loopback.Loopback() as bench:
            port = loopback.free_port()
            capture = bench.record([port])
            # Debian's mosquitto opens no WebSocket listener where there is no IPv6: a relay stands before it.
            broker = loopback.free_port()
            self.broker(bench, f"listener {broker} 127.0.0.1")
            bench.start(PYTHON, "-c", MQTT_RELAY, port, broker)
            loopback.wait_until(lambda: loopback.listens(broker) and loopback.listens(port), "the broker")
            run_python(MQTT_CLIENT, port, REPORT)
            bench.stop_recording()
            self.check(capture, bench, port, "clear", host=f"broker.example:{port}", layers=["websocket"])


@unittest.skipUnless(has_module("grpc"), "python3-grpcio is not installed")
class Grpc(unittest.TestCase):
    def test_unary_and_streaming(self):
        with loopback.Loopback() as bench:
            port = loopback.free_port()
            capture = bench.record([port])
            bench.start(PYTHON, "-c", GRPC_SERVER, port)
            loopback.wait_until(lambda: loopback.listens(port), "the server")
            # Long enough to be shorter when compressed, else gRPC leaves it as it is.
            report = json.dumps({"device": {"imei": IMEI, "note": "n" * 400}})
            said = [report, "a" * 3000, report]
            run_python(GRPC_CLIENT, port, text="\n".join(said))
            bench.stop_recording()
            lines = messages(capture)
            frames = [(line["target"], line["body_bytes"]) for line in sent(lines, "grpc", port)]
            many = [size for target, size in frames if target == "/test.Report/Many"]
            self.assertEqual(frames[:2], [("/test.Report/One", len(report)), ("/test.Report/One", 2)])
            self.assertEqual(sorted(many), sorted([len(each) for each in said] + [len(each) + 5 for each in said]))
            calls = [(line["kind"], line.get("method"), line.get("target"), line.get("status")) for line in sent(lines, "http/2", port)]
            self.assertEqual(sorted(calls, key=str), sorted([("request", "POST", "/test.Report/One", None), ("response", None, None, 200),
                                                             ("request", "POST", "/test.Report/Many", None), ("response", None, None, 200)], key=str))
            found = disclosures(capture, bench.folder)
            self.assertEqual([each[:4] for each in found], [("imei", 3, "clear", "rpc.example")])
            self.assertEqual(found[0][4], ["http/2", "grpc", "gzip", "json"])


class Events(unittest.TestCase):
    def test_events_are_messages(self):
        with loopback.Loopback() as bench:
            port, said = loopback.free_port(), ["{\"n\": 1}", REPORT]
            (bench.folder / "said").write_text("\n".join(said))
            capture = bench.record([port])
            bench.start(PYTHON, "-c", EVENT_SERVER, port, bench.folder / "said")
            loopback.wait_until(lambda: loopback.listens(port), "the server")
            subprocess.run(["curl", "-sN", "--max-time", "10", "-H", "Host: news.example", f"http://127.0.0.1:{port}/events"], check=True,
                           stdout=subprocess.DEVNULL, timeout=loopback.DEADLINE)
            bench.stop_recording()
            events = sent(messages(capture), "sse", port)
            self.assertEqual([(line["kind"], line["method"], line["host"], line["body_bytes"]) for line in events],
                             [("frame", "report", "news.example", len(each)) for each in said])


if __name__ == "__main__":
    unittest.main()
