"""What the phone does, each with the switch that governs it: `ACTS` maps a step's name to (setting or None, function).

Every behaviour says in `sent` and `received` what an auditor could find; that is the truth of the scenario.
"""

import json
import random
import uuid
from urllib.parse import quote

from . import backups, feedback
from .phone import Request
from .world import wait_until

PROXY_HOST = "proxy.vendor.example"
PROXY = f"http://{PROXY_HOST}:8080"
SYSTEM = "WindowsPhone/8.0 (RM-821; 3030.0.0.0)"  # what the system's own programs call themselves
NEIGHBOURS = [("5C:D9:98:10:20:30", -71), ("C8:3A:35:40:50:60", -83), ("00:26:5A:70:80:90", -88)]


def system(method, url, *headers, **rest):
    """A request of the system's own software."""
    return Request(method, url, [f"User-Agent: {SYSTEM}", *headers], **rest)


def guid(phone, what):
    """The same in every run of the scenario."""
    return str(uuid.UUID(int=random.Random(f"{phone.plan.seed} {what}").getrandbits(128), version=4))


def idle_contacts(phone):
    """Untouched on the table. Nothing planted is in it; what is told is who is contacted."""
    for host in ("time.vendor.example", "store.vendor.example", "live-tiles.vendor.example"):
        phone.talk(system("GET", f"https://{host}/tick"), system("GET", f"https://{host}/next?build=8.0.9903.10"))
    phone.talk(system("GET", "http://connectivity.vendor.example/ncsi.txt"))
    phone.talk(system("GET", "https://maps.maker.example/tiles/7/72/36"))
    phone.talk(system("GET", "https://chat.example/presence"))
    phone.talk(system("GET", "https://calendar.vendor.example/sync?since=0"))
    phone.talk(system("GET", "http://news.example/headlines.xml"))


def sign_in(phone):
    """The account, which hands out an id that comes back in everything later."""
    values = phone.values
    body = f"email={quote(values['email'], safe='')}&market=fi-FI&device={guid(phone, 'device')}"
    phone.talk(
        system("POST", "https://account.vendor.example/signin", "Content-Type: application/x-www-form-urlencoded",
               body=body.encode(), sent=[values.find("email", "form", "percent")],
               received=[values.find("account-id", "header", "cookie"), values.find("account-id", "gzip", "json")]),
        system("GET", "https://account.vendor.example/profile", f"Cookie: MUID={values['account-id']}; market=fi-FI",
               sent=[values.find("account-id", "header", "cookie")],
               received=[values.find("account-id", "zstd", "json")]))


def sign_in_again(phone):
    """After the photo: the account is closed, and the answer says whose."""
    values = phone.values
    body = f"email={quote(values['email'], safe='')}&market=fi-FI&device={guid(phone, 'device')}"
    phone.talk(
        system("POST", "https://account.vendor.example/signin", "Content-Type: application/x-www-form-urlencoded",
               body=body.encode(), status=403, sent=[values.find("email", "form", "percent")],
               received=[values.find("account-id", "json")]),
        system("GET", "https://account.vendor.example/profile", f"Cookie: MUID={values['account-id']}; market=fi-FI",
               status=403, sent=[values.find("account-id", "header", "cookie")]))


def update_check(phone):
    """Clear text, with numbers that never change."""
    values = phone.values
    phone.talk(system("GET", f"http://update.maker.example/check?product=RM-821&imei={values['imei']}&lang=fi",
                      f"X-Serial: {values['serial-number']}",
                      sent=[values.find("imei", "target", "query"), values.find("serial-number", "header")]))


def weather(phone):
    """A tile on the start screen: the position, a little rounded, in clear."""
    values = phone.values
    latitude, longitude = values.place("home", 4)
    phone.ledger.decoy("61.498, 23.761", "another city's position in the weather's answer")
    phone.ledger.decoy("60.452, 22.267", "another city's position in the weather's answer")
    phone.talk(system("GET", f"http://weather.example/now?lat={latitude}&lon={longitude}&units=c",
                      sent=[values.find("home", "target", "query")]))


def open_camera(phone):
    """As measured in 2011: before the question is answered, networks in range go out and a position comes back."""
    values = phone.values
    bssid = values["wifi-network", "bssid"]
    points = "".join(f'<Detection BSSID="{mac}" SignalStrength="{strength}"/>'
                     for mac, strength in [(bssid.replace(":", "-"), -48), *NEIGHBOURS])
    for mac, _ in NEIGHBOURS:
        phone.ledger.decoy(mac, "a neighbour's access point")
    head = (f'<?xml version="1.0" encoding="utf-8"?><GetLocation><RequestHeader><Application>{guid(phone, "camera")}'
            f'</Application><Tracking>{guid(phone, "tracking")}</Tracking><DeviceProfile OSVersion="8.0.9903.10" '
            f'Platform="Windows Phone" Manufacturer="EXAMPLE" DeviceType="RM-821" '
            f'ClientGuid="{guid(phone, "client")}"/>'
            f'</RequestHeader>')
    phone.talk(system("POST", "https://agps.location.live.net/", "Content-Type: text/xml; charset=utf-8",
                      body=f"{head}<Beacons>{points}</Beacons></GetLocation>".encode(),
                      sent=[values.find("wifi-network", "xml", part="bssid")], received=[values.find("home", "xml")]))
    seen = [{"bssid": mac, "rssi": strength} for mac, strength in [(bssid.lower(), -47), *NEIGHBOURS]]
    seen[0]["ssid"] = values["wifi-network", "ssid"]
    document = {"client": guid(phone, "client"), "os": "8.0.9903.10", "device": "RM-821", "accessPoints": seen}
    phone.talk(system("POST", "https://inference.location.live.net/inference", "Content-Type: application/json",
                      body=json.dumps(document).encode(),
                      sent=[values.find("wifi-network", "json", part="bssid"),
                            values.find("wifi-network", "json", part="ssid")],
                      received=[values.find("home", "gzip", "json")]))


