#!/usr/bin/env python3
"""Writes a capture of any length to standard output: many open flows, some of them busy. Nothing of its size is kept.

usage: flood.py FOLDER [--open N] [--active N] [--gigabytes G] [--seed S]

FOLDER gets subject.yaml and flood.keys first. The phone opens `--open` flows that stay open and silent: TLS without a
key, TLS with one, clear HTTP. Then `--active` further TLS connections upload JSON in turns, record by record, until the
capture has its size, among DNS answers with ever new names, clear HTTP connections that lose one packet in a hundred,
and short UDP flows. One TLS connection is really made, with Python's ssl; the others repeat its records on other ports,
so that its one secret opens all of them.
"""
import argparse
import io
import json
import pathlib
import random
import ssl
import struct
import subprocess
import sys
import tempfile

PHONE = bytes([192, 0, 2, 17])
RESOLVER = bytes([192, 0, 2, 53])
SEGMENT = 1448
IMEI = "356938035643809"
SUBJECT = {"device": {"maker": "Example", "model": "Flood", "system": "Example OS", "addresses": ["192.0.2.17"]},
           "data": [{"datum": "imei", "value": IMEI}, {"datum": "email", "value": "aino.virtanen@example.com"}]}


def recorded_session(folder, requests, key_log):
    """One TLS 1.3 connection with HTTP/1.1 requests: [(sent by the client, bytes)], the first of each request after the
    handshake marked by its place in the second list."""
    with tempfile.TemporaryDirectory() as scratch:
        certificate, key = pathlib.Path(scratch, "cert.pem"), pathlib.Path(scratch, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=telemetry.example"], check=True,
                       stderr=subprocess.DEVNULL)
        server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_context.load_cert_chain(certificate, key)
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    if key_log:
        client_context.keylog_filename = str(folder / "flood.keys")
    ends = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    client = client_context.wrap_bio(*ends[0], server_hostname="telemetry.example")
    server = server_context.wrap_bio(*ends[1], server_side=True)
    script = []

    def carry():
        for sent_by_client, (_, outgoing), (incoming, _) in ((True, ends[0], ends[1]), (False, ends[1], ends[0])):
            if data := outgoing.read():
                script.append((sent_by_client, data))
                incoming.write(data)

    done = [False, False]
    while not all(done):
        for index, end in enumerate((client, server)):
            try:
                end.do_handshake()
                done[index] = True
            except ssl.SSLWantReadError:
                pass
            carry()
    marks = []
    for request in requests:
        marks.append(len(script))
        client.write(request)
        carry()
        server.read(1 << 20)
        server.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        carry()
        try:
            client.read(1 << 20)
        except ssl.SSLWantReadError:
            pass
    return script, marks


