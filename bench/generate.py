#!/usr/bin/env python3
"""Makes the bench captures: JSON telemetry uploaded by curl to nginx over a veth pair of MTU 1500.

usage: generate.py FOLDER

Writes FOLDER/tls.pcap with tls.keys (TLS 1.3, HTTP/2), FOLDER/clear.pcap (HTTP/1.1) and FOLDER/subject.yaml. Two network
namespaces of its own hold client and server, segmentation offload off, so that packets are as large as on a real link;
both are removed at the end. Needs root, nginx, curl, tcpdump, ethtool. Bodies are seeded: the same bytes on each run.
"""
import gzip
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

BODIES = 4000            # of BODY_BYTES each: what is uploaded in all
BODY_BYTES = 33000
COMPRESSED_SHARE = 0.05  # of the uploaded bytes travels as gzip
CONNECTIONS = 8
CLIENT, SERVER = "192.0.2.17", "198.51.100.20"
HOST = "telemetry.example"

SUBJECT = {
    "device": {"maker": "Example", "model": "Bench", "system": "Example OS", "addresses": [CLIENT]},
    "data": [
        {"datum": "imei", "value": "356938035643809"},
        {"datum": "email", "value": "aino.virtanen@example.com"},
        {"datum": "phone-number", "value": "+358 40 123 4567"},
        {"datum": "sms", "value": "Nähdään kello kuusi Kampissa"},
        {"datum": "location", "latitude": 60.16952, "longitude": 24.93545, "radius-m": 250, "name": "home"},
        {"datum": "advertising-id", "value": "8b1c2d3e-4f50-4617-a8b9-0c1d2e3f4a5b"},
        {"datum": "serial-number", "value": "RF8M20ABCDE"},
        {"datum": "wifi-network", "ssid": "Virtaset-5G", "bssid": "02:1A:2B:3C:4D:5E"},
        {"datum": "account-id", "value": "acct-7f3e9a1c55d2"},
        {"datum": "name", "value": "Aino Kaarina Virtanen"},
    ],
}


def event(rng, number):
    return {
        "seq": number,
        "name": rng.choice(["app.start", "screen.view", "button.tap", "network.change", "battery.level", "crash.report"]),
        "ts": 1352138601000 + number * 137,
        "session": "%032x" % rng.getrandbits(128),
        "props": {
            "screen": rng.choice(["home", "mail", "camera", "maps", "settings", "store"]),
            "duration_ms": rng.randrange(1, 90000),
            "battery": round(rng.random(), 3),
            "carrier": rng.choice(["Operator A", "Operator B"]),
            "free_memory": rng.randrange(1 << 20, 1 << 31),
            "x": round(rng.uniform(-80, 80), 5),
            "y": round(rng.uniform(-170, 170), 5),
            "message": " ".join(rng.choice(WORDS) for _ in range(12)),
            "token": "".join(rng.choice(ALPHABET) for _ in range(44)),
        },
    }


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
WORDS = ("the phone opened view list item scroll loaded cached remote local user setting state changed from into value "
         "network cell wifi radio power idle active update check service push token sync backup photo mail").split()


def body(rng, number):
    events, size = [], 0
    while size < BODY_BYTES - 600:
        events.append(event(rng, number * 100 + len(events)))
        size += len(json.dumps(events[-1])) + 2
    document = {"device": "bench", "batch": number, "events": events}
    if number % 50 == 0:  # what an audit has to find
        document["imei"] = SUBJECT["data"][0]["value"]
        document["loc"] = {"lat": 60.16951, "lon": 24.93546}
    return json.dumps(document).encode()


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


