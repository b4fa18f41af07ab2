"""The test person's planted values: as spelt on the phone, as digests, and as the subject file that names them."""

import base64
import hashlib
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Find:
    """What an auditor can find in a message: a planted value, its disguise and where it lies."""

    datum: str
    entry: str
    part: str
    form: str
    steps: tuple
    optional: bool = False


class Values:
    """The scenario's `data`, by name. A handle is `datum`, `datum#n` or the entry's name."""

    def __init__(self, plan):
        self.plan = plan
        self.entries = {}
        counts = {}
        for entry in plan.data:
            datum = entry["datum"]
            counts[datum] = counts.get(datum, 0) + 1
            handle = f"{datum}#{counts[datum]}"
            # A contact's name is a datum itself and names no entry.
            self.entries[handle if datum == "contact" else entry.get("name", handle)] = entry

    def handle(self, handle):
        return handle if handle in self.entries else f"{handle}#1"

    def __getitem__(self, handle):
        """The planted value as text, or one part: `values["sms#1", "from"]`."""
        handle, part = handle if isinstance(handle, tuple) else (handle, "value")
        return self.entries[self.handle(handle)][part]

    def find(self, handle, *steps, part="value", form="plain", optional=False):
        entry = self.handle(handle)
        datum = self.entries[entry]["datum"]
        if datum == "location":
            part = "place"
        if datum == "browsing":
            part = "url"
        if datum == "photo":
            part = "file"
        return Find(datum, entry, part, form, tuple(steps), optional)

    def place(self, handle, digits):
        """Latitude and longitude, rounded as receivers round them, as text."""
        entry = self.entries[handle]
        return f"{entry['latitude']:.{digits}f}", f"{entry['longitude']:.{digits}f}"

    def browsing_hosts(self):
        return {entry["url"].split("/")[2]: handle for handle, entry in self.entries.items()
                if entry["datum"] == "browsing"}

    def subject_file(self):
        device = {**self.plan.device, "addresses": [self.plan.network["phone"][key] for key in ("ipv4", "ipv6")]}
        text = yaml.safe_dump({"device": device}, allow_unicode=True, sort_keys=False, width=1000,
                              default_flow_style=None)
        lines = [yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=1000, default_flow_style=None)
                 for entry in self.plan.data]
        return text + "data:\n" + "".join("  " + line for line in lines)


def digest(kind, text):
    """Lower-case hex."""
    return hashlib.new(kind, text.encode()).hexdigest()


def digest_base64(kind, text):
    return base64.b64encode(hashlib.new(kind, text.encode()).digest()).decode()
