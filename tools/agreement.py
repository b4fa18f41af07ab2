#!/usr/bin/env python3
"""Compares `tattle messages` with what Wireshark sees in the same captures, and prints the agreement.

usage: agreement.py CAPTURES-FOLDER [--program PROGRAM] [--verbose]

The folder holds the captures and truth*.json (one object a file, as tshark counted). For each capture, requests are compared as
multisets of (method, host, target), responses, DNS messages, WebSocket frames and gRPC messages by number, MQTT packets by type,
MQTT topics and DNS names with their counts. Exit code 0 when every
difference is listed in docs/differences-from-wireshark.md by the capture's name, 1 otherwise.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MQTT_TYPES = ("", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE",
              "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH")
PROTOCOLS = (("http/1.1", "http1"), ("http/2", "http2"), ("http/3", "http3"))


def messages(program, capture, keys):
    command = [program, "messages", str(capture)] + (["--keys", str(keys)] if keys else [])
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=120)
    if run.returncode not in (0, 2):
        raise RuntimeError(f"{capture}: exit code {run.returncode}: {run.stderr.decode(errors='replace')[-300:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def requests_seen(lines, protocol):
    return collections.Counter((line.get("method", ""), line.get("host", ""), line.get("target", "")) for line in lines
                               if line["protocol"] == protocol and line["kind"] == "request")


TRUNCATED = 200  # the truth's longest targets are cut somewhere beyond this many characters


def without_long_targets(ours, theirs):
    """Both, with requests taken out that agree but for a target that the truth holds only the beginning of."""
    ours, theirs = ours - theirs, theirs - ours
    agreed = 0
    for method, host, target in list(theirs.elements()):
        for mine in list(ours):
            if len(target) >= TRUNCATED and mine[:2] == (method, host) and mine[2].startswith(target):
                ours -= collections.Counter([mine])
                theirs -= collections.Counter([(method, host, target)])
                agreed += 1
                break
    return ours, theirs, agreed


def count(lines, protocol, kind):
    return sum(1 for line in lines if line["protocol"] == protocol and line["kind"] == kind)


def compare(lines, truth):
    """Yields (what, agreeing, ours, theirs, examples of the difference)."""
    for protocol, word in PROTOCOLS:
        ours = requests_seen(lines, protocol)
        theirs = collections.Counter((method or "", host or "", target or "")
                                     for method, host, target, *_ in truth.get(f"{word}_request_list") or [])
        only_here, only_there, agreed = without_long_targets(ours, theirs)
        agreeing = sum((ours & theirs).values()) + agreed
        examples = [f"only here: {item}" for item in list(only_here.elements())[:5]]
        examples += [f"only there: {item}" for item in list(only_there.elements())[:5]]
        yield f"{protocol} requests", agreeing, sum(ours.values()), sum(theirs.values()), examples
        ours, theirs = count(lines, protocol, "response"), truth.get(f"{word}_responses") or 0
        yield f"{protocol} responses", min(ours, theirs), ours, theirs, []
    # Wireshark counts fragments and empty control frames, which are no messages of their own here.
    ours, theirs = count(lines, "websocket", "frame"), truth.get("websocket_frames") or 0
    yield "websocket frames", min(ours, theirs), ours, theirs, []
    ours, theirs = count(lines, "grpc", "frame"), truth.get("grpc_messages") or 0
    yield "grpc messages", min(ours, theirs), ours, theirs, []
    packets = collections.Counter(line.get("method", "") for line in lines if line["protocol"] == "mqtt")
    topics = collections.Counter(line.get("target", "") for line in lines if line["protocol"] == "mqtt" and line.get("target"))
    for what, ours, theirs in (
            ("mqtt packets", packets, [(MQTT_TYPES[int(kind)], times) for kind, times in truth.get("mqtt_msgtypes") or []]),
            ("mqtt topics", topics, truth.get("mqtt_topics") or [])):
        theirs = collections.Counter(dict(theirs))
        examples = [f"only here: {item}" for item in list((ours - theirs).elements())[:5]]
        examples += [f"only there: {item}" for item in list((theirs - ours).elements())[:5]]
        yield what, sum((ours & theirs).values()), sum(ours.values()), sum(theirs.values()), examples
    for word in ("dns", "mdns", "llmnr"):
        for kind, field in (("query", f"{word}_query_messages"), ("response", f"{word}_response_messages")):
            ours, theirs = count(lines, word, kind), truth.get(field) or 0
            yield f"{word} {kind}", min(ours, theirs), ours, theirs, []
    ours, theirs = sum(1 for line in lines if line["protocol"] == "ssdp"), truth.get("ssdp_messages") or 0
    yield "ssdp messages", min(ours, theirs), ours, theirs, []
    ours = collections.Counter(line.get("host", "").lower() for line in lines if line["protocol"] == "dns" and line["kind"] == "query")
    theirs = collections.Counter()
    for name, times in truth.get("dns_queries") or []:
        theirs[name.lower()] += times
    examples = [f"only here: {item}" for item in list((ours - theirs).elements())[:5]]
    examples += [f"only there: {item}" for item in list((theirs - ours).elements())[:5]]
    yield "dns names", sum((ours & theirs).values()), sum(ours.values()), sum(theirs.values()), examples


def compare_har(lines, truth):
    """The same for a HAR, of which the truth tells method and URL, statuses and WebSocket messages."""
    def told(line):
        return line.get("method", ""), f"{line.get('host', '')}{line.get('target', '')}"
    ours = collections.Counter(told(line) for line in lines if line["kind"] == "request")
    theirs = collections.Counter((method, url.split("://", 1)[-1]) for method, url in truth.get("requests") or [])
    examples = [f"only here: {item}" for item in list((ours - theirs).elements())[:5]]
    examples += [f"only there: {item}" for item in list((theirs - ours).elements())[:5]]
    yield "har requests", sum((ours & theirs).values()), sum(ours.values()), sum(theirs.values()), examples
    ours = collections.Counter(str(line["status"]) for line in lines if "status" in line)
    # Status 0 stands for an answer that never came.
    theirs = collections.Counter({status: count for status, count in truth.get("statuses") or [] if status != "0"})
    yield "har responses", sum((ours & theirs).values()), sum(ours.values()), sum(theirs.values()), []
    ours, theirs = sum(line["kind"] == "frame" for line in lines), truth.get("websocket_messages") or 0
    yield "har websocket messages", min(ours, theirs), ours, theirs, []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("captures", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "build/release/tattle"))
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    explained = (ROOT / "docs/differences-from-wireshark.md").read_text() if (
        ROOT / "docs/differences-from-wireshark.md").exists() else ""
    totals = collections.defaultdict(lambda: [0, 0, 0])
    unexplained = []
    for truth_file in sorted(options.captures.glob("truth*.json")):
        for name, truth in json.loads(truth_file.read_text()).items():
            if truth.get("kind") == "har":
                lines = messages(options.program, options.captures / name, None)
                compared = compare_har(lines, truth)
            elif truth.get("kind") == "capture":
                keys = truth.get("keylog_file")
                lines = messages(options.program, options.captures / name, options.captures / keys if keys else None)
                compared = compare(lines, truth)
            else:
                continue
            for what, agreeing, ours, theirs, examples in compared:
                for i, number in enumerate((agreeing, ours, theirs)):
                    totals[what][i] += number
                if agreeing == ours == theirs:
                    continue
                known = name in explained
                if not known:
                    unexplained.append(f"{name}: {what}")
                if options.verbose or not known:
                    print(f"{name}: {what}: {ours} here, {theirs} there, {agreeing} agree{' (explained)' if known else ''}")
                    for example in examples:
                        print(f"    {example}")
    print(f"\n{'':24}{'here':>8}{'there':>8}{'agree':>8}")
    for what, (agreeing, ours, theirs) in totals.items():
        print(f"{what:24}{ours:8}{theirs:8}{agreeing:8}")
    print(f"{len(unexplained)} differences without an explanation")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
