"""HTTP/3 of a capture without the program or its libraries: QUIC's streams as tshark decrypts them, put in order here; frames
(RFC 9114) and QPACK (RFC 9204) read from the specifications. Huffman's table is python3-hpack's (RFC 7541 appendix B)."""
import collections
import sys

sys.path.append("/usr/lib/python3/dist-packages")
from hpack.huffman_table import decode_huffman  # noqa: E402

import evidence_oracle  # noqa: E402

# RFC 9204 appendix A.
STATIC = [tuple(line.split("|")) for line in """\
:authority|
:path|/
age|0
content-disposition|
content-length|0
cookie|
date|
etag|
if-modified-since|
if-none-match|
last-modified|
link|
location|
referer|
set-cookie|
:method|CONNECT
:method|DELETE
:method|GET
:method|HEAD
:method|OPTIONS
:method|POST
:method|PUT
:scheme|http
:scheme|https
:status|103
:status|200
:status|304
:status|404
:status|503
accept|*/*
accept|application/dns-message
accept-encoding|gzip, deflate, br
accept-ranges|bytes
access-control-allow-headers|cache-control
access-control-allow-headers|content-type
access-control-allow-origin|*
cache-control|max-age=0
cache-control|max-age=2592000
cache-control|max-age=604800
cache-control|no-cache
cache-control|no-store
cache-control|public, max-age=31536000
content-encoding|br
content-encoding|gzip
content-type|application/dns-message
content-type|application/javascript
content-type|application/json
content-type|application/x-www-form-urlencoded
content-type|image/gif
content-type|image/jpeg
content-type|image/png
content-type|text/css
content-type|text/html; charset=utf-8
content-type|text/plain
content-type|text/plain;charset=utf-8
range|bytes=0-
strict-transport-security|max-age=31536000
strict-transport-security|max-age=31536000; includesubdomains
strict-transport-security|max-age=31536000; includesubdomains; preload
vary|accept-encoding
vary|origin
x-content-type-options|nosniff
x-xss-protection|1; mode=block
:status|100
:status|204
:status|206
:status|302
:status|400
:status|403
:status|421
:status|425
:status|500
accept-language|
access-control-allow-credentials|FALSE
access-control-allow-credentials|TRUE
access-control-allow-headers|*
access-control-allow-methods|get
access-control-allow-methods|get, post, options
access-control-allow-methods|options
access-control-expose-headers|content-length
access-control-request-headers|content-type
access-control-request-method|get
access-control-request-method|post
alt-svc|clear
authorization|
content-security-policy|script-src 'none'; object-src 'none'; base-uri 'none'
early-data|1
expect-ct|
forwarded|
if-range|
origin|
purpose|prefetch
server|
timing-allow-origin|*
upgrade-insecure-requests|1
user-agent|
x-forwarded-for|
x-frame-options|deny
x-frame-options|sameorigin""".split("\n")]
assert len(STATIC) == 99


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def done(self):
        return self.at >= len(self.data)

    def take(self, count):
        if self.at + count > len(self.data):
            raise IndexError
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):  # RFC 9000 section 16
        size = 1 << (self.data[self.at] >> 6)
        return int.from_bytes(self.take(size), "big") & (1 << (8 * size - 2)) - 1

    def integer(self, bits):  # RFC 7541 section 5.1
        most = (1 << bits) - 1
        value = self.take(1)[0] & most
        shift = 0
        while value >= most:
            byte = self.take(1)[0]
            value += (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        return value

    def text(self, bits):  # the bit above the length says whether it is Huffman coded
        huffman = self.data[self.at] >> bits & 1
        data = self.take(self.integer(bits))
        return bytes(decode_huffman(data)) if huffman else bytes(data)


def static(index):
    name, value = STATIC[index]
    return name.encode(), value.encode()


class Table:
    """The dynamic table as an encoder stream fills it; nothing is evicted, since indices are absolute."""

    def __init__(self, instructions):
        self.entries, self.capacity = [], 0
        reader = Reader(instructions)
        try:
            while not reader.done():
                self.instruct(reader)
        except IndexError:
            pass

    def instruct(self, reader):  # RFC 9204 section 4.3
        first = reader.data[reader.at]
        if first & 0x80:
            index = reader.integer(6)
            name = static(index)[0] if first & 0x40 else self.entries[len(self.entries) - 1 - index][0]
            self.entries.append((name, reader.text(7)))
        elif first & 0x40:
            name = reader.text(5)
            self.entries.append((name, reader.text(7)))
        elif first & 0x20:
            self.capacity = reader.integer(5)
        else:
            self.entries.append(self.entries[len(self.entries) - 1 - reader.integer(5)])

    def fields(self, section):  # RFC 9204 section 4.5
        reader = Reader(section)
        required = reader.integer(8)
        if required:
            full = 2 * max(1, (self.capacity or 4096) // 32)
            most = len(self.entries) + full // 2
            required = most // full * full + required - 1
            required -= full if required > most else 0
        sign = reader.data[reader.at] & 0x80
        delta = reader.integer(7)
        base = required - delta - 1 if sign else required + delta
        while not reader.done():
            yield self.field(reader, base)

    def field(self, reader, base):
        first = reader.data[reader.at]
        if first & 0x80:
            index = reader.integer(6)
            return static(index) if first & 0x40 else self.entries[base - 1 - index]
        if first & 0x40:
            index = reader.integer(4)
            name = static(index)[0] if first & 0x10 else self.entries[base - 1 - index][0]
            return name, reader.text(7)
        if first & 0x20:
            name = reader.text(3)
            return name, reader.text(7)
        if first & 0x10:
            return self.entries[base + reader.integer(4)]
        return self.entries[base + reader.integer(3)][0], reader.text(7)


def put_together(pieces):
    """A stream's bytes up to its first gap."""
    data = bytearray()
    for offset, piece in sorted(pieces):
        if offset > len(data):
            break
        data[offset:offset + len(piece)] = piece if offset + len(piece) > len(data) else data[offset:offset + len(piece)]
    return bytes(data)


def quic_streams(path):
    """{(connection, from the client, stream): bytes}, from tshark's dissection of decrypted STREAM frames."""
    import xml.etree.ElementTree as ElementTree
    pieces = collections.defaultdict(list)
    root = ElementTree.fromstring(evidence_oracle.tshark(path, "-Y", "quic", "-T", "pdml"))
    for packet in root.iter("packet"):
        for quic in packet.findall("proto[@name='quic']"):
            number = next((each.get("show") for each in quic.iter("field") if each.get("name") == "quic.connection.number"), "0")
            for frame in quic.iter("field"):
                if frame.get("name") != "quic.frame":
                    continue
                inside = {each.get("name"): each for each in frame.iter("field")}
                if "quic.stream_data" not in inside:
                    continue
                stream = int(inside["quic.stream.stream_id"].get("show"), 0)
                offset = int(inside["quic.stream.offset"].get("show"), 0) if "quic.stream.offset" in inside else 0
                ports = [each.get("show") for each in packet.iter("field") if each.get("name") == "udp.srcport"]
                pieces[number, ports[-1], stream].append((offset, bytes.fromhex(inside["quic.stream_data"].get("value"))))
    return {key: put_together(each) for key, each in pieces.items()}


def messages(path):
    """Field sections as `name: value` lines and bodies, like the data sources of evidence_oracle."""
    found, streams = [], quic_streams(path)
    encoders = {}
    for (connection, sender, stream), data in streams.items():
        if stream & 2 and data[:1] == b"\x02":  # RFC 9204 section 4.2
            encoders[connection, sender] = Table(data[1:])
    for (connection, sender, stream), data in sorted(streams.items()):
        if stream & 2:
            continue
        table, reader, body, lines = encoders.get((connection, sender), Table(b"")), Reader(data), bytearray(), []
        try:
            while not reader.done():
                kind, payload = reader.varint(), reader.take(reader.varint())
                if kind == 0:
                    body += payload
                elif kind == 1:
                    lines += [name + b": " + value for name, value in table.fields(payload)]
        except IndexError:
            pass
        found += [("HTTP/3 fields", b"\n".join(lines)), ("HTTP/3 body", bytes(body)), ("QUIC stream", data)]
    return found
