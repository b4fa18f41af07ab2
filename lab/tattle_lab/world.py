"""Networks and processes of the laboratory.

Three kinds of network namespace, joined by virtual cables: `world` (this process's own: the access point's bridge, the
resolver and the servers), `phone` and `laptop` on the home network, and `old` for a server that needs port 443 of
every address for itself. Nothing is connected to the machine's network.
"""

import ctypes
import os
import subprocess
import time
from pathlib import Path

WAIT_S = 10.0
PAUSE_S = 0.02
MS_BIND = 4096


def run(*command, **options):
    """Runs to the end; raises with what it said when it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=WAIT_S * 3, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def wait_until(condition, what):
    """Polls; raises when it takes longer than WAIT_S. Never a bare sleep: the condition decides."""
    end = time.monotonic() + WAIT_S
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not after {WAIT_S:.0f} s")
        time.sleep(PAUSE_S)


class Processes:
    """Started processes, ended in reverse order."""

    def __init__(self):
        self.running = []

    def start(self, *command, **options):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
        self.running.append(process)
        return process

    def end(self, process):
        process.terminate()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            if process.poll() is None:
                self.end(process)


class World:
    """Builds the networks. They vanish with the process that runs this."""

    def __init__(self, plan, work):
        self.plan = plan
        self.network = plan.network
        self.work = work

    def build(self):
        mount("tmpfs", "/run", "tmpfs")
        self.own_names()
        run("ip", "link", "set", "lo", "up")
        for switch in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            Path("/proc/sys/net", switch).write_text("1")
        run("ip", "link", "add", "home", "address", self.network["router"]["mac"], "type", "bridge",
            "mcast_snooping", "0")
        self.address("home", self.network["router"])
        plain_packets("home")
        for who in ("phone", "laptop"):
            self.join(who, self.network[who])
        for server in self.plan.servers:
            if "rc4" in server.serve:
                self.stand_apart(server)
            else:
                for address in server.addresses:
                    run("ip", "address", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo")

    def own_names(self):
        """Everyone's resolver is the lab's, and no name is known beforehand."""
        resolver = self.work / "resolv.conf"
        resolver.write_text(f"nameserver {self.network['router']['ipv4']}\noptions timeout:2 attempts:1\n")
        hosts = self.work / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        switch = self.work / "nsswitch.conf"
        switch.write_text("hosts: files dns\npasswd: files\ngroup: files\n")
        for file in (resolver, hosts, switch):
            mount(str(file), f"/etc/{file.name}", "", MS_BIND)

    def address(self, device, host, inside=()):
        run(*inside, "ip", "address", "add", f"{host['ipv4']}/24", "dev", device)
        run(*inside, "ip", "address", "add", f"{host['ipv6']}/64", "dev", device, "nodad")
        run(*inside, "ip", "link", "set", device, "up")

    def join(self, who, host):
        inside = in_network(who)
        run("ip", "netns", "add", who)
        run("ip", "link", "add", f"to-{who}", "type", "veth", "peer", "name", "wlan0", "address", host["mac"],
            "netns", who)
        run("ip", "link", "set", f"to-{who}", "master", "home", "up")
        run(*inside, "ip", "link", "set", "lo", "up")
        self.address("wlan0", host, inside)
        run(*inside, "ip", "route", "add", "default", "via", self.network["router"]["ipv4"])
        run(*inside, "ip", "route", "add", "default", "via", self.network["router"]["ipv6"])
        plain_packets(f"to-{who}")
        plain_packets("wlan0", inside)

    def stand_apart(self, server):
        inside = in_network("old")
        run("ip", "netns", "add", "old")
        run("ip", "link", "add", "to-old", "type", "veth", "peer", "name", "eth0", "netns", "old")
        run("ip", "link", "set", "to-old", "up")
        run("ip", "address", "add", "198.18.0.1/30", "dev", "to-old")
        run(*inside, "ip", "address", "add", "198.18.0.2/30", "dev", "eth0")
        run(*inside, "ip", "link", "set", "eth0", "up")
        run(*inside, "ip", "link", "set", "lo", "up")
        run(*inside, "ip", "address", "add", f"{server.addresses[0]}/32", "dev", "lo")
        run(*inside, "ip", "route", "add", "default", "via", "198.18.0.1")
        run("ip", "route", "add", f"{server.addresses[0]}/32", "via", "198.18.0.2")
        plain_packets("to-old")
        plain_packets("eth0", inside)


def mount(source, target, kind, flags=0):
    """mount(2); the program of that name insists on user 0, where the capability is enough."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None):
        raise OSError(ctypes.get_errno(), f"mount on {target}")


def in_network(who):
    """Words that make a command run in someone's network."""
    return ("ip", "netns", "exec", who) if who != "world" else ()


def plain_packets(device, inside=()):
    """Packets as a cable would carry them: at most 1,500 bytes, with real checksums."""
    for feature in ("tso", "gso", "gro", "tx", "rx"):
        subprocess.run([*inside, "ethtool", "-K", device, feature, "off"], check=False, capture_output=True,
                       timeout=WAIT_S)


def connections_open(who):
    """Whether any TCP connection of someone's is neither closed nor waiting out its time."""
    quiet = {"06", "0A", "07"}  # TIME_WAIT, LISTEN, CLOSE
    text = run(*in_network(who), "cat", "/proc/net/tcp", "/proc/net/tcp6").decode()
    states = [line.split()[3] for line in text.splitlines() if ":" in line.split()[0]]
    return any(state not in quiet for state in states)


def environment(**extra):
    """A small, always equal environment for the programs."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **extra}