class Link:
    """Two namespaces joined by a veth pair with full-size packets."""

    def __enter__(self):
        self.names = [f"tattle-bench-{os.getpid()}-{side}" for side in "cs"]
        client, server = self.names
        for name in self.names:
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "c0", "netns", client, "type", "veth", "peer", "name", "s0", "netns", server)
        for name, device, address, other in ((client, "c0", CLIENT, SERVER), (server, "s0", SERVER, CLIENT)):
            inside = ("ip", "netns", "exec", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "addr", "add", f"{address}/32", "dev", device)
            run("ip", "-n", name, "link", "set", device, "mtu", "1500", "up")
            run("ip", "-n", name, "route", "add", f"{other}/32", "dev", device)
            run(*inside, "ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off", "tx", "off", "rx", "off")
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)

    def command(self, side, *command):
        return ["ip", "netns", "exec", self.names["cs".index(side)], *command]


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; client_max_body_size 1m; keepalive_requests 100000;
  server {{ listen {server}:443 ssl http2; ssl_protocols TLSv1.3; ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem; location / {{ proxy_pass http://127.0.0.1:81; }} }}
  server {{ listen {server}:80; location / {{ proxy_pass http://127.0.0.1:81; }} }}
  server {{ listen 127.0.0.1:81; location / {{ return 200 "ok"; }} }}
}}
"""


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def write_bodies(folder):
    rng = random.Random(20121105)
    requests, compressed, total = [], 0, 0
    for number in range(BODIES):
        content = body(rng, number)
        path, squeezed = folder / f"b{number}", False
        packed = gzip.compress(content, 6, mtime=0)
        if (compressed + len(packed)) / (total + len(packed)) <= COMPRESSED_SHARE:
            content, squeezed = packed, True
            compressed += len(packed)
        total += len(content)
        path.write_bytes(content)
        requests.append((path, squeezed))
    return requests, compressed / total, total


def curl_config(requests, url, options):
    """One section a request: `next` forgets every option of the one before."""
    sections = []
    for path, squeezed in requests:
        lines = [f'url = "{url}/v2/events?batch={path.name[1:]}"', f'data-binary = "@{path}"', 'output = "/dev/null"',
                 f'resolve = "{HOST}:443:{SERVER}"', f'resolve = "{HOST}:80:{SERVER}"',
                 'header = "Content-Type: application/json"', "fail", *options]
        if squeezed:
            lines.append('header = "Content-Encoding: gzip"')
        sections.append("\n".join(lines))
    return "\nnext\n".join(sections) + "\n"


def record(link, folder, requests, out, url, options):
    keys = out.with_suffix(".keys")
    keys.unlink(missing_ok=True)  # curl appends
    dump = subprocess.Popen(link.command("c", "tcpdump", "-i", "c0", "-Z", "root", "-s", "0", "-B", "65536", "-U", "-w", str(out), "tcp"),
                            stderr=subprocess.PIPE)
    try:
        dump.stderr.readline()  # "listening on …"
        shares = [requests[i::CONNECTIONS] for i in range(CONNECTIONS)]
        clients = []
        for number, share in enumerate(shares):
            config = folder / f"curl{number}"
            config.write_text(curl_config(share, url, options))
            clients.append(subprocess.Popen(
                link.command("c", "curl", "-s", "-K", str(config)),
                env=os.environ | {"SSLKEYLOGFILE": str(keys)}))
        for client in clients:
            if client.wait(timeout=300) != 0:
                raise RuntimeError(f"curl ended with {client.returncode}")
        size = -1  # everything is written once the file stops growing
        while size != out.stat().st_size:
            size = out.stat().st_size
            time.sleep(0.5)
    finally:
        dump.terminate()
        dump.wait()


def main():
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tattle-bench-"))
    try:
        requests, share, total = write_bodies(folder)
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / "key.pem"), "-out",
            str(folder / "cert.pem"), "-days", "2", "-subj", f"/CN={HOST}")
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, server=SERVER))
        folder.chmod(0o755)
        with Link() as link:
            server = subprocess.Popen(link.command("s", "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")))
            try:
                wait_for(lambda: (folder / "nginx.pid").exists() and (folder / "nginx.pid").read_text().strip(), "nginx")
                record(link, folder, requests, target / "tls.pcap", f"https://{HOST}", ["http2", "insecure"])
                record(link, folder, requests, target / "clear.pcap", f"http://{HOST}", ["http1.1", 'header = "Expect:"'])
            finally:
                server.terminate()
                server.wait()
        (target / "subject.yaml").write_text(json.dumps(SUBJECT, ensure_ascii=False, indent=1))
        (target / "made.json").write_text(json.dumps({"bodies": BODIES, "uploaded_bytes": total, "compressed_share": share}))
        print(f"{total / 1e6:.0f} MB uploaded in {BODIES} requests, {share:.1%} of the bytes compressed; "
              f"{(target / 'tls.pcap').stat().st_size / 1e6:.0f} MB captured")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
