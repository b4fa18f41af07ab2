"""A small photo of a cottage with its position in EXIF: a baseline JPEG of flat blocks, one shade for each 8 by 8.

Sources: ITU-T T.81 (JPEG), CIPA DC-008 (EXIF: the tags of IFD0 and of the GPS IFD).
"""

import struct

WIDTH, HEIGHT = 40, 30  # in blocks


def shade(x, y):
    """Luminance, blue and red difference of one block of the picture."""
    if 12 <= x < 28 and 14 <= y < 24:
        if 18 <= x < 21 and 18 <= y:
            return 60, 10, 20  # door
        if y in (17, 18) and x in (14, 15, 24, 25):
            return 230, -40, 20  # lit windows
        return 110, -10, 50  # red wall
    if y < 14 and abs(x - 19.5) < (y - 6) * 1.4:
        return 70, 0, 5  # roof
    if y >= 24:
        return 180 + (x * 7 + y * 13) % 9, 6, -4  # snow
    return 40 + y * 3 + (x * 5 + y * 3) % 4, 25, -8  # evening sky


class Bits:
    def __init__(self):
        self.value, self.count, self.out = 0, 0, bytearray()

    def put(self, value, count):
        self.value = self.value << count | value
        self.count += count
        while self.count >= 8:
            self.count -= 8
            byte = self.value >> self.count & 0xFF
            self.out += bytes([byte, 0]) if byte == 0xFF else bytes([byte])
        self.value &= (1 << self.count) - 1

    def done(self):
        if self.count:
            self.put((1 << 8 - self.count) - 1, 8 - self.count)
        return bytes(self.out)


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def scan():
    """Entropy-coded blocks: the difference of the mean shade, then end of block (T.81 F.1.2)."""
    bits = Bits()
    before = [0, 0, 0]
    for y in range(HEIGHT):
        for x in range(WIDTH):
            for part, value in enumerate(shade(x, y)):
                mean = value - 128 if part == 0 else value
                difference, before[part] = mean - before[part], mean
                size = abs(difference).bit_length()
                bits.put(size, 4)  # the table below gives category n the code n, four bits
                if size:
                    bits.put(difference if difference > 0 else difference + (1 << size) - 1, size)
                bits.put(0, 1)  # end of block
    return bits.done()


def jpeg(place):
    """Bytes of the photo; with the position of `place` when there is one."""
    quantisation = bytes([0]) + bytes([8]) * 64  # a mean of 1 is a coefficient of 8
    means = bytes([0, 0, 0, 0, 12] + [0] * 12) + bytes(range(12))
    ends = bytes([0x10, 1] + [0] * 15) + b"\0"
    frame = struct.pack(">BHHB", 8, HEIGHT * 8, WIDTH * 8, 3) + b"".join(bytes([part, 0x11, 0]) for part in (1, 2, 3))
    start = bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])
    exif = segment(0xE1, b"Exif\0\0" + tiff(place["latitude"], place["longitude"])) if place else b""
    return (b"\xff\xd8" + exif + segment(0xDB, quantisation) + segment(0xC0, frame) + segment(0xC4, means)
            + segment(0xC4, ends) + segment(0xDA, start) + scan() + b"\xff\xd9")


def tiff(latitude, longitude):
    """EXIF with maker, model, time and position."""
    ascii_text = lambda text: (2, text.encode() + b"\0")  # noqa: E731
    base = [(0x10F, *ascii_text("Example Maker")), (0x110, *ascii_text("Lumia 920")),
            (0x132, *ascii_text("2012:11:18 15:42:10"))]
    gps = [(0, 1, bytes([2, 3, 0, 0])), (1, *ascii_text("N" if latitude >= 0 else "S")), (2, 5, degrees(latitude)),
           (3, *ascii_text("E" if longitude >= 0 else "W")), (4, 5, degrees(longitude))]
    here = directory(base + [(0x8825, 4, bytes(4))], 8)  # once to learn its size
    base.append((0x8825, 4, struct.pack("<I", 8 + len(here))))
    return struct.pack("<2sHI", b"II", 42, 8) + directory(base, 8) + directory(gps, 8 + len(here))


def degrees(value):
    """Degrees, minutes and seconds as three fractions."""
    rest = round(abs(value) * 3600 * 1000)
    return struct.pack("<6I", rest // 3600000, 1, rest // 60000 % 60, 1, rest % 60000, 1000)


def directory(entries, offset):
    """An image file directory; values over four bytes stand behind it."""
    sizes = {1: 1, 2: 1, 4: 4, 5: 8}
    behind = offset + 2 + 12 * len(entries) + 4
    head, tail = struct.pack("<H", len(entries)), b""
    for tag, kind, data in entries:
        value = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", behind + len(tail))
        if len(data) > 4:
            tail += data + bytes(len(data) % 2)
        head += struct.pack("<HHI", tag, kind, len(data) // sizes[kind]) + value
    return head + bytes(4) + tail
