"""Scenario files: who takes part, how the phone is set, what happens when. Checked before anything starts."""

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

SETTINGS = ["account", "feedback", "sms-backup", "location-services", "find-my-phone", "browser-proxy", "photo-upload"]
SERVES = ["http", "tls1.3", "tls1.2", "tls1.0", "rc4", "proxy"]


class Mistake(Exception):
    """A mistake in a scenario file: one line that says where and what."""


@dataclass
class Server:
    """One server: its names, where it stands and how it is reached."""

    name: str
    hosts: list
    party: str
    serve: list
    addresses: list
    http2: bool = False
    keys: bool = True  # False: its sessions' keys stay out of the key log


@dataclass
class Step:
    """One thing that happens, at a time of the story."""

    at: datetime.datetime
    do: str
    who: str
    change: dict = field(default_factory=dict)
    log: dict = field(default_factory=dict)  # what the tester writes down then; the phone's own doing is in no log


@dataclass
class Scenario:
    name: str
    title: str
    seed: int
    start: datetime.datetime
    device: dict
    settings: dict
    network: dict
    places: list
    servers: list
    steps: list
    data: list

    def server_of(self, host):
        """The server that answers for a host name."""
        for one in self.servers:
            if host in one.hosts:
                return one
        raise RuntimeError(f"{self.name}: servers: nobody answers for {host}")


def load(path):
    """Reads a scenario. `based-on: FILE` takes everything that is not said from another one beside it."""
    raw = read_whole(path)
    name = Path(path).stem
    try:
        start = datetime.datetime.fromisoformat(raw["start"])
        servers = [server(path, entry) for entry in raw["servers"]]
        result = Scenario(
            name=name, title=raw["title"], seed=raw["seed"], start=start, device=raw["device"],
            settings={key: raw["settings"][key] for key in SETTINGS}, network=raw["network"], places=raw["places"],
            servers=servers, steps=[step(start, entry) for entry in raw["steps"]], data=raw["data"])
    except KeyError as missing:
        raise Mistake(f"{path}: {missing.args[0]}: missing") from missing
    for earlier, later in zip(result.steps, result.steps[1:]):
        if earlier.at > later.at:
            raise Mistake(f"{path}: steps: {later.at.time()} {later.do} stands after {earlier.at.time()}")
    check_places(path, result)
    return result


def read_whole(path):
    raw = read(path)
    if "based-on" in raw:
        raw = {**read(Path(path).parent / raw["based-on"]), **raw}
    return raw


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except (OSError, yaml.YAMLError) as error:
        raise Mistake(f"{path}: {error}") from error


def server(path, entry):
    unknown = [word for word in entry["serve"] if word not in SERVES]
    if unknown:
        raise Mistake(f"{path}: servers: {entry['name']}: serve: {unknown[0]} is none of {', '.join(SERVES)}")
    return Server(**entry)


def step(start, entry):
    hours, minutes, seconds = (int(part) for part in str(entry["at"]).split(":"))
    at = start.replace(hour=hours, minute=minutes, second=seconds)
    log = {key: spoken(value) for key, value in entry.get("log", {}).items()}
    return Step(at=at, do=entry.get("do", ""), who=entry.get("who", "phone"), change=entry.get("change", {}), log=log)


def spoken(value):
    """`on` and `off` as they are written, not as YAML reads them."""
    if isinstance(value, dict):
        return {key: spoken(state) for key, state in value.items()}
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def check_places(path, result):
    """Every server's address must have a country, or the sample could not say where data went."""
    prefixes = [ipaddress.ip_network(place["prefix"]) for place in result.places]
    for one in result.servers:
        for address in one.addresses:
            if not any(ipaddress.ip_address(address) in prefix for prefix in prefixes):
                raise Mistake(f"{path}: servers: {one.name}: {address} is in none of the places")
