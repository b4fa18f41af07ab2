"""Writes captures by hand, with nothing of the program's own code: Ethernet, IPv4 and IPv6, TCP, UDP, DNS questions.

Every byte sent is known together with the frame that carried it, so that a test can say which frames hold a value."""
import ipaddress
import struct

PHONE4, PHONE6 = "192.0.2.17", "2001:db8:1::17"
RESOLVER4 = "192.0.2.53"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    """A pcap in the making. Frames are numbered from 1, as Wireshark does."""

    def __init__(self):
        self.frames = []
        self.clock = 1_353_945_600_000_000  # microseconds
        self.port = 20000

    def write(self, path):
        out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
        for when, frame in self.frames:
            out.append(struct.pack("<IIII", when // 1_000_000, when % 1_000_000, len(frame), len(frame)) + frame)
        path.write_bytes(b"".join(out))

    def _ip(self, source, target, protocol, segment, checksum_at):
        a, b = ipaddress.ip_address(source), ipaddress.ip_address(target)
        if a.version == 4:
            pseudo = a.packed + b.packed + struct.pack(">BBH", 0, protocol, len(segment))
        else:
            pseudo = a.packed + b.packed + struct.pack(">IBBBB", len(segment), 0, 0, 0, protocol)
        segment = bytearray(segment)
        struct.pack_into(">H", segment, checksum_at, checksum(pseudo + bytes(segment)) or 0xFFFF)
        if a.version == 4:
            head = bytearray(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0, a.packed, b.packed))
            struct.pack_into(">H", head, 10, checksum(bytes(head)))
            kind = 0x0800
        else:
            head = struct.pack(">IHBB16s16s", 0x60000000, len(segment), protocol, 64, a.packed, b.packed)
            kind = 0x86DD
        self.clock += 50
        self.frames.append((self.clock, b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + struct.pack(">H", kind) + bytes(head) + bytes(segment)))
        return len(self.frames)

    def udp(self, source, target, data, port=9999, from_port=None):
        self.port = self.port + 1 if self.port < 60000 else 20001
        return self._ip(source, target, 17, struct.pack(">HHHH", from_port or self.port, port, 8 + len(data), 0) + data, 6)

    def dns_query(self, name, phone=PHONE4, resolver=RESOLVER4):
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        return self.udp(phone, resolver, struct.pack(">HHHHHH", 77, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\x01\0\x01", 53)

    def tcp(self, client, server, port=80):
        return Connection(self, client, server, port)


class Connection:
    """One TCP connection, opened and acknowledged as the field does it."""

    def __init__(self, capture, client, server, port):
        self.capture = capture
        capture.port = capture.port + 1 if capture.port < 60000 else 20001
        self.ends = {"sent": (client, capture.port), "received": (server, port)}
        self.next = {"sent": 0xFFFFFF00, "received": 5000}  # wraps early on
        self.sent = {"sent": [], "received": []}  # (frame, bytes)
        self._segment("sent", b"", 0x02)
        self.next["sent"] = (self.next["sent"] + 1) & 0xFFFFFFFF
        self._segment("received", b"", 0x12)
        self.next["received"] += 1
        self._segment("sent", b"", 0x10)

    def _segment(self, way, data, flags):
        back = "received" if way == "sent" else "sent"
        (source, from_port), (target, to_port) = self.ends[way], self.ends[back]
        head = struct.pack(">HHIIBBHHH", from_port, to_port, self.next[way], 0 if flags == 2 else self.next[back], 0x50, flags, 65535, 0, 0)
        return self.capture._ip(source, target, 6, head + data, 16)

    def send(self, data, way="sent", size=1400):
        """@return the frames that carried it."""
        frames = []
        for at in range(0, len(data), size):
            piece = data[at:at + size]
            frame = self._segment(way, piece, 0x18)
            self.next[way] = (self.next[way] + len(piece)) & 0xFFFFFFFF
            self.sent[way].append((frame, piece))
            frames.append(frame)
        self._segment("received" if way == "sent" else "sent", b"", 0x10)
        return frames

    def close(self):
        for way in ("sent", "received"):
            self._segment(way, b"", 0x11)
            self.next[way] = (self.next[way] + 1) & 0xFFFFFFFF
        self._segment("sent", b"", 0x10)

    def frames_with(self, needle, way="sent"):
        """Frames that carried the first place of `needle`; empty when it was never sent as such."""
        whole = b"".join(piece for _, piece in self.sent[way])
        begin = whole.find(needle)
        if begin < 0:
            return set()
        frames, at = set(), 0
        for frame, piece in self.sent[way]:
            if at < begin + len(needle) and begin < at + len(piece):
                frames.add(frame)
            at += len(piece)
        return frames
