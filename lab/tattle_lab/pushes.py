"""An evening of pushes, written packet by packet: what a server said when, what the phone sent when, and which of the two
was the other's cause. Nothing runs: hours pass in a moment, and each time is known.

A scenario has `pushes` instead of steps:
  hours               how long it lasts
  channel             a TLS connection that stays open and whose keys stay out of the key log: the push channel
  talk                a WebSocket in clear; what the server says in it can be read
  uploads             one line for each kind of data: `entry`, `host`, `address`, `path`, `body`, and when:
    triggered: N      the account's web page asks the server, which speaks in the channel, and the phone sends
    ignored: N        the page asks, and nothing follows
    unasked: N        the server speaks of its own accord (in `channel`, or in `talk` with `by: talk`), and the phone sends
    independent: N    the phone sends at any time
  idle-messages       what the server says in the channel to no effect, at any time
  keepalive-s         how often the phone says something in the channel
"""

import datetime
import json
import random
import sys
from pathlib import Path

import yaml

from .ledger import as_json

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
import capture_maker  # noqa: E402
import tls_writer  # noqa: E402

PUSH_S = (0.8, 3.0)     # from the page to the push
ANSWER_S = (0.7, 5.0)   # from the server's message to the upload
CAUSED_GAP_S = 150      # caused moments keep so far from each other, so that each cause is one


def upgrade(host):
    return (f"GET /talk HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()


UPGRADED = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def frame(text):
    """RFC 6455 section 5.2, a server's text frame."""
    data = text.encode()
    return bytes([0x81, len(data)]) + data


class Evening:
    """Moments are planned first, then played in order of time."""

    def __init__(self, raw):
        self.raw = raw
        self.rng = random.Random(raw["seed"])
        self.start = datetime.datetime.fromisoformat(raw["start"])
        self.length = raw["pushes"]["hours"] * 3600
        self.capture = capture_maker.Capture()
        self.moments = []  # (second, what to do)
        self.taken = []
        self.actions = []
        self.keys = ""
        self.truth = {}

    def at(self, second, act, *arguments):
        self.moments.append((second, len(self.moments), act, arguments))

    def alone(self):
        """A moment that keeps its distance from all that were caused."""
        for _ in range(100000):
            second = self.rng.uniform(120, self.length - 120)
            if all(abs(second - other) >= CAUSED_GAP_S for other in self.taken):
                self.taken.append(second)
                return second
        raise RuntimeError("no room for so many moments")

    def plan(self):
        pushes = self.raw["pushes"]
        if channel := pushes.get("channel"):
            self.at(0.5, self.open_channel, channel)
            period = pushes.get("keepalive-s")
            for number in range(1, int(self.length // period) if period else 0):
                self.at(number * period + self.rng.uniform(-20, 20), self.say, "channel", "sent", 20)
            for _ in range(pushes.get("idle-messages", 0)):
                self.at(self.rng.uniform(30, self.length), self.say, "channel", "received", self.rng.randint(40, 90))
        if talk := pushes.get("talk"):
            self.at(1.5, self.open_talk, talk)
        for upload in pushes["uploads"]:
            self.plan_upload(upload)
        # The capture goes on to the end, whatever happens.
        self.at(0, self.capture.dns_query, "start.example")
        self.at(self.length, self.capture.dns_query, "end.example")

    def plan_upload(self, upload):
        truth = self.truth[upload["entry"]] = {"host": upload["host"], "triggered": 0, "ignored": 0, "unasked": 0,
                                               "independent": 0, "latency-s": [], "push-latency-s": []}
        for kind in ("triggered", "ignored", "unasked", "independent"):
            for _ in range(upload.get(kind, 0)):
                truth[kind] += 1
                second = self.rng.uniform(10, self.length - 10) if kind == "independent" else self.alone()
                if kind in ("triggered", "ignored"):
                    self.actions.append(second)
                if kind == "ignored":
                    continue
                if kind == "independent":
                    self.at(second, self.upload, upload)
                    continue
                push = second + (self.rng.uniform(*PUSH_S) if kind == "triggered" else 0)
                sent = push + self.rng.uniform(*ANSWER_S)
                self.at(push, self.say, upload.get("by", "channel"), "received", self.rng.randint(100, 180))
                self.at(sent, self.upload, upload)
                truth["latency-s"].append(round(sent - second, 3))
                if kind == "triggered":
                    truth["push-latency-s"].append(round(push - second, 3))

    def open_channel(self, channel):
        self.channel = tls_writer.Tls13(self.capture.tcp(capture_maker.PHONE4, channel["address"], 443), self.rng,
                                        channel["host"], "http/1.1")
        self.channel.send(b"hello " * 9)
        self.channel.send(b"welcome", "received")

    def open_talk(self, talk):
        self.talk = self.capture.tcp(capture_maker.PHONE4, talk["address"], 80)
        self.talk.send(upgrade(talk["host"]))
        self.talk.send(UPGRADED, "received")

    def say(self, where, way, size):
        if where == "talk":
            self.talk.send(frame('{"please":"' + "x" * (size % 80) + '"}'), way)
        else:
            self.channel.send(bytes(size), way)

    def upload(self, upload):
        tcp = self.capture.tcp(capture_maker.PHONE4, upload["address"], 443)
        tls = tls_writer.Tls13(tcp, self.rng, upload["host"], "http/1.1")
        self.keys += tls.key_log
        body = json.dumps(upload["body"]).encode()
        tls.send(f"POST {upload['path']} HTTP/1.1\r\nHost: {upload['host']}\r\n"
                 f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        tls.send(b"HTTP/1.1 204 No Content\r\n\r\n", "received")
        tcp.close()

    def play(self):
        self.plan()
        began = int(self.start.timestamp() * 1e6)
        for second, _, act, arguments in sorted(self.moments, key=lambda moment: moment[:2]):
            self.capture.clock = max(self.capture.clock if self.capture.frames else 0, began + int(second * 1e6))
            act(*arguments)

    def log(self):
        rows = []
        for second in sorted(self.actions):
            moment = (self.start + datetime.timedelta(seconds=second)).astimezone(datetime.timezone.utc)
            rows.append({"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "uncertainty-s": 1,
                         "action": "locate", "trigger": "account's web page"})
        end = self.start + datetime.timedelta(seconds=self.length)
        return {"from": self.start.isoformat(), "until": end.isoformat(), "actions": rows}


def play(raw, out, name):
    """Writes NAME.pcap, NAME.keys, NAME.yaml, NAME.actions.yaml and NAME.truth.json, or plain names without one."""
    evening = Evening(raw)
    evening.play()
    out.mkdir(parents=True, exist_ok=True)

    def file(kind, plain):
        return out / (f"{name}.{kind}" if name else plain)

    evening.capture.write(file("pcap", "capture.pcap"))
    file("keys", "keys.log").write_text(evening.keys)
    subject = {"device": {**raw["device"], "addresses": [capture_maker.PHONE4]}, "data": raw["data"]}
    file("yaml", "subject.yaml").write_text(yaml.safe_dump(subject, allow_unicode=True, sort_keys=False))
    file("actions.yaml", "actions.yaml").write_text(yaml.safe_dump(evening.log(), sort_keys=False))
    file("truth.json", "truth.json").write_text(as_json({"scenario": raw["title"], **evening.truth}))
