#!/usr/bin/env python3
"""Places in traffic: how coordinates are written, how near is near, and what only looks like them; and what is inferred."""
import json
import math
import pathlib
import random
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import disguises  # noqa: E402
from disguises import JSON, get, post  # noqa: E402
from test_disguises import Audit, report  # noqa: E402

SPOTS = {"home": (60.16952, 24.93545, 250), "sydney": (-33.85678, 151.21530, 100), "greenwich": (51.47788, -0.00147, 250),
         "rio": (-22.95191, -43.21049, 50), "date": (-17.53521, 179.99931, 500), "svalbard": (78.22334, 15.64689, 300)}


def subject(spots):
    return disguises.subject_yaml([json.dumps({"datum": "location", "name": n, "latitude": a, "longitude": b, "radius-m": r}) for n, (a, b, r) in spots.items()])


def metres(la1, lo1, la2, lo2):
    """T. Vincenty's inverse formula on WGS 84 (Survey Review XXIII, 176, 1975)."""
    a, f = 6378137.0, 1 / 298.257223563
    b = a * (1 - f)
    if (la1, lo1) == (la2, lo2):
        return 0.0
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(x))) for x in (la1, la2))
    lon = lam = math.radians(lo2 - lo1)
    for _ in range(100):
        sin_s = math.hypot(math.cos(u2) * math.sin(lam), math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam))
        cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        s = math.atan2(sin_s, cos_s)
        sin_a = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_s
        cos2_a = 1 - sin_a ** 2
        mid = cos_s - 2 * math.sin(u1) * math.sin(u2) / cos2_a
        c = f / 16 * cos2_a * (4 + f * (4 - 3 * cos2_a))
        before, lam = lam, lon + (1 - c) * f * sin_a * (s + c * sin_s * (mid + c * cos_s * (2 * mid ** 2 - 1)))
        if abs(lam - before) < 1e-13:
            break
    u = cos2_a * (a * a - b * b) / (b * b)
    big_a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    big_b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    part = big_b / 6 * mid * (4 * sin_s ** 2 - 3) * (4 * mid ** 2 - 3)
    return b * big_a * (s - big_b * sin_s * (mid + big_b / 4 * (cos_s * (2 * mid ** 2 - 1) - part)))


def letters(a, b):
    return f"{a.lstrip('-')}{'S' if a[0] == '-' else 'N'}", f"{b.lstrip('-')}{'W' if b[0] == '-' else 'E'}"


FORMS = {
    "json": lambda h, a, b: post(h, f'{{"lat":{a},"lon":{b}}}'.encode(), JSON),
    "json-spaced": lambda h, a, b: post(h, f'{{ "latitude" : {a} , "accuracy" : 12.345, "longitude" : {b} }}'.encode(), JSON),
    "json-strings": lambda h, a, b: post(h, f'{{"y":"{a}","x":"{b}"}}'.encode(), JSON),
    "lon-first": lambda h, a, b: post(h, f'{{"lon":{b},"lat":{a}}}'.encode(), JSON),
    "geojson": lambda h, a, b: post(h, f'{{"type":"Point","coordinates":[{b},{a}]}}'.encode(), JSON),
    "array": lambda h, a, b: post(h, f"[[1,2,3],[{a},{b},12.5],[4]]".encode(), JSON),
    "query": lambda h, a, b: get(h, f"/w?lat={a}&lng={b}"),
    "query-pair": lambda h, a, b: get(h, f"/w?ll={a}%2C{b}"),
    "path": lambda h, a, b: get(h, f"/w/{a}/{b}/now"),
    "map": lambda h, a, b: get(h, f"/maps/@{a},{b},15z"),
    "header": lambda h, a, b: get(h, "/", f"X-Position: {a}; {b}\r\n"),
    "headers": lambda h, a, b: get(h, "/", f"X-Lat: {a}\r\nX-Lon: {b}\r\n"),
    "geo-uri": lambda h, a, b: get(h, "/", f"Geolocation: geo:{a},{b};u=35\r\n"),
    "cookie": lambda h, a, b: get(h, "/", f"Cookie: s=1; lat={a}; lon={b}\r\n"),
    "form": lambda h, a, b: post(h, f"a=1&lat={a}&lon={b}".encode(), "application/x-www-form-urlencoded"),
    "xml": lambda h, a, b: post(h, f'<gpx><wpt lat="{a}" lon="{b}"/></gpx>'.encode(), "application/xml"),
    "text": lambda h, a, b: post(h, f"position {a} {b} ok".encode()),
    "wkt": lambda h, a, b: post(h, f"POINT({b} {a})".encode()),
    "letters": lambda h, a, b: post(h, " ".join(letters(a, b)).encode()),
    "iso-6709": lambda h, a, b: post(h, f"<x>{float(a):+.5f}{float(b):+.5f}/</x>".encode()),
    "base64": lambda h, a, b: post(h, disguises.js(disguises.b64(f'{{"lat":{a},"lon":{b}}}')).encode(), JSON),
    "json-in-json": lambda h, a, b: post(h, disguises.js(f'{{"lat":{a},"lon":{b}}}').encode(), JSON),
    "utf-16": lambda h, a, b: post(h, b"\xff\xfe" + f"lat={a} lon={b}".encode("utf-16-le")),
    "csv": lambda h, a, b: post(h, f"1,{a},{b},7\n".encode(), "text/csv"),
}
COMMAS = {"decimal-comma": lambda h, a, b: post(h, f"lat={a}; lon={b}".replace(".", ",").encode())}


