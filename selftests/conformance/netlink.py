# SPDX-License-Identifier: GPL-2.0-only
"""The few netlink requests that the runner needs, without a process for each.

A request acts on the network namespace in which its socket was opened.
"""
import ipaddress
import os
import socket
import struct

NETLINK_ROUTE = 0
NETLINK_NETFILTER = 12

REQUEST, ACK, DUMP, CREATE, EXCL = 0x1, 0x4, 0x300, 0x400, 0x200
ERROR, DONE = 2, 3

NEWLINK, NEWADDR, DELADDR, NEWROUTE, DELROUTE = 16, 20, 21, 24, 25
IFF_UP, IFF_NOARP = 0x1, 0x80
ADDRESS_FLAGS_NODAD = 0x02

CT_NEW, CT_GET, CT_DELETE = 0x100, 0x101, 0x102
NESTED = 0x8000


def attribute(kind, data):
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)


def text(kind, value):
    return attribute(kind, value.encode() + b"\0")


def nest(kind, *parts):
    return attribute(kind | NESTED, b"".join(parts))


def attributes(data):
    """The attributes in data, as a dictionary by their kind."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


class Netlink:
    """A netlink socket of one namespace."""

    def __init__(self, protocol):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((0, 0))
        self.sequence = 0

    def request(self, kind, flags, body):
        """Sends a request and returns the messages of the answer."""
        self.sequence += 1
        self.socket.send(struct.pack("=IHHII", len(body) + 16, kind,
                                     flags | REQUEST | ACK, self.sequence, 0) + body)
        answer = []
        while True:
            data = self.socket.recv(1 << 18)
            while data:
                length, kind, _, sequence, _ = struct.unpack_from("=IHHII", data)
                message, data = data[16:length], data[(length + 3) & ~3:]
                if sequence != self.sequence:
                    continue
                if kind == ERROR:
                    code = -struct.unpack_from("=i", message)[0]
                    if code:
                        raise OSError(code, os.strerror(code))
                    return answer
                if kind == DONE:
                    return answer
                answer.append(message)


class Route(Netlink):
    """Links, addresses and routes of a namespace."""

    # All links have this address at both ends, and resolve none.
    mac = bytes.fromhex("020000000001")

    def __init__(self):
        super().__init__(NETLINK_ROUTE)

    def add_pair(self, name, peer, peer_namespace):
        """A pair of links, the other one in the namespace of a descriptor."""
        link = struct.pack("=BxHiII", 0, 0, 0, 0, 0)
        other = link + text(3, peer) + attribute(1, self.mac) + \
            attribute(28, struct.pack("=I", peer_namespace))
        self.request(NEWLINK, CREATE | EXCL, link + text(3, name) + attribute(1, self.mac) +
                     nest(18, text(1, "veth"), nest(2, attribute(1, other))))

    def add_dummy(self, name):
        self.request(NEWLINK, CREATE | EXCL, struct.pack("=BxHiII", 0, 0, 0, 0, 0) +
                     text(3, name) + nest(18, text(1, "dummy")))

    def set_up(self, name):
        flags = IFF_UP | (IFF_NOARP if name != "lo" else 0)
        self.request(NEWLINK, 0, struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(name),
                                             flags, flags))

    def address(self, address, name, add=True):
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        body = struct.pack("=BBBBI", family, address.max_prefixlen, ADDRESS_FLAGS_NODAD, 0,
                           socket.if_nametoindex(name))
        body += attribute(2, address.packed) + attribute(1, address.packed)
        self.request(NEWADDR if add else DELADDR, CREATE | EXCL if add else 0, body)

    def route(self, network, name, add=True):
        """A route to whoever is behind a link."""
        family = socket.AF_INET6 if network.version == 6 else socket.AF_INET
        scope = 253 if network.version == 4 else 0
        body = struct.pack("=BBBBBBBBI", family, network.prefixlen, 0, 0, 254, 4, scope, 1, 0)
        if network.prefixlen:
            body += attribute(1, network.network_address.packed)
        body += attribute(4, struct.pack("=I", socket.if_nametoindex(name)))
        self.request(NEWROUTE if add else DELROUTE, CREATE | EXCL if add else 0, body)


class Conntrack(Netlink):
    """The connections that a namespace knows."""

    protocols = {"TCP": socket.IPPROTO_TCP, "UDP": socket.IPPROTO_UDP,
                 "SCTP": socket.IPPROTO_SCTP}

    def __init__(self):
        super().__init__(NETLINK_NETFILTER)

    @staticmethod
    def header(family):
        return struct.pack("!BBH", family, 0, 0)

    @staticmethod
    def tuple(kind, source, sport, destination, dport, protocol):
        low = 3 if source.version == 6 else 1
        return nest(kind,
                    nest(1, attribute(low, source.packed), attribute(low + 1, destination.packed)),
                    nest(2, attribute(1, bytes([protocol])), attribute(2, struct.pack("!H", sport)),
                         attribute(3, struct.pack("!H", dport))))

    def flush(self):
        self.request(CT_DELETE, 0, self.header(0))

    def add(self, name, source, sport, destination, dport, target, target_port):
        """A connection that is translated to a target, or to nothing if that is
        where it goes anyway."""
        protocol = self.protocols[name]
        family = socket.AF_INET6 if source.version == 6 else socket.AF_INET
        body = self.header(family)
        body += self.tuple(1, source, sport, destination, dport, protocol)
        body += self.tuple(2, destination, dport, source, sport, protocol)
        body += attribute(7, struct.pack("!I", 600))
        body += attribute(3, struct.pack("!I", 1 << 3 | 1 << 1))  # confirmed, seen reply
        if name == "TCP":
            body += nest(4, nest(1, attribute(1, b"\3")))
        elif name == "SCTP":
            body += nest(4, nest(3, attribute(1, b"\4"), attribute(2, struct.pack("!I", 1)),
                                 attribute(3, struct.pack("!I", 2))))
        if (target, target_port) != (destination, dport):
            first, last = (4, 5) if target.version == 6 else (1, 2)
            port = struct.pack("!H", target_port)
            body += nest(13, attribute(first, target.packed), attribute(last, target.packed),
                         nest(3, attribute(1, port), attribute(2, port)))
        self.request(CT_NEW, CREATE | EXCL, body)

    @staticmethod
    def read(data):
        parts = attributes(data)
        ip, proto = attributes(parts[1]), attributes(parts[2])
        source, destination = (ip[3], ip[4]) if 3 in ip else (ip[1], ip[2])
        port = {kind: struct.unpack("!H", proto[kind])[0] for kind in (2, 3) if kind in proto}
        return (proto[1][0], ipaddress.ip_address(source), port.get(2, 0),
                ipaddress.ip_address(destination), port.get(3, 0))

    def entries(self):
        """All of them: the tuple of the first packet, and that of its answer."""
        found = {}
        for message in self.request(CT_GET, DUMP, self.header(0)):
            parts = attributes(message[4:])
            found[self.read(parts[1])] = self.read(parts[2])
        return found
