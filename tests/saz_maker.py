"""Writes a Fiddler session archive (SAZ) as docs.telerik.com, "Fiddler Archives (SAZ)", lays it out."""
import io
import struct
import zipfile


def meta(number, flags=0, client="192.0.2.17", server="198.51.100.9", begin="2024-05-06T07:08:09.1234567+00:00",
         done="2024-05-06T07:08:09.5000000+00:00"):
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Session SID="{number}" BitFlags="{flags}">
  <SessionTimers ClientConnected="{begin}" ClientBeginRequest="{begin}" ClientDoneRequest="{begin}" GatewayTime="0"
   ServerBeginResponse="{done}" ServerDoneResponse="{done}" ClientBeginResponse="{done}" ClientDoneResponse="{done}" />
  <PipeInfo />
  <SessionFlags>
    <SessionFlag N="x-clientip" V="{client}" />
    <SessionFlag N="x-clientport" V="50123" />
    <SessionFlag N="x-hostip" V="{server}" />
  </SessionFlags>
</Session>
"""


def frame(text, mask=None):
    """One WebSocket text frame (RFC 6455 section 5.2)."""
    data = text.encode()
    assert len(data) < 126
    if mask is None:
        return struct.pack("BB", 0x81, len(data)) + data
    return struct.pack("BB", 0x81, 0x80 | len(data)) + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


def frames(*items):
    """items: (from_client, wire bytes, time)."""
    out = b""
    for number, (from_client, wire, time) in enumerate(items, 1):
        word = "Request" if from_client else "Response"
        out += (f"{word}-Length: {len(wire)}\r\nID: {number}\r\nBitFlags: 0\r\nDoneRead: {time}\r\n"
                f"BeginSend: {time}\r\nDoneSend: {time}\r\n\r\n").encode() + wire + b"\r\n"
    return out


def saz(sessions):
    """sessions: {number: {"c": bytes, "s": bytes, "m": text, "w": bytes}}; returns the archive's bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<?xml version=\"1.0\"?><Types/>")
        archive.writestr("_index.htm", "<html></html>")
        for number, parts in sessions.items():
            for part, ending in (("c", "_c.txt"), ("m", "_m.xml"), ("s", "_s.txt"), ("w", "_w.txt")):
                if part in parts:
                    archive.writestr(f"raw/{number:03}{ending}", parts[part])
    return buffer.getvalue()
