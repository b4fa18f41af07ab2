#!/usr/bin/env python3
"""Writes captures with one very large upload to standard output as it goes, so that nothing of its size is kept.

usage: huge_bodies.py KIND MEGABYTES

The body is text with planted values: at its start, middle and end, and across every border at which a reader might cut
it (planted_values says where). KIND names how it is wrapped; see KINDS. Nothing of the program's own code is used.
"""
import base64
import itertools
import random
import struct
import subprocess
import sys
import zlib

CLIENT, SERVER = bytes([192, 0, 2, 17]), bytes([198, 51, 100, 20])
SEGMENT = 1448
HOST = "upload.example"
WINDOW, OVERLAP, BODY_LIMIT, PIECE = 65536, 4096, 16 << 20, 4 * 65536  # the program's limits, by default


def planted_value(name):
    rng = random.Random("planted " + name)
    return "Zq" + "".join(rng.choice("bcdfghjkmnpqrstvwxyz23456789") for _ in range(22))


def planted_places(size):
    """Offset in the plain body -> value. Borders of windows, of pieces and of the limit, before, across and behind."""
    wanted = {"start": 3, "middle": size // 2, "end": size - 90}
    step = WINDOW - OVERLAP
    for number, border in enumerate([WINDOW, WINDOW + step, WINDOW + 7 * step, BODY_LIMIT, BODY_LIMIT + PIECE,
                                     BODY_LIMIT + 2 * PIECE - OVERLAP, size // 4 * 3]):
        for shift in (-30, -24, -12, -1, 0, 5):
            wanted[f"border {number} {shift}"] = border + shift + 100 * (shift % 7)
            wanted[f"exactly {number} {shift}"] = border + shift - OVERLAP * (number % 2) + 40000 * (shift % 5)
    places, last = {}, -100
    for offset, name in sorted((offset, name) for name, offset in wanted.items()):
        if offset - last < 40 or offset + 60 > size:
            continue
        places[offset] = planted_value(name)
        last = offset
    places[size - 26] = planted_value("very end")
    return places


def plain_body(size):
    """Blocks of about a megabyte; every planted value stands between spaces."""
    rng = random.Random(1)
    words = ["".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 11))) for _ in range(4000)]
    block = " ".join(rng.choice(words) for _ in range(150000)).encode()
    places = sorted(planted_places(size).items())
    at = 0
    while at < size:
        part = bytearray(block[:size - at])
        end = at + len(part)
        for offset, value in places:
            text = b" " + value.encode() + b" "
            for i, byte in enumerate(text):
                if at <= offset - 1 + i < end:
                    part[offset - 1 + i - at] = byte
        yield bytes(part)
        at = end


def gzipped(blocks):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


def zlibbed(blocks):
    packer = zlib.compressobj(1)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


def piped(command, blocks):
    """Through a program that reads all it is given before it must be read from: its output goes through a thread."""
    import threading
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def feed():
        for block in blocks:
            process.stdin.write(block)
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    while block := process.stdout.read(1 << 16):
        yield block
    feeder.join()
    process.wait()


def in_base64(blocks, line=0):
    left = b""
    for block in blocks:
        block = left + block
        whole = len(block) // 57 * 57
        left = block[whole:]
        text = base64.b64encode(block[:whole])
        yield b"".join(text[i:i + 76] + b"\r\n" for i in range(0, len(text), 76)) if line else text
    yield base64.b64encode(left)


def multipart(content, transfer):
    head = (b'--edge-7f3e\r\nContent-Disposition: form-data; name="note"\r\n\r\n{"a":"small"}\r\n--edge-7f3e\r\n'
            b'Content-Disposition: form-data; name="photo"; filename="a.txt"\r\nContent-Type: text/plain\r\n')
    yield head + (b"Content-Transfer-Encoding: " + transfer + b"\r\n" if transfer else b"") + b"\r\n"
    yield from content
    yield b"\r\n--edge-7f3e--\r\n"


def form(blocks):
    yield b"kind=log&text="
    table = {ord(" "): "+", ord("Z"): "%5A", ord("q"): "%71"}
    for block in blocks:
        yield block.decode().translate(table).encode()


def json_text(blocks):
    yield b'{"kind":"log","text":"'
    for block in blocks:
        yield block.decode().replace("Zq", "\\u005a\\u0071").encode()
    yield b'"}'


def utf16(blocks):
    yield b"\xff\xfe"
    for block in blocks:
        yield block.decode().encode("utf-16-le")


def chunked(blocks, size=32768):
    for block in blocks:
        for at in range(0, len(block), size):
            part = block[at:at + size]
            yield b"%x\r\n" % len(part) + part + b"\r\n"
    yield b"0\r\n\r\n"