def put(audit, label, form, a, b, wanted):
    audit.request(f"{label} {a} {b}", lambda h, _: form(h, a, b), "", wanted)


class Written(unittest.TestCase):
    def test_each_form_and_precision(self):
        audit = Audit(subject(SPOTS))
        for spot, (la, lo, radius) in SPOTS.items():
            for name, form in (FORMS | COMMAS).items():
                for decimals in (3, 4, 5, 6, 7, 12):
                    a, b = f"{la:.{decimals}f}", f"{lo:.{decimals}f}"
                    if metres(la, lo, float(a), float(b)) <= radius and (name not in COMMAS or decimals > 3):
                        put(audit, f"{name} {spot}", form, a, b, [(spot, "plain")])
        report(self, audit.check(), len(audit.cases))

    def test_the_edge_of_the_radius(self):
        audit, rng = Audit(subject(SPOTS)), random.Random(4)
        forms = [FORMS[name] for name in ("geojson", "path", "header", "text", "array")]  # nothing is inferred from these
        for spot, (la, lo, radius) in SPOTS.items():
            for turn in range(120):
                angle, far = rng.random() * 2 * math.pi, radius * rng.choice([0.9, 0.97, 0.99, 0.999, 1.001, 1.01, 1.03, 1.1, 2, 5])
                lat, lon = la + far * math.cos(angle) / 111300, lo + far * math.sin(angle) / (111320 * math.cos(math.radians(la)))
                a, b = f"{lat:.6f}", f"{(lon + 180) % 360 - 180:.6f}"
                distance = metres(la, lo, float(a), float(b))
                if abs(distance - radius) > 0.3 and abs(lon) < 180:
                    put(audit, f"{spot} {distance:.1f} of {radius}", forms[turn % 5], a, b, [(spot, "plain")] if distance <= radius else [])
        report(self, audit.check(), len(audit.cases))

    def test_what_only_looks_like_it(self):
        audit = Audit(subject(SPOTS))
        for spot, (la, lo, radius) in SPOTS.items():
            for decimals in (0, 1, 2):
                for name in ("json", "query", "geojson", "text"):
                    put(audit, f"coarse {name} {spot}", FORMS[name], f"{la:.{decimals}f}", f"{lo:.{decimals}f}", [])
            for a, b in ((la, lo - 1.3), (-la, lo), (la, -lo), (-la, -lo), (la + 1, lo)):
                if metres(la, lo, a, b) > radius and abs(b) <= 180:
                    for name in ("geojson", "letters", "iso-6709", "path"):
                        put(audit, f"elsewhere {name} {spot}", FORMS[name], f"{a:.5f}", f"{b:.5f}", [])
            a, b = f"{abs(la):.5f}", f"{abs(lo):.5f}"
            for text in (f"{a} {'x' * 900} {b}", f"9{a} 9{b}", f"v{a}.{b}", f"{a}.7 {b}.3", f"1.{a} 1.{b}", f"{a}e3 {b}e3", f"{a}px {b}px"):
                audit.request(f"{spot} {text}", lambda h, v: post(h, v.encode()), text)
        for text in ("60.17.24.93", "60.1695.24.9354", "Chrome/60.169.24.935 Safari/24.935.60.169", "60.169.52, 24.935.45", "60.16952.1,24.93545"):
            audit.request(text, lambda h, v: get(h, "/", f"User-Agent: x/{v}\r\n"), text)
        report(self, audit.check(), len(audit.cases))


