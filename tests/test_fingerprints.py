"""JA4 of every ClientHello in the shared captures, against one computed here from the fields that Wireshark sees."""
import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SHARED = ROOT.parent / "shared/captures"
FIELDS = ("tls.handshake.version", "tls.handshake.ciphersuite", "tls.handshake.extension.type",
          "tls.handshake.sig_hash_alg", "tls.handshake.extensions.supported_version",
          "tls.handshake.extensions_alpn_str", "tls.handshake.sig_hash_alg_len")
ENDS = ("ip.src", "ipv6.src", "tcp.srcport", "udp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "udp.dstport")
VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0xfeff: "d1", 0xfefd: "d2"}


def number(text):
    return int(text, 16 if text.lower().startswith("0x") else 10)


def is_grease(value):
    return value & 0x0f0f == 0x0a0a and value >> 8 == value & 0xff


def numbers(text):
    return [value for value in map(number, filter(None, text.split(","))) if not is_grease(value)]


def short(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "0" * 12


def ja4(kind, version, ciphers, extensions, signatures, versions, alpn, lengths):
    ciphers, extensions = numbers(ciphers), numbers(extensions)
    # Wireshark gives those of delegated_credential (34) the same field as those of signature_algorithms (13).
    lists, rest = {}, [number(text) for text in signatures.split(",") if text]
    for kind_of_list, length in zip([value for value in extensions if value in (13, 34)], filter(None, lengths.split(","))):
        lists[kind_of_list], rest = rest[:number(length) // 2], rest[number(length) // 2:]
    signatures = [value for value in lists.get(13, []) if not is_grease(value)]
    top = max(numbers(versions), default=number(version))
    first = alpn.split(",")[0]
    word = "00" if not first else first[0] + first[-1]
    plain = [value for value in extensions if value not in (0, 16)]
    tail = ",".join(f"{value:04x}" for value in sorted(plain))
    if tail and signatures:
        tail += "_" + ",".join(f"{value:04x}" for value in signatures)
    return (f"{kind}{VERSIONS.get(top, '00')}{'d' if 0 in extensions else 'i'}{min(len(ciphers), 99):02}"
            f"{min(len(extensions), 99):02}{word}_{short(','.join(f'{value:04x}' for value in sorted(ciphers)))}_{short(tail)}")


def wireshark(capture):
    """{(client, port, server, port): fingerprint of its first ClientHello}; one with two in a packet is left out."""
    command = ["tshark", "-r", capture, "-Y", "tls.handshake.type==1", "-T", "fields", "-E", "separator=|"]
    for field in (*ENDS, "tls.handshake.type", "quic.version", *FIELDS):
        command += ["-e", field]
    rows = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, check=False).stdout
    found = {}
    for line in rows.decode("utf-8", "replace").splitlines():
        ip_src, ip6_src, tcp_src, udp_src, ip_dst, ip6_dst, tcp_dst, udp_dst, types, quic, *values = line.split("|")
        if types != "1" or len(values) != len(FIELDS) or "," in ip_src or "," in tcp_src or "," in values[0]:
            continue
        key = (ip_src or ip6_src, int(tcp_src or udp_src), ip_dst or ip6_dst, int(tcp_dst or udp_dst))
        found.setdefault(key, ja4("q" if quic else "t", *values))
    return found


class Ja4(unittest.TestCase):
    def test_is_what_the_fields_of_wireshark_make_it(self):
        if not SHARED.is_dir() or shutil.which("tshark") is None:
            self.skipTest("needs the shared captures and tshark")
        compared = 0
        for capture in sorted(SHARED.glob("*/*.pcap*")):
            expected = wireshark(capture)
            if not expected:
                continue
            with self.subTest(capture.name), tempfile.TemporaryDirectory() as folder:
                subject = pathlib.Path(folder) / "any.yaml"
                subject.write_text("data:\n  - {datum: imei, value: '356938035643809'}\n")
                client = next(iter(expected))[0]
                run = subprocess.run([PROGRAM, "audit", capture, "--subject", subject, "--device", client, "--out", folder],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
                self.assertEqual(run.returncode, 0, run.stderr)
                with sqlite3.connect(pathlib.Path(folder) / "audit.db") as database:
                    flows = database.execute("select client, client_port, server, server_port, ja4 from flows "
                                             "where ja4 is not null").fetchall()
                for *ends, got in flows:
                    if tuple(ends) in expected:
                        self.assertEqual(got, expected[tuple(ends)], ends)
                        compared += 1
        self.assertGreater(compared, 0)
        print(f"{compared} ClientHellos compared")


if __name__ == "__main__":
    unittest.main()
