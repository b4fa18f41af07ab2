"""Texts, contacts and photos on their way to the system vendor's store."""

import gzip
import hashlib
import json
import zlib

from .phone import Request

AGENT = "User-Agent: Backup/2.1 (Windows Phone 8.0)"


def gzipped(text):
    return gzip.compress(text.encode(), mtime=0)


def messages(phone):
    """Texts with their correspondents, as JSON in gzip over HTTP/2."""
    values = phone.values
    texts = [(name, entry) for name, entry in values.entries.items() if entry["datum"] == "sms"]
    decoy = {"folder": "drafts", "text": "Muista maito ja leipä", "to": "+1 202 555 0199"}
    phone.ledger.decoy(decoy["text"], "a draft that is not in the subject file")
    phone.ledger.decoy(decoy["to"], "the draft's addressee")
    listed, sent = [decoy], [values.find("account-id", "header")]
    for name, entry in texts:
        side = "from" if "from" in entry else "to"
        listed.append({"folder": "inbox" if side == "from" else "sent", side: entry[side], "text": entry["value"]})
        sent += [values.find(name, "gzip", "json"), values.find(name, "gzip", "json", part=side)]
    phone.talk(Request("POST", "https://backup.vendor.example/sms", [
        AGENT, "Content-Type: application/json; charset=utf-8", "Content-Encoding: gzip",
        f"X-Account: {values['account-id']}"],
        gzipped(json.dumps({"messages": listed}, ensure_ascii=False)), sent=sent))


def contacts(phone):
    """A vCard in UTF-16 with its byte order mark, deflated."""
    values = phone.values
    contact = values.entries["contact#1"]
    card = (f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{contact['name']}\r\nTEL;TYPE=CELL:{contact['phone-number']}\r\n"
            f"EMAIL:{contact['email']}\r\nEND:VCARD\r\n")
    sent = [values.find("account-id", "header")]
    sent += [values.find("contact#1", "deflate", "utf-16", part=part) for part in ("name", "phone-number", "email")]
    phone.talk(Request("POST", "https://backup.vendor.example/contacts", [
        AGENT, "Content-Type: text/vcard; charset=utf-16", "Content-Encoding: deflate",
        f"X-Account: {values['account-id']}"],
        zlib.compress(b"\xff\xfe" + card.encode("utf-16-le")), sent=sent))


def photo(phone):
    """A photo as multipart, with the position it was taken at inside. The answer closes the account."""
    values = phone.values
    image = phone.lab.photo
    mark = "----PhotoUpload7c1e9b"
    fields = [("album", "Mökki"), ("owner", values["account-id"])]
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields]
    parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="photo"; filename="WP_20121118.jpg"\r\n'
                 f"Content-Type: image/jpeg\r\n\r\n".encode() + image + b"\r\n")
    phone.talk(Request("POST", "https://photos.vendor.example/upload", [
        AGENT, f"Content-Type: multipart/form-data; boundary={mark}",
        f"X-Content-SHA256: {hashlib.sha256(image).hexdigest()}"], b"".join(parts) + f"--{mark}--\r\n".encode(),
        sent=[values.find("account-id", "multipart"), values.find("photo", "multipart"),
              values.find("photo", "header", form="sha256"), values.find("cottage", "multipart", "exif")]))
