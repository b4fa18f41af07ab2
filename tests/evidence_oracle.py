"""What Wireshark shows of a capture, and whether a planted value is in it: shares no code with the program.

tshark dissects, decrypts, reassembles and decompresses; what it leaves (text in text) is unwrapped here, in every way that
fits and without knowing the program's path."""
import base64
import binascii
import collections
import hashlib
import html
import re
import struct
import subprocess
import urllib.parse
import zlib

DEPTH = 5        # steps of unwrapping
MOST = 400       # texts unwrapped of one slice
SEPARATORS = re.compile(r"[\s\-:.()+]")


def tshark(path, *arguments):
    """Opened as it comes: no keys, no preferences, no profile of the user's."""
    done = subprocess.run(["tshark", "-C", "Default", "-n", "-r", str(path), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def data_sources(path):
    """Every run of bytes that tshark shows: (title, bytes), frames included."""
    sources, title, data = [], None, bytearray()
    for line in tshark(path, "-x").decode("latin-1").split("\n"):
        if re.fullmatch(r"[0-9a-f]{4,8}  [0-9a-f ]{47,50}.*", line):
            data += bytes.fromhex(line[line.index("  ") + 2:][:48])
        elif match := re.fullmatch(r"(.+) \(\d+ bytes\):", line):
            if data:
                sources.append((title, bytes(data)))
            title, data = match[1], bytearray()
        elif not line and data:
            sources.append((title or "Frame", bytes(data)))
            title, data = None, bytearray()
    if data:
        sources.append((title or "Frame", bytes(data)))
    return sources


def streams(path):
    """Streams as tshark puts them together, decrypted where it can: what its own dissectors show piece by piece."""
    numbers = set(tshark(path, "-T", "fields", "-e", "tcp.stream").decode().split())
    found = []
    for number in sorted(numbers):
        for kind in ("tls", "tcp"):
            shown = tshark(path, "-q", "-z", f"follow,{kind},raw,{number}").decode()
            sides = collections.defaultdict(bytes)
            for line in shown.split("\n"):
                if re.fullmatch(r"\t?(?:[0-9a-f]{2})+", line):
                    sides[line.startswith("\t")] += bytes.fromhex(line.strip())
            found += [(f"stream {number} {kind}", each) for each in sides.values() if each]
    return found


def told(path):
    """What tshark prints of names and fields that travel in a coding of their own (DNS labels, NetBIOS names, CoAP's path);
    without the comments, which are the program's own."""
    lines = [line.strip() for line in tshark(path, "-V").decode(errors="replace").split("\n")]
    kept, comment = [], False
    for line in lines:
        comment = line.startswith("Packet comments") or (comment and not line.startswith("Frame "))
        if not comment:
            kept.append(line)
    return [("text", each.encode()) for each in kept if len(each) > 5]


def piped(data, *command):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=20)
    return done.stdout if done.returncode == 0 else b""


def inflated(data, bits):
    try:
        return zlib.decompressobj(bits).decompress(data, 1 << 24)
    except zlib.error:
        return b""


def unwrapped(data):
    """Everything that these bytes may hold one step further in."""
    if data[:2] == b"\x1f\x8b":
        yield inflated(data, 31)
    if data[:1] == b"\x78":
        yield inflated(data, 15)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        yield piped(data, "zstd", "-dc")
    text = data.decode("latin-1")
    if "%" in text or "+" in text:
        yield urllib.parse.unquote_to_bytes(text.replace("+", " ").encode("latin-1"))
    if "\\" in text:
        yield re.sub(r"(?:\\u[0-9a-fA-F]{4})+", lambda match: bytes.fromhex(match[0].replace("\\u", "")).decode(
            "utf-16-be", "replace").encode().decode("latin-1"), text).replace("\\\"", "\"").replace("\\/", "/").replace(
            "\\\\", "\\").encode("latin-1")
    if "&" in text and ";" in text:
        yield html.unescape(text).encode("utf-8", "replace")
    if data.count(0) * 3 > len(data):
        yield data.decode("utf-16-le", "ignore").encode("utf-8", "ignore")
        yield data.decode("utf-16-be", "ignore").encode("utf-8", "ignore")
    for token in set(re.findall(r"[A-Za-z0-9+/_-]{12,}={0,2}", text)):
        try:
            yield base64.b64decode(token.translate(str.maketrans("-_", "+/")).rstrip("=") + "=" * (-len(token.rstrip("=")) % 4))
        except (binascii.Error, ValueError):
            pass
        if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", token):
            yield bytes.fromhex(token)


def everything_in(sources):
    """All texts, breadth first; brotli and raw deflate have no sign of their own and are tried on the sources alone."""
    queue = collections.deque((data, 0) for _, data in sources)
    for title, data in sources:
        if title and not title.startswith(("Frame", "stream")):
            queue.append((inflated(data, -15), 1))
            queue.append((piped(data, "brotli", "-dc"), 1))
    seen = set()
    while queue and len(seen) < MOST:
        data, depth = queue.popleft()
        if len(data) < 4 or data in seen:
            continue
        seen.add(data)
        yield data
        if depth < DEPTH:
            for inner in unwrapped(data):
                queue.append((inner, depth + 1))


def squeezed(text):
    return SEPARATORS.sub("", text).lower()


def spellings(value):
    """The ways in which programs write a value before they hash it."""
    forms = {value, value.lower(), value.upper(), value.strip(), squeezed(value), squeezed(value).upper(),
             SEPARATORS.sub("", value)}
    if value.startswith("+"):
        forms |= {"+" + squeezed(value), "0" + squeezed(value)[3:]}
    return forms


def digests(value, algorithm):
    for form in spellings(value):
        for coded in (form.encode(), form.encode("utf-16-le")):
            yield hashlib.new(algorithm, coded).digest()


def gps_of(jpeg):
    """Degrees in a photo's EXIF data (Exif 2.3 section 4.6.6), or None."""
    start = jpeg.find(b"Exif\0\0")
    if start < 0:
        return None
    tiff = jpeg[start + 6:]
    order = "<" if tiff[:2] == b"II" else ">"

    def entries(at):
        for i in range(struct.unpack_from(order + "H", tiff, at)[0]):
            yield struct.unpack_from(order + "HHI4s", tiff, at + 2 + 12 * i)

    def offset(raw):
        return struct.unpack(order + "I", raw)[0]

    for tag, _, _, raw in entries(offset(tiff[4:8])):
        if tag != 0x8825:
            continue
        gps = {tag: (count, raw) for tag, _, count, raw in entries(offset(raw))}

        def degrees(tag, negative):
            parts = struct.unpack_from(order + "6I", tiff, offset(gps[tag][1]))
            value = sum(parts[2 * i] / parts[2 * i + 1] / 60 ** i for i in range(3))
            return -value if gps[tag - 1][1][:1] == negative else value
        return degrees(2, b"S"), degrees(4, b"W")
    return None


def near(text, latitude, longitude):
    """Whether numbers in a text name this place, to about a hundred metres."""
    numbers = [float(each) for each in re.findall(r"-?\d{1,3}\.\d{3,}", text)]
    numbers += [int(each) / 1e7 for each in re.findall(r"-?\d{8,10}", text)]
    return any(abs(each - latitude) < 0.002 for each in numbers) and any(abs(each - longitude) < 0.004 for each in numbers)


class Wanted:
    """One planted entry's part in a form, as the subject file and not the program says it."""

    def __init__(self, entry, part, form, folder):
        self.entry, self.form = entry, form
        self.value = str(entry.get(part) or entry.get("value") or "")
        self.part, self.folder = part, folder

    def is_in(self, data):
        if self.entry["datum"] == "location":
            place = self.entry["latitude"], self.entry["longitude"]
            seen = gps_of(data) if b"Exif\0\0" in data else None
            if seen and abs(seen[0] - place[0]) < 0.002 and abs(seen[1] - place[1]) < 0.004:
                return True
            return near(data.decode("latin-1"), *place)
        if self.part == "file":
            plain = (self.folder / self.value).read_bytes()
            if self.form == "plain":
                return plain in data
            digest = hashlib.new(self.form, plain).digest()
            return digest in data or digest.hex() in data.decode("latin-1").lower()
        text = data.decode("utf-8", "replace").lower()
        if self.form in hashlib.algorithms_available:
            return any(each in data or each.hex() in text for each in digests(self.value, self.form))
        if self.part == "url":
            address = urllib.parse.urlsplit(self.value)
            if self.form == "host-name":
                # A DNS question has the name's labels behind their lengths (RFC 1035 section 3.1).
                wire = b"".join(bytes([len(each)]) + each.encode() for each in address.hostname.split("."))
                return address.hostname in text or wire in data
            # Host and path may stand apart, and HTTP/2 has them in fields of their own.
            return address.hostname in text and address.path.rstrip("/").lower() in text
        if self.value.lower() in text:
            return True
        short = squeezed(self.value)
        return len(short) >= 8 and bool(re.search(r"\d", short)) and short in squeezed(text)


def confirmed(sources, wanted):
    """Whether any of the parts is in what tshark shows."""
    return any(each.is_in(data) for data in everything_in(sources) for each in wanted)
