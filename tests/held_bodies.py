#!/usr/bin/env python3
"""Writes a capture of many uploads at once, none of which ends, to standard output. Nothing of its size is kept.

usage: held_bodies.py FLOWS KILOBYTES

Each connection POSTs a body of its own host, packet by packet in turns with all others, and announces more than ever comes.
The odd ones are gzip. A value stands near the end of each. Nothing of the program's own code is used.
"""
import random
import struct
import sys
import zlib

PHONE, SERVER = bytes([192, 0, 2, 17]), bytes([198, 51, 100, 20])
SEGMENT = 1448
VALUE = "Zqbcdfghjkmnpqrstvwxyz23"
FROM_END = 2000  # of the text, where the value begins


def host(number):
    return f"upload-{number}.example"


def subject():
    return {"device": {"maker": "Example", "model": "Held", "system": "Example OS", "addresses": ["192.0.2.17"]},
            "data": [{"datum": "custom", "value": VALUE}]}


def text(rng, size):
    """Hardly to be compressed: gzip's output is as large as its input, so that it fills as much."""
    body = bytearray(rng.choice(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;:!?()*'") for _ in range(1 << 16))
    body = (body * (size // len(body) + 1))[:size]
    body[size - FROM_END:size - FROM_END + len(VALUE) + 2] = b" " + VALUE.encode() + b" "
    return bytes(body)


def gzipped(rng, size):
    """Stored blocks (RFC 1951 section 3.2.4), flushed: all that was sent can be unpacked."""
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    return packer.compress(text(rng, size)) + packer.flush(zlib.Z_SYNC_FLUSH)


def write(out, flows, size):
    rng = random.Random(1)
    bodies = [text(rng, size), gzipped(rng, size)]
    streams = []
    for number in range(flows):
        body = bodies[number % 2]
        coding = "Content-Encoding: gzip\r\n" if number % 2 else ""
        head = (f"POST /in HTTP/1.1\r\nHost: {host(number)}\r\nContent-Type: text/plain\r\n{coding}"
                f"Content-Length: {len(body) + 200000}\r\n\r\n").encode()
        streams.append((head, body, len(head) + len(body)))
    clock = 1_700_000_000_000_000

    def packet(number, sequence, flags, data):
        nonlocal clock
        clock += 5
        size = 40 + len(data)
        out.write(struct.pack("<IIIIBBHHHBBH", clock // 1_000_000, clock % 1_000_000, size, size, 0x45, 0,
                              size >> 8 | (size & 255) << 8, 0, 64, 64, 6, 0) + PHONE + SERVER +
                  struct.pack(">HHIIBBHHH", 10000 + number, 80, sequence, 0, 0x50, flags, 65535, 0, 0) + data)

    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
    for number in range(flows):
        packet(number, 999, 2, b"")
    at = 0
    while any(at < length for _, _, length in streams):
        for number, (head, body, length) in enumerate(streams):
            if at >= length:
                continue
            begin = at - len(head)
            data = head[at:at + SEGMENT] + body[:max(0, begin + SEGMENT)] if begin < 0 else body[begin:begin + SEGMENT]
            packet(number, 1000 + at, 0x18, data)
        at += SEGMENT


if __name__ == "__main__":
    import io
    buffered = io.BufferedWriter(io.FileIO(sys.stdout.fileno(), "wb", closefd=False), 1 << 20)
    write(buffered, int(sys.argv[1]), int(sys.argv[2]) * 1000)
    buffered.flush()
