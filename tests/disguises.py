"""An invented person's values, how people and programs write them, and where in traffic they are put.

Written from the formats' own rules (E.164 and each country's custom, RFC 9562, IEEE 802, 3GPP TS 23.003), not from what the
program knows."""
import base64
import gzip
import hashlib
import json
import random
import re
import subprocess
import urllib.parse
import zlib

UUID = "8b1c2d3e-4f50-4a61-9b72-8c83d94ea5f6"
AGENT = "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)"
LONG_SMS = "Lääkäri soitti äsken: kokeiden tulokset ovat valmiit, ja ne voi hakea maanantaina kello 9.45"


def iccid():
    digits = "893580123456789012"
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


# (name of the entry, datum, fields)
PERSON = [
    ("imei", "imei", {"value": "356938035643809"}), ("meid", "meid", {"value": "A10000009296F2"}),
    ("imsi", "imsi", {"value": "244120123456789"}), ("iccid", "iccid", {"value": iccid()}),
    ("serial", "serial-number", {"value": "RF8M20ABCDE"}), ("device", "device-id", {"value": "5f2c9a7be13d4e60a8b41c77d20f93e6"}),
    ("android", "android-id", {"value": "a3f5c1d29b7e4860"}), ("adid", "advertising-id", {"value": UUID}),
    ("account", "account-id", {"value": "0003BFFDC7A2E9F1"}), ("nick", "username", {"value": "kuutamo_rieha84"}),
    ("password", "password", {"value": "Kesä!Mökki#2014"}), ("person", "name", {"value": "Aino Ilmatar Virtanen"}),
    ("born", "birthday", {"value": "1984-03-17"}), ("email", "email", {"value": "aino.virtanen@example.com"}),
    ("tagged", "email", {"value": "aino+lumia@post.example.org"}), ("street", "address", {"value": "Kuvitelmakatu 18 A 4, Olematon"}),
    ("fi", "phone-number", {"value": "+358 40 123 4567"}), ("us", "phone-number", {"value": "+1 202 555 0147"}),
    ("uk", "phone-number", {"value": "+44 7700 900123"}), ("de", "phone-number", {"value": "+49 30 23125456"}),
    ("fr", "phone-number", {"value": "+33 1 99 00 12 34"}), ("se", "phone-number", {"value": "+46 70 174 06 05"}),
    ("contact#1", "contact", {"name": "Eino Kuvitelma", "phone-number": "+358 45 111 2222", "email": "eino@kuvitelma.example"}),
    ("sms", "sms", {"value": "Nähdään kello kuusi Kampissa", "from": "+358 50 765 4321"}), ("long", "sms", {"value": LONG_SMS}),
    ("call", "call", {"to": "+358 44 987 6501"}), ("voice", "voicemail", {"value": "Soitan huomenna uudestaan", "from": "+44 7700 900456"}),
    ("mail", "mail", {"value": "Sopimus on liitteenä, allekirjoita", "subject": "Vuokrasopimus Q-771", "from": "isanta@vuokra.example"}),
    ("wifi", "wifi-network", {"ssid": "Virtaset-5G-koti", "bssid": "00:1A:2B:3C:4D:5E"}),
    ("bt", "bluetooth", {"value": "00:1B:DC:0F:3A:71"}), ("mac", "mac-address", {"value": "9C:2A:83:4F:10:EE"}),
    ("agent", "user-agent", {"value": AGENT}), ("agenda", "calendar", {"value": "Hammaslääkäri, Olematonkatu"}),
    ("memo", "note", {"value": "Ovikoodi 7731 pihan puolelta"}), ("clip", "clipboard", {"value": "FI99 1234 5600 0007 85"}),
    ("asked", "search", {"value": "uupumus oireet hoito"}), ("page", "browsing", {"url": "https://www.klinikka.example/terveys/"}),
    ("own", "custom", {"value": "ZX-81-QQ-4417"}),
]


def macs(value):
    hexes = value.replace(":", "")
    pairs = re.findall("..", hexes)
    return [mark.join(pairs) for mark in (":", "-", ".", " ", "")] + [value.lower(), "-".join(pairs).lower(), hexes.lower(),
            ".".join(re.findall("....", hexes.lower()))]


