"""The maker's, the system vendor's and others' services, behind nginx, with the little memory that the story needs.

They hand out the account's id, hold the push connection until someone asks where the phone is, screen photos and close
the account. What they do with the data afterwards no capture can show, so they do nothing.
"""

import email.utils
import gzip
import http.server
import json
import queue
import socketserver
import subprocess
import threading
import zlib

PUSH_WAIT_S = 30
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")

CODERS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": lambda data: piped(["brotli", "-c", "-q", "5"], data),
    "zstd": lambda data: piped(["zstd", "-c", "-q"], data),
}


def piped(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True, timeout=10).stdout


class Services(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """HTTP on a Unix socket, so that only the servers' outer side is on the network."""

    daemon_threads = True

    def __init__(self, work, values, clock):
        self.values = values
        self.clock = clock
        self.account_open = True
        self.push = queue.Queue()
        self.held = 0  # push connections that wait for an answer; one phone, one at a time
        super().__init__(str(work / "services.sock"), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def ask_where(self, request):
        """Someone at the system vendor asks where the phone is."""
        self.push.put(request)


class Handler(http.server.BaseHTTPRequestHandler):
    """One request: found by host's first label, method and path in ROUTES."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host = (self.headers.get("Host") or "").split(":")[0]
        route = ROUTES.get((self.command, host, self.path.split("?")[0]))
        if route:
            return route(self)
        return self.answer(json.dumps({"ok": True}).encode())

    do_POST = do_GET
    do_PUT = do_GET

    def answer(self, body, kind="application/json", status=200, coding="", fields=()):
        """Sends a whole answer, dated in the story's time."""
        if coding:
            body = CODERS[coding](body)
        self.send_response_only(status)
        self.send_header("Date", email.utils.formatdate(self.server.clock() / 1e9, usegmt=True))
        self.send_header("Content-Type", kind)
        if coding:
            self.send_header("Content-Encoding", coding)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, document, **options):
        self.answer(json.dumps(document, ensure_ascii=False).encode(), **options)

    def log_message(self, *_):
        pass

    def address_string(self):
        return "phone"


def sign_in(visit):
    account = visit.server.values["account-id"]
    if not visit.server.account_open:
        return visit.answer_json({"error": "account-closed", "reason": "content-policy", "account": account},
                                 status=403)
    cookie = ("Set-Cookie", f"MUID={account}; Domain=vendor.example; Path=/; Secure")
    return visit.answer_json({"account": {"id": account, "services": ["backup", "push", "photos"]}}, fields=[cookie],
                             coding="gzip")


def profile(visit):
    account = visit.server.values["account-id"]
    if not visit.server.account_open:
        return visit.answer_json({"error": "account-closed", "reason": "content-policy"}, status=403)
    return visit.answer_json({"profile": {"owner": account, "quota-mb": 7168}}, coding="zstd")


def locate_cells(visit):
    """The older of the two positioning services: XML in, XML out."""
    latitude, longitude = visit.server.values.place("home", 6)
    visit.answer(f'<?xml version="1.0" encoding="utf-8"?><GetLocationResponse><ResolverStatus Status="Success"/>'
                 f'<ResolvedPosition Latitude="{latitude}" Longitude="{longitude}" Altitude="0"/>'
                 f'</GetLocationResponse>'.encode(), kind="text/xml; charset=utf-8")


def locate_networks(visit):
    latitude, longitude = visit.server.values.place("home", 5)
    visit.answer_json({"result": {"position": {"latitude": float(latitude), "longitude": float(longitude)},
                                  "accuracy-m": 38, "source": "wifi"}}, coding="gzip")


def wait_for_push(visit):
    visit.server.held += 1
    try:
        request = visit.server.push.get(timeout=PUSH_WAIT_S)
    except queue.Empty:
        return visit.answer_json({"commands": []})
    finally:
        visit.server.held -= 1
    return visit.answer_json({"commands": [{"command": "locate", "request": request}]})


def screen_photo(visit):
    """Screening looks at nothing here: it refuses, as it did to the family of the story."""
    visit.server.account_open = False
    visit.answer_json({"stored": False, "verdict": "content-policy", "account-status": "closed"}, coding="gzip")


def feedback_settings(visit):
    """The maker's settings for the programme come back addressed to this very phone."""
    visit.answer_json({"programme": "on", "for": {"serial": visit.server.values["serial-number"]}, "every-min": 15},
                      coding="br")


def weather(visit):
    """Other cities' positions: decoys, for the phone is in none of them."""
    visit.answer_json({"now": {"sky": "snow", "celsius": -4.5},
                       "nearby": [{"city": "Tampere", "lat": 61.498, "lon": 23.761},
                                  {"city": "Turku", "lat": 60.452, "lon": 22.267}]})


def pixel(visit):
    visit.answer(PIXEL, kind="image/gif", fields=[("Set-Cookie", "visit=7d1f0a93c4; Path=/")])


def page(text):
    body = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n".encode()
    return lambda visit: visit.answer(body, kind="text/html; charset=utf-8", coding="gzip")


def deflated(visit):
    visit.answer_json({"accepted": True, "next-s": 900}, coding="deflate")


ROUTES = {
    ("POST", "account.vendor.example", "/signin"): sign_in,
    ("GET", "account.vendor.example", "/profile"): profile,
    ("POST", "agps.location.live.net", "/"): locate_cells,
    ("POST", "inference.location.live.net", "/inference"): locate_networks,
    ("GET", "push.vendor.example", "/wait"): wait_for_push,
    ("POST", "photos.vendor.example", "/upload"): screen_photo,
    ("GET", "feedback.maker.example", "/settings"): feedback_settings,
    ("POST", "telemetry.vendor.example", "/batch"): deflated,
    ("GET", "weather.example", "/now"): weather,
    ("GET", "stats.tracker.example", "/pixel"): pixel,
    ("GET", "uutiset.example", "/terveys/uupumus"): page("Uupumus ja työ"),
    ("GET", "terveys.example", "/oireet/"): page("Oireet"),
    ("GET", "pankki.example", "/"): page("Pankki"),
    ("GET", "kauppa.example", "/haku"): page("Haku"),
}