def wait_for_push(phone):
    """A connection that the phone keeps open, so that the server can ask."""
    values = phone.values
    phone.waiting = phone.begin(system("GET", "https://push.vendor.example/wait", f"X-Account: {values['account-id']}",
                                       sent=[values.find("account-id", "header")]))
    # Only when the server holds it does the next step begin, or their packets would mix from run to run.
    wait_until(lambda: phone.lab.services.held, "arrival of the push connection")


def server_asks(phone):
    """Nobody touches the phone; the server asks where it is. The switch only decides what is answered."""
    values = phone.values
    phone.lab.services.ask_where(guid(phone, "where"))
    phone.finish(phone.waiting)
    phone.waiting = None
    latitude, longitude = values.place("home", 7)
    answer = {"request": guid(phone, "where"), "state": "denied"}
    if phone.lab.settings["location-services"]:
        answer.update(state="ok", fix={"latitude": float(latitude), "longitude": float(longitude), "hdop": 1.1})
    found = [values.find("home", "gzip", "json")] if phone.lab.settings["location-services"] else []
    phone.talk(system("POST", "https://push.vendor.example/location", "Content-Type: application/json",
                      "Content-Encoding: gzip", f"X-Account: {values['account-id']}",
                      body=backups.gzipped(json.dumps(answer)), sent=[values.find("account-id", "header"), *found]))


def find_my_phone(phone):
    """The beacon: position as text with a comma between, the network's name, and the phone's own MAC address."""
    values = phone.values
    latitude, longitude = values.place("home", 5)
    report = {"account": values["account-id"], "geo": f"{latitude},{longitude}", "battery": 71,
              "network": {"name": values["wifi-network", "ssid"], "mac": values["mac-address"].replace(":", "")}}
    phone.talk(system("PUT", "https://findmyphone.vendor.example/beacon", "Content-Type: application/json",
                      "Transfer-Encoding: chunked", body=json.dumps(report).encode(),
                      sent=[values.find("account-id", "json"), values.find("home", "json"),
                            values.find("wifi-network", "json", part="ssid"), values.find("mac-address", "json")]))


def browser(phone, method, url, **rest):
    """A request of the browser's, through the vendor's proxy when that is how it is set."""
    agent = phone.values["user-agent"]
    proxy = PROXY if phone.lab.settings["browser-proxy"] else ""
    headers = [f"User-Agent: {agent}", "Accept-Language: fi-FI", *rest.pop("headers", [])]
    return Request(method, url, headers, proxy=proxy, **{**rest, "sent": [phone.values.find("user-agent", "header"),
                                                                          *rest.get("sent", [])]})


def browse_clear(phone):
    """A page in clear, and the counter on it that learns which page it was."""
    values = phone.values
    page = values["news", "url"]
    mail = feedback.digest("md5", values["email"])
    through = phone.lab.settings["browser-proxy"]
    # Read directly, the site is the only one who learns its own page: true, and nothing to report.
    phone.talk(browser(phone, "GET", page, sent=[values.find("news", "target", optional=not through)]))
    if through:
        # The name alone stands in the Host field as well: true, and said already by the whole address.
        name = values.find("news", "header", form="host-name", optional=True)
        phone.ledger.disclose(name, "sent", "clear", "http/1.1", PROXY_HOST, "proxy")
    phone.talk(browser(phone, "GET", f"http://stats.tracker.example/pixel?em={mail}&v=2", headers=[f"Referer: {page}"],
                       sent=[values.find("news", "header"), values.find("email", "target", "query", form="md5")]))


def browse_secure(phone):
    """An encrypted site: through the proxy, which learns its name, or directly, and then the resolver does."""
    values = phone.values
    # Inside the tunnel only the site reads its own address.
    phone.talk(browser(phone, "GET", values["health", "url"], sent=[values.find("health", "target", optional=True)]))
    if phone.lab.settings["browser-proxy"]:
        host = values["health", "url"].split("/")[2]
        for find in (values.find("health", "target", form="host-name"),
                     values.find("health", "header", form="host-name"), values.find("user-agent", "header")):
            phone.ledger.disclose(find, "sent", "clear", "http/1.1", PROXY_HOST, "proxy")
        phone.ledger.request("CONNECT", host, f"{host}:443", "http/1.1", 200, True)


def bank(phone):
    """The bank goes direct; what is said stays between the two of them."""
    phone.talk(Request("GET", phone.values["bank", "url"], [f"User-Agent: {phone.values['user-agent']}"],
                       sent=[phone.values.find("user-agent", "header"),
                             phone.values.find("bank", "target", optional=True)]))


ACTS = {
    "idle-contacts": (None, idle_contacts),
    "update-check": (None, update_check),
    "legacy-check": (None, feedback.legacy_check),
    "browse-clear": (None, browse_clear),
    "browse-secure": (None, browse_secure),
    "bank": (None, bank),
    "sign-in": ("account", sign_in),
    "sign-in-again": ("account", sign_in_again),
    "wait-for-push": ("account", wait_for_push),
    "server-asks": ("account", server_asks),
    "weather": ("location-services", weather),
    "open-camera": ("location-services", open_camera),
    "find-my-phone": ("find-my-phone", find_my_phone),
    "sms-backup": ("sms-backup", backups.messages),
    "contact-backup": ("sms-backup", backups.contacts),
    "photo-upload": ("photo-upload", backups.photo),
    "maker-feedback": ("feedback", feedback.maker),
    "system-telemetry": ("feedback", feedback.system_vendor),
    "advertising": (None, feedback.advertising),
}