def http1(fields, body, length=None):
    fields = {"Host": HOST, **fields}
    if length is not None:
        fields["Content-Length"] = str(length)
    yield ("POST /in HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode()
    yield from body


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def http2(fields, body):
    """Prior knowledge; header fields as literals without indexing (RFC 7541 section 6.2.2)."""
    block = b""
    for name, value in {":method": "POST", ":scheme": "http", ":authority": HOST, ":path": "/in", **fields}.items():
        block += b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, block)
    for part in body:
        for at in range(0, len(part), 16384):
            yield frame(0, 0, 1, part[at:at + 16384])
    yield frame(0, 1, 1, b"")


class Answer(bytes):
    """What the server says in between."""


def grpc(body, size):
    """One message: flags and length, then the payload. gRPC's PROTOCOL-HTTP2.md."""
    yield from http2({"content-type": "application/grpc", "te": "trailers"},
                     itertools.chain([struct.pack(">BI", 0, size)], body))


def websocket(body, size, frames=None):
    """A masked text message in one frame, or in several of about a megabyte. RFC 6455 section 5.2."""
    yield (f"GET /in HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()
    yield Answer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    mask, at = b"\x37\xfa\x21\x3d", 0
    if not frames:
        yield struct.pack(">BBQ", 0x81, 0xff, size) + mask
    for part in body:
        if frames:
            yield struct.pack(">BBQ", 0x01 if at == 0 else 0, 0xff, len(part)) + mask
        key = (mask * 2)[(0 if frames else at) % 4:][:4] * (len(part) // 4 + 1)
        yield (int.from_bytes(part, "big") ^ int.from_bytes(key[:len(part)], "big")).to_bytes(len(part), "big")
        at += len(part)
    if frames:
        yield struct.pack(">BB", 0x80, 0x80) + mask


def mqtt(body, size):
    """CONNECT and one PUBLISH of MQTT 3.1.1."""
    def remaining(length):
        out = b""
        while True:
            length, low = length >> 7, length & 127
            out += bytes([low | (128 if length else 0)])
            if not length:
                return out
    yield b"\x10\x11\0\4MQTT\4\2\0\x3c\0\5phone"
    yield Answer(b"\x20\2\0\0")
    yield b"\x30" + remaining(size + 8) + b"\0\6logs/a"
    yield from body


def events(body, size):
    """One event in a response; text/event-stream. The planted text holds no line ends."""
    yield f"GET /in HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    yield Answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\ndata: " % (size + 8))
    for part in body:
        yield Answer(part)
    yield Answer(b"\n\n")


def smtp(mail):
    """What a client says when nobody answers; base64 has no dots that would have to be doubled."""
    yield b"EHLO phone.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n"
    yield from mail
    yield b"\r\n.\r\nQUIT\r\n"


def mail(content):
    """RFC 5322 and 2046: folded fields, a preamble, two parts."""
    yield (b'Subject: report\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n\tboundary="edge-7f3e"\r\n\r\n'
           b'This is a mail in several parts.\r\n--edge-7f3e\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n--edge-7f3e\r\n'
           b'Content-Type: text/plain;\r\n name="log.txt"\r\nContent-Transfer-Encoding:\r\n base64\r\n\r\n')
    yield from content
    yield b"\r\n--edge-7f3e--\r\n"


# How the plain body is wrapped, and the steps between the protocol and the text in the program's words.
KINDS = {
    "plain": (lambda size: http1({"Content-Type": "text/plain"}, plain_body(size), size), []),
    "gzip": (lambda size: http1({"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
                                chunked(gzipped(plain_body(size)))), ["gzip"]),
    "deflate": (lambda size: http1({"Content-Encoding": "deflate", "Transfer-Encoding": "chunked"},
                                   chunked(zlibbed(plain_body(size)))), ["deflate"]),
    "zstd": (lambda size: http1({"Content-Encoding": "zstd", "Transfer-Encoding": "chunked"},
                                chunked(piped(["zstd", "-q", "-1", "-c"], plain_body(size)))), ["zstd"]),
    "br": (lambda size: http1({"Content-Encoding": "br", "Transfer-Encoding": "chunked"},
                              chunked(piped(["brotli", "-q", "1", "-c"], plain_body(size)))), ["br"]),
    "gzip-in-deflate": (lambda size: http1({"Content-Encoding": "gzip, deflate", "Transfer-Encoding": "chunked"},
                                           chunked(zlibbed(gzipped(plain_body(size))))), ["deflate", "gzip"]),
    "multipart": (lambda size: http1({"Content-Type": "multipart/form-data; boundary=edge-7f3e",
                                      "Transfer-Encoding": "chunked"}, chunked(multipart(plain_body(size), b""))),
                  ["multipart"]),
    "multipart-base64": (lambda size: http1({"Content-Type": "multipart/form-data; boundary=edge-7f3e",
                                             "Transfer-Encoding": "chunked"},
                                            chunked(multipart(in_base64(plain_body(size), 76), b"base64"))),
                         ["multipart", "base64"]),
    "base64": (lambda size: http1({"Content-Type": "text/plain", "Transfer-Encoding": "chunked"},
                                  chunked(in_base64(plain_body(size)))), ["base64"]),
    "form": (lambda size: http1({"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"},
                                chunked(form(plain_body(size)))), ["form", "percent"]),
    "json": (lambda size: http1({"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
                                chunked(json_text(plain_body(size)))), ["json"]),
    "utf-16": (lambda size: http1({"Content-Type": "text/plain; charset=utf-16", "Transfer-Encoding": "chunked"},
                                  chunked(utf16(plain_body(size)))), ["utf-16"]),
    "smtp-mail": (lambda size: smtp(mail(in_base64(plain_body(size), 76))), ["mail", "multipart", "base64"]),
    "http2-plain": (lambda size: http2({"content-type": "text/plain"}, plain_body(size)), []),
    "grpc": (lambda size: grpc(plain_body(size), size), [], ("http/2", "grpc")),
    "websocket": (lambda size: websocket(plain_body(size), size), [], ("websocket",)),
    "websocket-frames": (lambda size: websocket(plain_body(size), size, True), [], ("websocket",)),
    "mqtt": (lambda size: mqtt(plain_body(size), size), [], ("mqtt",)),
    "sse": (lambda size: events(plain_body(size), size), [], ("http/1.1", "event-stream")),
    "http2-gzip": (lambda size: http2({"content-encoding": "gzip"}, gzipped(plain_body(size))), ["gzip"]),
}


def ip_checksum(header):
    total = sum(struct.unpack(">10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Upload:
    """One TCP connection whose client sends nearly everything; the server acknowledges now and then."""

    def __init__(self, out):
        self.out, self.sent, self.clock = out, {True: 1000, False: 5000}, 1_700_000_000_000_000
        self.pending, self.since = bytearray(), 0
        self.heads = {}
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        self.packet(True, b"", 2)
        self.sent[True] += 1
        self.packet(False, b"", 0x12)
        self.sent[False] += 1
        self.packet(True, b"", 0x10)

    def packet(self, up, data, flags):
        size = 40 + len(data)
        head = self.heads.get((up, size))
        if head is None:
            source, target = (CLIENT, SERVER) if up else (SERVER, CLIENT)
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, 0, 0x4000, 64, 6, 0, source, target)
            head = self.heads[(up, size)] = ip[:10] + struct.pack(">H", ip_checksum(ip)) + ip[12:]
        self.clock += 12
        ports = (40000, 80) if up else (80, 40000)
        sequence, acknowledged = self.sent[up], self.sent[not up] if flags & 0x10 else 0
        self.out.write(struct.pack("<IIII", self.clock // 1_000_000, self.clock % 1_000_000, size, size) + head +
                       struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
                       + data)

    def send(self, blocks):
        pending, up = b"", True
        for block in blocks:
            if isinstance(block, Answer) == up:
                if pending:
                    self.segment(pending, up)
                pending, up = b"", not up
            pending += block
            whole = len(pending) // SEGMENT * SEGMENT
            for at in range(0, whole, SEGMENT):
                self.segment(pending[at:at + SEGMENT], up)
            pending = pending[whole:]
        if pending:
            self.segment(pending, up)

    def segment(self, data, up):
        self.packet(up, data, 0x18)
        self.sent[up] += len(data)
        self.since += 1
        if self.since % 8 == 0:
            self.packet(not up, b"", 0x10)


def write(out, kind, size):
    upload = Upload(out)
    upload.send(KINDS[kind][0](size))
    upload.packet(False, b"", 0x10)


def subject(size):
    data = [{"datum": "custom", "value": value, "name": f"at {offset}"} for offset, value in planted_places(size).items()]
    return {"device": {"maker": "Example", "model": "Huge", "system": "Example OS", "addresses": ["192.0.2.17"]}, "data": data}


if __name__ == "__main__":
    import io
    buffered = io.BufferedWriter(io.FileIO(sys.stdout.fileno(), "wb", closefd=False), 1 << 20)
    write(buffered, sys.argv[1], int(sys.argv[2]) * 1000000)
    buffered.flush()