# How each part is usually written: (entry, part) -> spellings. Others are written as planted and in either case.
SPELLINGS = {
    ("imei", "value"): ["356938035643809", "35-693803-564380-9", "35 693803 564380 9", "356938-03-564380-9", "35693803 564380 9",
                        "35693803564380", "3569380356438015"],
    ("iccid", "value"): [iccid(), " ".join(re.findall("....|...", iccid()))],
    ("adid", "value"): [UUID, UUID.upper(), UUID.replace("-", ""), UUID.replace("-", "").upper(), "{" + UUID + "}", "{" + UUID.upper() + "}"],
    ("born", "value"): ["1984-03-17", "19840317", "17.3.1984", "17.03.1984", "17/03/1984", "03/17/1984", "3/17/1984", "1984/03/17"],
    ("fi", "value"): ["+358401234567", "358401234567", "00358401234567", "+358 40 123 4567", "+358-40-123-4567", "0401234567",
                      "040 123 4567", "040-123 4567", "040-1234567", "040 1234567", "+358 (0)40 123 4567", "401234567", "tel:+358-40-123-4567"],
    ("us", "value"): ["+12025550147", "12025550147", "2025550147", "(202) 555-0147", "202-555-0147", "202.555.0147", "202 555 0147",
                      "+1 (202) 555-0147", "+1 202-555-0147", "1-202-555-0147", "(202)555-0147", "tel:+1-202-555-0147"],
    ("uk", "value"): ["+447700900123", "447700900123", "00447700900123", "07700 900123", "07700900123", "07700-900123",
                      "+44 7700 900123", "+44 (0)7700 900123", "7700900123"],
    ("de", "value"): ["+493023125456", "493023125456", "03023125456", "030 23125456", "030/23125456", "030-23125456", "+49 (0)30 23125456",
                      "+49 30 23125456"],
    ("fr", "value"): ["+33199001234", "0199001234", "01 99 00 12 34", "01.99.00.12.34", "01-99-00-12-34", "+33 1 99 00 12 34",
                      "0033199001234", "+33 (0)1 99 00 12 34"],
    ("se", "value"): ["+46701740605", "0701740605", "070-174 06 05", "070-1740605", "+46 70 174 06 05", "0046701740605"],
    ("contact#1", "phone-number"): ["+358451112222", "0451112222", "045 1112222", "045 111 2222"],
    ("sms", "from"): ["+358507654321", "0507654321"], ("call", "to"): ["+358449876501", "044 987 6501", "0449876501"],
    ("voice", "from"): ["+447700900456", "07700 900456"],
    ("wifi", "bssid"): macs("00:1A:2B:3C:4D:5E"), ("bt", "value"): macs("00:1B:DC:0F:3A:71"), ("mac", "value"): macs("9C:2A:83:4F:10:EE"),
    ("page", "url"): ["https://www.klinikka.example/terveys/", "http://www.klinikka.example/terveys/", "www.klinikka.example/terveys/",
                      "https://www.klinikka.example/terveys"],
    ("long", "value"): [LONG_SMS, LONG_SMS[:64]], ("agent", "value"): [AGENT],
}


def spellings():
    """(entry, part, text) for everything."""
    for name, _, fields in PERSON:
        for part, value in fields.items():
            texts = SPELLINGS.get((name, part)) or list(dict.fromkeys([value, value.lower(), value.upper()]))
            for text in texts:
                yield name, part, text


# Writings that only a person would choose, or whose hash nobody can know beforehand (a software version, a cut text).
NOT_HASHED = {"3569380356438015", "040 123 4567", "040-123 4567", "+358 (0)40 123 4567", "tel:+358-40-123-4567", "+1 (202) 555-0147",
              "(202)555-0147", "tel:+1-202-555-0147", "+44 (0)7700 900123", "030/23125456", "+49 (0)30 23125456", "+33 (0)1 99 00 12 34",
              "070-1740605", "045 111 2222", "044 987 6501", LONG_SMS[:64]}


def hashed_spellings():
    for name, part, text in spellings():
        if text not in NOT_HASHED:
            yield name, part, text


