"""TLS 1.3 connections written by hand (RFC 8446), with the key log that opens them: for captures whose every record is known."""
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def expand_label(secret, label, size):
    """RFC 8446 section 7.1, with an empty context."""
    full = b"tls13 " + label
    info = struct.pack(">HB", size, len(full)) + full + b"\0"
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()[:size]


class Keys:
    def __init__(self, secret):
        self.cipher, self.iv, self.number = AESGCM(expand_label(secret, b"key", 16)), expand_label(secret, b"iv", 12), 0

    def record(self, content, kind=23):
        """One application_data record that holds `content`."""
        inner = content + bytes([kind])
        header = struct.pack(">BHH", 23, 0x0303, len(inner) + 16)
        nonce = (int.from_bytes(self.iv, "big") ^ self.number).to_bytes(12, "big")
        self.number += 1
        return header + self.cipher.encrypt(nonce, inner, header)


def extension(kind, body):
    return struct.pack(">HH", kind, len(body)) + body


def handshake(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


class Tls13:
    """Opens a connection on `tcp` (send(data, way)); afterwards send() gives each piece a record of its own."""

    def __init__(self, tcp, rng, host, alpn):
        self.tcp, self.random = tcp, rng.randbytes(32)
        secrets = {label: rng.randbytes(32) for label in
                   ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")}
        self.key_log = "".join(f"{label} {self.random.hex()} {secret.hex()}\n" for label, secret in secrets.items())
        name, word = host.encode(), alpn.encode()
        protocols = extension(16, struct.pack(">HB", len(word) + 1, len(word)) + word)
        offered = (extension(0, struct.pack(">HBH", len(name) + 3, 0, len(name)) + name) + extension(43, b"\x02\x03\x04") + protocols)
        hello = handshake(1, b"\x03\x03" + self.random + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack(">H", len(offered)) + offered)
        chosen = extension(43, b"\x03\x04")
        answer = handshake(2, b"\x03\x03" + rng.randbytes(32) + b"\0" + b"\x13\x01\0" + struct.pack(">H", len(chosen)) + chosen)
        server = Keys(secrets["SERVER_HANDSHAKE_TRAFFIC_SECRET"])
        client = Keys(secrets["CLIENT_HANDSHAKE_TRAFFIC_SECRET"])
        # The frames with both hellos: without them nobody can tell which secrets are this connection's.
        self.hellos = tcp.send(struct.pack(">BHH", 22, 0x0301, len(hello)) + hello)
        self.hellos += tcp.send(
            struct.pack(">BHH", 22, 0x0303, len(answer)) + answer + server.record(handshake(8, struct.pack(">H", len(protocols)) + protocols) + handshake(20, bytes(32)), 22), "received")
        tcp.send(client.record(handshake(20, bytes(32)), 22))
        self.keys = {"sent": Keys(secrets["CLIENT_TRAFFIC_SECRET_0"]), "received": Keys(secrets["SERVER_TRAFFIC_SECRET_0"])}

    def send(self, data, way="sent"):
        """@return the frames that carried the record."""
        return self.tcp.send(self.keys[way].record(data), way)
