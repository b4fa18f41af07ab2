"""Someone else's laptop on the same network. What it says is private too, and none of the audit's business."""

import json

from .phone import Request

AGENT = "User-Agent: Mozilla/5.0 (Windows NT 6.1; rv:16.0) Gecko/20100101 Firefox/16.0"
PERSON = {"email": "matti.meikalainen@example.org", "phone": "+1 202 555 0121", "imei": "352099001761481",
          "lat": 60.4518, "lon": 22.2666}


def shop(laptop):
    """In clear, with an address, a number and a position of its own."""
    laptop.lab.ledger.decoy(PERSON["email"], "the bystander's address")
    laptop.lab.ledger.decoy(PERSON["phone"], "the bystander's number")
    laptop.lab.ledger.decoy(PERSON["imei"], "the bystander's phone")
    laptop.lab.ledger.decoy("60.4518, 22.2666", "the bystander's position")
    laptop.talk(
        Request("GET", f"http://kauppa.example/haku?q=puhelin&email={PERSON['email']}", [AGENT]),
        Request("POST", "http://kauppa.example/tilaus", [AGENT, "Content-Type: application/json"],
                json.dumps(PERSON).encode()))


def read_news(laptop):
    """The same sites as the phone's owner, from another device, and its own encrypted ones."""
    laptop.talk(Request("GET", "http://uutiset.example/terveys/uupumus", [AGENT]))
    laptop.talk(Request("GET", "https://pankki.example/", [AGENT]))


def test_persons_values(laptop):
    """The test person's own address typed on another device: true, and still not the phone's doing."""
    laptop.talk(Request("POST", "http://kauppa.example/kirje", [AGENT, "Content-Type: application/json"],
                        json.dumps({"to": laptop.values["email"]}).encode()))


ACTS = {"shop": shop, "read-news": read_news, "test-persons-values": test_persons_values}