class Inferred(unittest.TestCase):
    IMEI, UUID = "352099001761481", "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    def test_nothing_without_shape_and_context(self):
        audit, rng = Audit(), random.Random(11)
        for fields in ({"imei": "352099001761482"}, {"x": self.IMEI}, {"imei": "1" + self.IMEI}, {"order": self.IMEI}, {"x": "bob@nowhere.org"},
                       {"email": "icon@2x.png"}, {"user": "lodash@4.17.21"}, {"x": "3c:5a:b4:11:22:33"}, {"mac": "01:00:5e:00:00:fb"},
                       {"mac": "00:00:00:00:00:00"}, {"mac": "02:00:00:00:00:00"}, {"request_id": self.UUID}, {"idfa": "00000000-0000-0000-0000-000000000000"},
                       {"x": "+358449871234"}, {"phone": "+35899"}, {"a": 45.12345, "b": 7.54321}, {"lat": 45.12, "lon": 7.54}, {"lat": 45.12345},
                       {"template": 45.12345, "salon": 7.54321}, {"lat": 145.12345, "lon": 7.54321}, {"platform": "3c:5a:b4:11:22:33"},
                       {"latency": 12.345, "longest": 23.456}, {"lat": 12.345, "longTask": 3.456}, {"lat": 12.345, "longtask": 3.456}):
            audit.request(str(fields), lambda h, v: post(h, json.dumps(v).encode(), JSON), fields)
        for _ in range(20):
            audit.request("random bytes", lambda h, v: post(h, v, "application/octet-stream"), rng.randbytes(20000))
            text = " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789@.:-+=", k=rng.randint(2, 18))) for _ in range(1500))
            audit.request("random text", lambda h, v: post(h, v.encode()), text)
            numbers = {rng.choice(["id", "v", "ts", "user", "tel_id", "lat_ms", "from"]) + str(k): rng.choice([rng.random() * 180, rng.randint(0, 10**15)]) for k in range(300)}
            audit.request("random numbers", lambda h, v: post(h, json.dumps(v).encode(), JSON), numbers)
        report(self, audit.check(), len(audit.cases))

    def test_each_kind_with_its_context(self):
        audit = Audit()
        for key, value in (("email", "bob.smith@posti.fi"), ("login", "bob@mail.com"), ("imei", self.IMEI), ("deviceId", self.IMEI), ("phone", "+358449871234"),
                           ("msisdn", "+12025550123"), ("msisdn", "358449871234"), ("bssid", "3c5ab4112233"),
                           ("mac", "3c:5a:b4:11:22:33"), ("bssid", "3C-5A-B4-11-22-33"), ("idfa", self.UUID.upper()), ("gaid", self.UUID)):
            for place, make in {"json": lambda h, v: post(h, json.dumps({v[0]: v[1]}).encode(), JSON),
                                "query": lambda h, v: get(h, f"/?{v[0]}={disguises.q(v[1])}"), "header": lambda h, v: get(h, "/", f"X-{v[0]}: {v[1]}\r\n"),
                                "xml": lambda h, v: post(h, f"<{v[0]}>{v[1]}</{v[0]}>".encode()),
                                "base64": lambda h, v: post(h, json.dumps({"d": disguises.b64(json.dumps({v[0]: v[1]}))}).encode(), JSON)}.items():
                audit.request(f"{place} {key} {value}", make, (key, value), [(None, "plain")])
        for fields in ({"lat": 45.12345, "lon": 7.54321}, {"latitude": "45.12345", "longitude": "-7.54321"}, {"loc": {"lng": 7.54321, "lat": -45.12345}}):
            audit.request(str(fields), lambda h, v: post(h, json.dumps(v).encode(), JSON), fields, [(None, "plain")])
        report(self, audit.check(), len(audit.cases))


if __name__ == "__main__":
    unittest.main()
