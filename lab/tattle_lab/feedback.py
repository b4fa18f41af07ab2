"""The feedback programme, telemetry and advertising: identifiers in every disguise that traffic of the time wore."""

import base64
import hashlib
import json
import zlib
from urllib.parse import quote

from .phone import Request
from .values import digest, digest_base64

AGENT = "User-Agent: FeedbackAgent/4.2"


def maker(phone):
    """The maker's programme: on by default. Hashes of what identifies, texts within texts."""
    values = phone.values
    inner = json.dumps({"sim": values["imsi"], "model": "RM-821"})
    encoded = base64.b64encode(json.dumps({"kind": "radio", "state": inner}).encode()).decode()
    report = {"device": {"id": digest("sha1", values["imei"]), "serial": values["serial-number"]},
              "events": [{"name": "boot", "ms": 31870}, {"name": "attach", "payload": encoded}],
              "help": {"phone": "+44 20 7946 0018", "mail": "support@maker.example"}}
    question = (f"topic=battery&reply-to={quote(values['email'], safe='')}"
                f"&tel={quote(values['phone-number'], safe='')}")
    phone.ledger.decoy("+44 20 7946 0018", "the maker's help line")
    phone.ledger.decoy("support@maker.example", "the maker's help address")
    phone.talk(
        Request("POST", "https://feedback.maker.example/report", [AGENT, "Content-Type: application/json"],
                json.dumps(report).encode(),
                sent=[values.find("imei", "json", form="sha1"), values.find("serial-number", "json"),
                      values.find("imsi", "json", "base64", "json", "json")]),
        Request("GET", "https://feedback.maker.example/settings?v=4", [AGENT],
                received=[values.find("serial-number", "br", "json")]),
        Request("POST", "https://feedback.maker.example/contact",
                [AGENT, "Content-Type: application/x-www-form-urlencoded"], question.encode(),
                sent=[values.find("email", "form", "percent"), values.find("phone-number", "form", "percent")]))


def system_vendor(phone):
    """The system vendor's telemetry: batched and deflated, joined by advertising id and hashed number."""
    values = phone.values
    national = digits(values["phone-number"])
    batch = {"batch": 17, "ids": {"ad": values["advertising-id"].replace("-", ""), "msisdn": digest("sha256", national),
                                  "mail": hashlib.sha256(values["email"].encode()).hexdigest().upper()},
             "imeiRange": ["490154203237518", "490154203237526"],
             "records": [{"t": 1353949200 + 60 * i, "app": f"app-{i % 7}", "ms": 100 + i * 37 % 900}
                         for i in range(60)]}
    phone.ledger.decoy("490154203237518", "an IMEI that every phone of the type is sent")
    phone.ledger.decoy("490154203237526", "the same")
    body = zlib.compress(json.dumps(batch).encode())
    phone.talk(Request(
        "POST", "https://telemetry.vendor.example/batch",
        [AGENT, "Content-Type: application/json", "Content-Encoding: deflate"], body,
        sent=[values.find("advertising-id", "deflate", "json"),
              values.find("phone-number", "deflate", "json", form="sha256"),
              values.find("email", "deflate", "json", form="sha256")]))


def advertising(phone):
    """A tile with advertisements: plain id and hashes in the query and a cookie, in clear."""
    values = phone.values
    mail = quote(digest_base64("sha256", values["email"]), safe="")
    cookie = digest("sha512", values["advertising-id"])
    phone.talk(Request(
        "GET", f"http://ads.tracker.example/tile?ifa={values['advertising-id'].upper()}&eh={mail}&w=480",
        ["User-Agent: AdControl/6.1", f"Cookie: uid={cookie}; opt=0"],
        sent=[values.find("advertising-id", "target", "query"),
              values.find("email", "target", "query", "percent", "base64", form="sha256"),
              values.find("advertising-id", "header", "cookie", form="sha512")]))


def legacy_check(phone):
    """An old service of the maker's that was never renewed: TLS 1.0 with RC4."""
    values = phone.values
    phone.old_request("legacy.maker.example", f"/register?hw=RM-821&id={digest('md5', values['serial-number'])}",
                      [values.find("serial-number", "target", "query", form="md5")])


def digits(number):
    """E.164: a plus and digits."""
    return "+" + "".join(sign for sign in number if sign.isdigit())
