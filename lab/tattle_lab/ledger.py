"""What truly happened, written down by those who made it happen and never read from the capture."""

import json


class Ledger:
    """Collects disclosures as they are caused. Those under keys that stay out of the key log are kept apart."""

    def __init__(self):
        self.seen = {}
        self.unseen = {}
        self.requests = []
        self.actions = []
        self.decoys = []
        self.now = None  # (time, step) of what is written down
        self.times = {}

    def disclose(self, find, direction, transport, protocol, host, role, visible=True):
        """One occurrence: one message that carries the value in this place."""
        key = (find, direction, transport, protocol, host, role)
        book = self.seen if visible else self.unseen
        book[key] = book.get(key, 0) + 1
        if visible and self.now:
            self.times.setdefault(key, []).append(self.now)

    def request(self, method, host, target, protocol, status, visible):
        self.requests.append({"method": method, "host": host, "target": target, "protocol": protocol, "status": status,
                              "readable": visible})

    def action(self, time, said):
        """A line of the log that a careful tester keeps."""
        self.actions.append({"time": time, **said})

    def decoy(self, value, why):
        if {"value": value, "why": why} not in self.decoys:
            self.decoys.append({"value": value, "why": why})

    def truth(self, scenario, opaque):
        return {
            "scenario": scenario,
            "disclosures": [listed(key, count) for key, count in self.seen.items()],
            "unseen": [listed(key, count) for key, count in self.unseen.items()],
            "opaque-hosts": sorted(opaque),
            "decoys": self.decoys,
            "requests": self.requests,
        }


    def when(self):
        """The moment at which the step began that caused each occurrence, as far as a step caused it."""
        return [{**listed(key, len(times)), "at": [{"time": time, "step": step} for time, step in times]}
                for key, times in self.times.items()]


def listed(key, count):
    find, direction, transport, protocol, host, role = key
    entry = {"datum": find.datum, "entry": find.entry, "part": find.part, "form": find.form, "direction": direction,
             "transport": transport, "protocol": protocol, "host": host, "role": role, "count": count,
             "path-steps": list(find.steps)}
    if find.optional:
        entry["optional"] = True
    return entry


def as_lines(rows):
    return "[\n  " + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def as_json(document):
    """One entry a line, so that differences between evenings can be read."""
    parts = []
    for name, value in document.items():
        if isinstance(value, list) and value:
            rows = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f"  {json.dumps(name)}: [\n    {rows}\n  ]")
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
