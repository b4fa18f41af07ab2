"""Plays a scenario from its first step to its last and writes the files."""

import datetime
import time

import yaml

from . import behaviours, bystander, ledger, pcapng, photo, web
from .capture import Capture, Clock
from .forward_proxy import Proxy
from .phone import Device
from .pki import Authority
from .resolver import AAAA, Resolver
from .services import Services
from .values import Values
from .world import Processes, World, connections_open, wait_until

PROXY_PORT = 8080
WATCHED_AFTER = datetime.timedelta(minutes=10)  # for so long the tester stays after the last step
TESTERS_CLOCK_S = 2  # how far a tester's watch and hand may be from the capture's clock


class Lab:
    """What everyone in the scenario shares."""

    def __init__(self, plan, work):
        self.plan = plan
        self.work = work
        self.values = Values(plan)
        self.ledger = ledger.Ledger()
        self.keys = work / "keys.log"
        self.keys.touch()
        self.clock = Clock(plan.start)
        self.settings = dict(plan.settings)
        self.step = None


def play(plan, work, out, name):
    lab = Lab(plan, work)
    lab.photo = photo.jpeg(lab.values.entries.get("cottage"))
    with Processes() as processes:
        World(plan, work).build()
        lab.authority = Authority(work)
        lab.resolver = Resolver(plan)
        lab.services = Services(work, lab.values, lambda: lab.clock.story(time.time_ns()))
        for server in plan.servers:
            if "proxy" in server.serve:
                Proxy(server.addresses[0], PROXY_PORT, plan)
        web.start(plan, processes, work, lab.authority)
        capture = Capture(processes, work)
        phone, laptop = Device("phone", lab), Device("laptop", lab)
        lab.clock = Clock(plan.start)
        for step in plan.steps:
            act(lab, step, phone, laptop)
        for device in (phone, laptop):
            if device.waiting:
                raise RuntimeError(f"{device.who}: still waiting for an answer at the end of the scenario")
        wait_until(lambda: not connections_open("phone") and not connections_open("laptop"), "end of all connections")
        packets = capture.stop()
    names_asked(lab)
    write(lab, packets, phone.opaque, out, name)


def act(lab, step, phone, laptop):
    """One step: switches change, then someone does something, when the phone's settings allow it."""
    if step.log:
        lab.ledger.action(step.at.isoformat(), step.log)
    if step.who == "tester":
        lab.settings.update(step.change)
        return
    told = lab.clock.step(step.at)
    moment = datetime.datetime.fromtimestamp(told // 1000 / 1e6, datetime.timezone.utc)
    lab.step = lab.ledger.now = (moment.isoformat(timespec="microseconds").replace("+00:00", "Z"), step.do)
    lab.settings.update(step.change)
    if step.who == "laptop":
        return bystander.ACTS[step.do](laptop)
    setting, behaviour = behaviours.ACTS[step.do]
    if setting is None or lab.settings[setting]:
        behaviour(phone)


def names_asked(lab):
    """Planted sites' names as the resolver truly met them; each in the question, again in its answer."""
    lab.ledger.now = None
    network = lab.plan.network
    sites = lab.values.browsing_hosts()
    for client, name, kind in lab.resolver.asked:
        if client in (network["phone"]["ipv4"], network["phone"]["ipv6"]) and name in sites:
            find = lab.values.find(sites[name], "dns", form="host-name")
            lab.ledger.disclose(find, "sent", "clear", "dns", network["router"]["ipv4"], "resolver")
            echo = lab.values.find(sites[name], "dns", form="host-name", optional=True)
            lab.ledger.disclose(echo, "received", "clear", "dns", network["router"]["ipv4"], "resolver")
        if client in (network["phone"]["ipv4"], network["phone"]["ipv6"]):
            lab.ledger.request("AAAA" if kind == AAAA else "A", name, "", "dns", None, True)


def write(lab, packets, opaque, out, name):
    """NAME.pcapng and the rest, or `capture.pcapng`, `keys.log` and so on without a name."""
    out.mkdir(parents=True, exist_ok=True)

    def file(kind, plain):
        return out / (f"{name}.{kind}" if name else plain)

    packets = [(lab.clock.story(moment), data) for moment, data in packets]
    keys = b"".join(line + b"\n" for line in dict.fromkeys(lab.keys.read_bytes().splitlines())
                    if not line.startswith(b"#"))
    pcapng.write_pcapng(file("pcapng", "capture.pcapng"), packets, keys, lab.plan.title)
    if not name:
        file("keys", "keys.log").write_bytes(keys)
    file("yaml", "subject.yaml").write_text(lab.values.subject_file(), encoding="utf-8")
    rows = "".join("  - " + yaml.safe_dump(entry, default_flow_style=True, allow_unicode=True, sort_keys=False,
                                           width=10000) for entry in lab.ledger.actions)
    last = max([lab.plan.start, *(step.at for step in lab.plan.steps)])
    log = (f"uncertainty-s: {TESTERS_CLOCK_S}\nfrom: '{lab.plan.start.isoformat()}'\n"
           f"until: '{(last + WATCHED_AFTER).isoformat()}'\nactions:")
    log += ("\n" + rows if rows else " []\n")
    file("actions.yaml", "actions.yaml").write_text(log, encoding="utf-8")
    file("times.json", "times.json").write_text(ledger.as_lines(lab.ledger.when()), encoding="utf-8")
    places = ["prefix,country,asn,holder"] + [f"{p['prefix']},{p['country']},{p['asn']},{p['holder']}"
                                              for p in lab.plan.places]
    file("places.csv", "places.csv").write_text("\n".join(places) + "\n", encoding="utf-8")
    truth = lab.ledger.truth(lab.plan.name, opaque)
    file("truth.json", "truth.json").write_text(ledger.as_json(truth), encoding="utf-8")
    for entry in lab.plan.data:
        if entry["datum"] == "photo":
            (out / entry["file"]).write_bytes(lab.photo)
