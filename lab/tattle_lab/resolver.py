"""The home network's resolver: answers for the scenario's names, remembers who asked."""

import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28
LIFETIME_S = 300


class Resolver:
    """DNS over UDP (RFC 1035), one question a message. `asked` holds (client, name, type) in order."""

    def __init__(self, plan):
        self.addresses = {host: server.addresses for server in plan.servers for host in server.hosts}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((plan.network["router"]["ipv4"], 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            name, kind, end = question(query)
            self.asked.append((client[0], name, kind))
            self.socket.sendto(self.answer(query, name, kind, end), client)

    def answer(self, query, name, kind, end):
        known = name in self.addresses
        wanted = [ipaddress.ip_address(address) for address in self.addresses.get(name, [])]
        found = [address.packed for address in wanted if (A, AAAA)[address.version == 6] == kind]
        flags = 0x8180 | (0 if known else 3)  # a response, recursion desired and available; NXDOMAIN
        head = query[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0)
        records = [struct.pack(">HHHIH", 0xC00C, kind, 1, LIFETIME_S, len(data)) + data for data in found]
        return head + query[12:end] + b"".join(records)


def question(query):
    """Name, type and end of the first question."""
    labels = []
    offset = 12
    while query[offset]:
        labels.append(query[offset + 1:offset + 1 + query[offset]].decode("ascii"))
        offset += 1 + query[offset]
    return ".".join(labels).lower(), struct.unpack_from(">H", query, offset + 1)[0], offset + 5