def upload(rng, number, size):
    events = []
    while sum(map(len, events)) < size:
        events.append(json.dumps({"seq": number, "name": rng.choice(["start", "tap", "battery"]), "x": rng.random(),
                                  "session": "%032x" % rng.getrandbits(128), "free": rng.getrandbits(31)}))
    if number % 8 == 0:
        events.append(json.dumps({"imei": IMEI}))
    body = ("[" + ",".join(events) + "]").encode()
    return (f"POST /v1/events HTTP/1.1\r\nHost: telemetry.example\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


class Writer:
    def __init__(self, out):
        self.out, self.size, self.clock = out, 0, 1_700_000_000_000_000
        self.put(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))

    def put(self, data):
        self.out.write(data)
        self.size += len(data)

    def packet(self, source, target, protocol, segment):
        size = 20 + len(segment)
        self.clock += 5
        self.put(struct.pack("<IIIIBBHHHBBH", self.clock // 1_000_000, self.clock % 1_000_000, size, size, 0x45, 0,
                             size >> 8 | (size & 255) << 8, 0, 64, 64, protocol, 0) + source + target + segment)

    def tcp(self, flow, sent, flags, sequence, acknowledged, data=b""):
        head = struct.pack(">IIBBHHH", sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
        if sent:
            self.packet(PHONE, flow[0], 6, flow[1] + head + data)
        else:
            self.packet(flow[0], PHONE, 6, flow[2] + head + data)

    def udp(self, source, target, ports, data):
        self.packet(source, target, 17, struct.pack(">HHHH", *ports, 8 + len(data), 0) + data)

    def opening(self, flow):
        self.tcp(flow, True, 2, 999, 0)
        self.tcp(flow, False, 0x12, 4999, 1000)
        self.tcp(flow, True, 0x10, 1000, 5000)

    def steps(self, flows, script, at, lose=0):
        """Each flow sends the same next bytes. @return the positions behind them."""
        sent, received = at
        for by_client, data in script:
            for begin in range(0, len(data), SEGMENT):
                piece = data[begin:begin + SEGMENT]
                place = (sent + begin, received) if by_client else (received + begin, sent)
                for number, flow in enumerate(flows):
                    if lose and (number * 31 + begin // SEGMENT + sent // 7) % lose == 0:
                        continue
                    self.tcp(flow, by_client, 0x18, *place, piece)
            if by_client:
                sent += len(data)
            else:
                received += len(data)
        return sent, received


def flows_of(first, count, port):
    """Endpoints of `count` flows from number `first`; ports never repeat for one server."""
    made = []
    for number in range(first, first + count):
        server = bytes([198, 51, 100, number // 60000 + 1])
        ports = struct.pack(">HH", 1024 + number % 60000, port)
        made.append((server, ports, ports[2:] + ports[:2]))
    return made


def name_answer(number):
    name = f"host-{number}.example"
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0\0\x01\0\x01"
    address = struct.pack(">I", 0x0A000000 + number & 0xFFFFFFFF)
    return (struct.pack(">HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels,
            struct.pack(">HHHHHH", number & 0xFFFF, 0x8180, 1, 1, 0, 0) + labels + b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\4" + address)


def write(out, folder, options):
    rng = random.Random(options.seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "subject.yaml").write_text(json.dumps(SUBJECT))
    (folder / "flood.keys").write_text("")
    requests = [upload(rng, number, 14000) for number in range(80)]
    script, marks = recorded_session(folder, requests, True)
    closed, _ = recorded_session(folder, requests[:1], False)
    clear = [(True, requests[1]), (False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    writer = Writer(out)

    # Open and silent.
    number = 0
    for share, steps, port in ((0.5, closed, 443), (0.25, script[:marks[1]], 443), (0.25, clear, 80)):
        for _ in range(int(options.open * share) // 100):
            some = flows_of(number, 100, port)
            number += 100
            for flow in some:
                writer.opening(flow)
            writer.steps(some, steps, (1000, 5000))
    # Busy.
    limit, names, turn, udp = options.gigabytes * 1e9, 0, 0, 0
    number = (number + 59999) // 60000 * 60000
    while writer.size < limit or turn == 0:
        active = flows_of(number % 13000000, options.active, 443)
        lossy = flows_of((number + options.active) % 13000000, 50, 80)
        number += options.active + 50
        for flow in active + lossy:
            writer.opening(flow)
        at = writer.steps(active, script[:marks[0]], (1000, 5000))
        far = (1000, 5000)
        for begin, end in zip(marks, marks[1:]):
            at = writer.steps(active, script[begin:end], at)
            far = writer.steps(lossy, clear, far, 100)
            for _ in range(200):
                question, answer = name_answer(names)
                names += 1
                udp += 1
                writer.udp(PHONE, RESOLVER, (1024 + udp % 60000, 53), question)
                writer.udp(RESOLVER, PHONE, (53, 1024 + udp % 60000), answer)
            if writer.size >= limit:
                break
        turn += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--open", type=int, default=200000)
    parser.add_argument("--active", type=int, default=5000)
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    buffered = io.BufferedWriter(io.FileIO(sys.stdout.fileno(), "wb", closefd=False), 1 << 20)
    write(buffered, parser.parse_args().folder, parser.parse_args())
    buffered.flush()