def subject_yaml(extra=()):
    lines = []
    for name, datum, fields in PERSON:
        named = {} if datum == "contact" else {"name": name}
        lines.append(json.dumps({"datum": datum, **named, **fields}))
    return "device: {addresses: ['192.0.2.17', '2001:db8:1::17']}\ndata:\n" + "".join(f"  - {line}\n" for line in [*lines, *extra])


def tool(*command):
    return lambda data: subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def post(host, body, kind="text/plain", more=""):
    return f"POST /in HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(host, target, more=""):
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()


def escaped(text):
    return "".join(f"\\u{int.from_bytes(unit, 'big'):04x}" for unit in
                   (text.encode("utf-16-be")[i:i + 2] for i in range(0, 2 * len(text), 2)))


def chunked(host, body):
    parts = b"".join(b"%x;x=1\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7))
    return f"POST /in HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + parts + b"0\r\n\r\n"


def multipart(host, value, file):
    name = 'name="f"; filename="x.txt"\r\nContent-Type: text/plain' if file else 'name="x"'
    body = f"--Zq81\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--Zq81\r\nContent-Disposition: form-data; {name}\r\n\r\n{value}\r\n--Zq81--\r\n"
    return post(host, body.encode(), "multipart/form-data; boundary=Zq81")


def q(text):
    return urllib.parse.quote(text, safe="")


def js(value):
    return json.dumps({"n": 1, "x": value, "z": [True, None]}, ensure_ascii=False)


def b64(data, url=False):
    raw = data if isinstance(data, bytes) else data.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=") if url else base64.b64encode(raw).decode()


JSON = "application/json"
# name -> (host, text) -> bytes of a request
PLACES = {
    "query": lambda h, v: get(h, "/a?n=1&x=" + q(v) + "&z=2"),
    "form": lambda h, v: post(h, ("n=1&x=" + urllib.parse.quote_plus(v) + "&z=2").encode(), "application/x-www-form-urlencoded"),
    "path": lambda h, v: get(h, "/v1/" + q(v) + "/x"),
    "path-end": lambda h, v: get(h, "/v1/" + q(v)),
    "percent-header": lambda h, v: get(h, "/", f"X-Data: {q(v)}\r\n"),
    "cookie": lambda h, v: get(h, "/", f"Cookie: a=1; x={q(v)}; b=2\r\n"),
    "json": lambda h, v: post(h, js(v).encode(), JSON),
    "json-array": lambda h, v: post(h, json.dumps([[1, [v, "b"]], "c"]).encode(), JSON),
    "json-key": lambda h, v: post(h, json.dumps({v: 1}).encode(), JSON),
    "json-escaped": lambda h, v: post(h, ('{"n":1,"x":"' + escaped(v) + '"}').encode(), JSON),
    "json-in-json": lambda h, v: post(h, js(js(v)).encode(), JSON),
    "json-in-json-in-json": lambda h, v: post(h, json.dumps({"p": json.dumps({"q": json.dumps({"x": v})})}).encode(), JSON),
    "json-undeclared": lambda h, v: post(h, js(v).encode(), "application/octet-stream"),
    "base64-json": lambda h, v: post(h, json.dumps({"d": b64(js(v))}).encode(), JSON),
    "base64url-query": lambda h, v: get(h, "/a?d=" + b64(js(v), url=True)),
    "base64-header": lambda h, v: get(h, "/", f"Authorization: Basic {b64('x:' + v)}\r\n"),
    "base64-in-text": lambda h, v: post(h, f"begin of a log {b64(js(v))} and its end".encode()),
    "base64-twice": lambda h, v: post(h, json.dumps({"d": b64(b64(js(v)))}).encode(), JSON),
    "gzip-in-base64": lambda h, v: post(h, json.dumps({"d": b64(gzip.compress(js(v).encode(), mtime=0))}).encode(), JSON),
    "hex": lambda h, v: post(h, json.dumps({"d": js(v).encode().hex()}).encode(), JSON),
    "multipart": lambda h, v: multipart(h, v, False),
    "multipart-file": lambda h, v: multipart(h, v, True),
    "gzip": lambda h, v: post(h, gzip.compress(js(v).encode(), mtime=0), JSON, "Content-Encoding: gzip\r\n"),
    "deflate": lambda h, v: post(h, zlib.compress(js(v).encode()), JSON, "Content-Encoding: deflate\r\n"),
    "raw-deflate": lambda h, v: post(h, zlib.compress(js(v).encode())[2:-4], JSON, "Content-Encoding: deflate\r\n"),
    "undeclared-gzip": lambda h, v: post(h, gzip.compress(js(v).encode(), mtime=0), "application/octet-stream"),
    "utf-16-le": lambda h, v: post(h, b"\xff\xfe" + f"data {v} end".encode("utf-16-le")),
    "utf-16-be": lambda h, v: post(h, b"\xfe\xff" + f"data {v} end".encode("utf-16-be")),
    "utf-16-json": lambda h, v: post(h, js(v).encode("utf-16-le"), "application/json; charset=utf-16le"),
    "utf-16-bare": lambda h, v: post(h, b"\x03\x00\x01\x7f" + v.encode("utf-16-le") + b"\0\0\x09\xff", "application/octet-stream"),
    "text": lambda h, v: post(h, f"data {v} end".encode()),
    "text-quoted": lambda h, v: post(h, f"log: '{v}';".encode()),
    "xml": lambda h, v: post(h, f"<r><x>{v}</x></r>".encode(), "application/xml"),
    "xml-attribute": lambda h, v: post(h, f"<r x=\"{v}\"/>".encode(), "application/xml"),
    "counted": lambda h, v: post(h, b"\x0a" + bytes([len(v.encode()) % 128]) + v.encode() + b"\x12\x03abc", "application/x-protobuf"),
    "chunked": lambda h, v: chunked(h, f"data {v} end".encode()),
    "query-in-query": lambda h, v: get(h, "/a?u=" + q("http://other.example/?x=" + q(v))),
    "plus": lambda h, v: get(h, "/a?x=" + urllib.parse.quote_plus(v)),
    "referer": lambda h, v: get(h, "/", "Referer: http://other.example/?x=" + q(v) + "\r\n"),
}
SLOW_PLACES = {  # a program is started for each
    "br": lambda h, v: post(h, tool("brotli", "-c")(js(v).encode()), JSON, "Content-Encoding: br\r\n"),
    "zstd": lambda h, v: post(h, tool("zstd", "-qc")(js(v).encode()), JSON, "Content-Encoding: zstd\r\n"),
}
WRITINGS = {"hex": bytes.hex, "HEX": lambda d: d.hex().upper(), "base64": b64, "base64url": lambda d: b64(d, url=True)}
DIGESTS = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}


