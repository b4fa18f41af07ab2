"""tcpdump on the home network's bridge, started and stopped by a marker packet that both ends can see."""

import os
import socket
import struct
import subprocess
import time

from . import pcapng
from .world import environment, wait_until

MARKER_PORT = 9  # discard


class Capture:
    """Records until `stop`; the marker packets are left out of what it returns."""

    def __init__(self, processes, work):
        self.file = work / "home.pcap"
        self.marks = 0
        self.processes = processes
        stay = ["-Z", "root"] if os.geteuid() == 0 else []
        self.dump = processes.start(
            "tcpdump", "--immediate-mode", "-U", *stay, "-i", "home", "-s", "262144", "--time-stamp-precision=nano",
            "-w", str(self.file), env=environment(), stdout=open(work / "tcpdump.log", "wb"), stderr=subprocess.STDOUT)
        self.mark()

    def mark(self):
        """Returns when a marker that is sent now stands in the file, and with it everything before."""
        self.marks += 1
        payload = b"tattle-lab-marker-" + struct.pack(">I", self.marks)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"home")

            def seen():
                # The first markers may come before tcpdump listens: ask again each time.
                sender.sendto(payload, ("255.255.255.255", MARKER_PORT))
                return self.file.exists() and payload in self.file.read_bytes()

            wait_until(seen, "capture of the marker")

    def stop(self):
        """All packets but the markers, [(time in ns, bytes)]."""
        self.mark()
        self.processes.end(self.dump)
        return [packet for packet in pcapng.read_pcap(self.file.read_bytes()) if b"tattle-lab-marker-" not in packet[1]]


class Clock:
    """Lays real time onto the story's: each step begins when the scenario says, and within it time runs as it did."""

    def __init__(self, start):
        self.marks = [(time.time_ns(), nanoseconds(start))]

    def step(self, at):
        """A step of the story begins now; never before what already happened."""
        now = time.time_ns()
        self.marks.append((now, max(nanoseconds(at), self.story(now) + 1)))
        return self.marks[-1][1]

    def story(self, real):
        for began, told in reversed(self.marks):
            if real >= began:
                return told + real - began
        began, told = self.marks[0]
        return told + real - began


def nanoseconds(moment):
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
