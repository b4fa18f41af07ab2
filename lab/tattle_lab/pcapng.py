"""Reads tcpdump's pcap file and writes pcapng: nanoseconds in, microseconds out, with the TLS keys inside.

Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng (Section Header, Interface Description, Enhanced Packet and
Decryption Secrets Blocks).
"""

import struct

TLS_KEY_LOG = 0x544C534B


def read_pcap(data):
    """Whole packets of a pcap file that may still be growing: [(time in ns, bytes)]."""
    magic = struct.unpack_from("<I", data)[0] if len(data) >= 24 else 0
    scale = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}.get(magic)
    packets = []
    offset = 24
    while scale and offset + 16 <= len(data):
        seconds, fraction, size, _ = struct.unpack_from("<IIII", data, offset)
        if offset + 16 + size > len(data):
            break
        packets.append((seconds * 10**9 + fraction * scale, data[offset + 16:offset + 16 + size]))
        offset += 16 + size
    return packets


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def write_pcapng(path, packets, keys, comment):
    """Writes packets [(time in ns, bytes)] of one Ethernet interface, the key log before them so that one pass suffices.

    The interface comes first of all, as Wireshark writes it: its editcap asks for a link type before it meets secrets.
    """
    options = option(1, comment.encode()) + option(4, b"tattle lab") + bytes(4)
    header = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options
    interface = struct.pack("<HHI", 1, 0, 262144) + option(2, b"home") + option(9, b"\x06") + bytes(4)
    blocks = [block(0x0A0D0D0A, header), block(1, interface)]
    if keys:
        blocks.append(block(0x0A, struct.pack("<II", TLS_KEY_LOG, len(keys)) + keys))
    for time, data in packets:
        micros = time // 1000
        head = struct.pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(data), len(data))
        blocks.append(block(6, head + data))
    path.write_bytes(b"".join(blocks))