def decoys(name, part, text, rng):
    """Texts that look like `text` and are not the person's."""
    spots = [i for i, c in enumerate(text[:40]) if c.isascii() and c.isalnum()]
    spot = spots[len(spots) // 2]
    other = {c: chr((ord(c) - base + 1) % size + base) for base, size in ((48, 10), (65, 26), (97, 26)) for c in map(chr, range(base, base + size))}
    if text.startswith("tel:"):  # says itself that it is a phone number, whoever's
        return
    if text[spot] in "fF" and name in ("device", "android", "adid", "meid", "account", "wifi", "bt", "mac"):
        changed = "0"
    else:
        changed = other[text[spot]]
    yield "one off", text[:spot] + changed + text[spot + 1:]
    if part != "url" and len(text) < 60:
        glue = str(rng.randint(1, 9)) if text[0].isdigit() or text[0] == "+" else "abcdef"[rng.randint(0, 5)] if re.fullmatch("[0-9a-fA-F:.-]+", text) else "k"
        tail = str(rng.randint(11, 99)) if text[-1].isdigit() else "be" if re.fullmatch("[0-9a-fA-F:. -]+", text) else "k"
        if text[0].isalnum() and text[-1].isalnum() and (len(text) < 32 or re.fullmatch("[0-9a-fA-F-]+", text)):
            yield "inside another", glue + text + tail
    if part != "url" and len(text) < 60 and name != "imei" and not text.startswith("{"):
        yield "cut", text[:-1]
