# SPDX-License-Identifier: GPL-2.0-only
"""Connections, and what becomes of their first packets.

TCP and UDP are what the kernel's own sockets send; the same for the answers. Of
SCTP it is the first packet and its answer, over raw sockets, since few kernels
have SCTP sockets.
"""
import collections
import errno
import ipaddress
import itertools
import socket
import struct
import time

from net import PACKET_OUTGOING, error_name, plain
from netlink import Route

# A first packet as it came to somebody.
Arrival = collections.namedtuple("Arrival", "host proto src sport dst dport")

PROTOCOLS = {socket.IPPROTO_TCP: "TCP", socket.IPPROTO_UDP: "UDP", socket.IPPROTO_SCTP: "SCTP"}
NUMBERS = {name: number for number, name in PROTOCOLS.items()}
UNREACHABLE = {4: (3, 3), 6: (1, 4)}	# ICMP type and code: nobody has that port
RESET, SYN = 4, 2
LINGER_NOT = struct.pack("ii", 1, 0)


def _crc_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
        yield byte


CRC = list(_crc_table())


def sctp(sport, dport, tag, chunk):
    """An SCTP packet; its checksum is a CRC32c."""
    packet = struct.pack("!HHII", sport, dport, tag, 0) + chunk
    crc = 0xffffffff
    for byte in packet:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xff]
    return packet[:8] + struct.pack("<I", crc ^ 0xffffffff) + packet[12:]


def sctp_init(kind, tag):
    """A chunk INIT (1) or INIT ACK (2, which also needs a cookie)."""
    cookie = struct.pack("!HHI", 7, 8, tag) if kind == 2 else b""
    return struct.pack("!BBHIIHHI", kind, 0, 20 + len(cookie), tag, 65536, 1, 1, tag) + cookie


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("!H", ~total & 0xffff)


def parse_ip(data):
    """(protocol, source, destination, rest) of an IP packet, or None."""
    version = data[0] >> 4
    if version == 4 and len(data) >= 20:
        return (data[9], ipaddress.ip_address(data[12:16]), ipaddress.ip_address(data[16:20]),
                data[(data[0] & 15) * 4:])
    if version == 6 and len(data) >= 40:
        return (data[6], ipaddress.ip_address(data[8:24]), ipaddress.ip_address(data[24:40]),
                data[40:])
    return None


class Attempt:
    """A connection that somebody tries to make. What became of it:

    state    "answered", "refused" or "silent", for the socket of the client
    error    the error that the socket got
    answers  texts: ICMP errors and resets that came back for it
    backend  (address, port) where it ended, if run() was asked to find out
    begin, end  when it was begun, which is when its first packet was on its way
    """

    def __init__(self, proto, host, src, sport, dst, dport):
        self.proto, self.host = proto, host
        self.src, self.sport, self.dst, self.dport = src, sport, dst, dport
        self.socket = None
        self.state = "silent"
        self.error = None
        self.at_once = False
        self.answers = []
        self.backend = None
        self.begin = self.end = 0

    def open(self):
        self.begin = time.monotonic()
        self.connect()
        self.end = time.monotonic()

    def connect(self):
        family = socket.AF_INET6 if self.src.version == 6 else socket.AF_INET
        kind = {"TCP": socket.SOCK_STREAM, "UDP": socket.SOCK_DGRAM}.get(self.proto,
                                                                       socket.SOCK_RAW)
        self.socket = self.host.namespace.socket(
            family, kind | socket.SOCK_NONBLOCK,
            NUMBERS["SCTP"] if self.proto == "SCTP" else 0)
        try:
            self.socket.bind((str(self.src), self.sport if self.proto != "SCTP" else 0))
            self.socket.connect((str(self.dst), self.dport if self.proto != "SCTP" else 0))
            if self.proto == "UDP":
                self.socket.send(struct.pack("!H", self.sport))
            elif self.proto == "SCTP":
                self.socket.send(sctp(self.sport, self.dport, 0, sctp_init(1, self.sport + 1)))
        except BlockingIOError:
            pass
        except OSError as problem:
            self.fail(problem.errno)
            self.at_once = True

    def fail(self, code):
        self.error = error_name(code)
        self.state = "refused" if code == errno.ECONNREFUSED else "failed"

    def look(self):
        """What the client knows by now."""
        if self.state != "silent":
            return
        try:
            if self.proto == "TCP":
                code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if code:
                    self.fail(code)
                    return
                self.socket.getpeername()
            elif self.proto == "UDP":
                self.socket.recv(16)
            else:
                self.look_sctp()
                return
            self.state = "answered"
        except BlockingIOError:
            pass
        except OSError as problem:
            if problem.errno != errno.ENOTCONN:
                self.fail(problem.errno)

    def look_sctp(self):
        """A raw socket gets what is for any port; it is connected to an address."""
        while True:
            data = self.socket.recv(256)
            if self.src.version == 4:
                data = data[(data[0] & 15) * 4:]
            if len(data) > 12 and data[12] == 2 and \
                    struct.unpack_from("!HHI", data) == (self.dport, self.sport, self.sport + 1):
                self.state = "answered"
                return

    def close(self):
        if self.proto == "TCP":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.socket.close()


class Traffic:
    """Makes connections in a setting, and sees what arrives."""

    def __init__(self, setting):
        self.setting = setting
        self.ports = itertools.cycle(range(10000, 28000))
        self.taken = set()
        self.by_client = {}
        self.arrivals = []
        self.ends = {}		# number of a client's port -> where it ended
        self.replies = []
        self.accepted = []

    def port(self):
        return next(port for port in self.ports if port not in self.taken)

    def run(self, wishes, identify=False):
        """Makes the connections (proto, src, dst, dport), all at once. Returns them
        and the arrivals of their first packets. By those nobody can tell which
        connection it is, if its source was rewritten; to identify them, clients send
        the number of their port."""
        attempts = []
        self.arrivals = []
        self.by_client = {}
        self.ends = {}
        for proto, src, dst, dport in wishes:
            attempt = Attempt(proto, self.setting.owner(src), src, self.port(), dst, dport)
            attempts.append(attempt)
            self.by_client[proto, src, attempt.sport] = attempt
        for attempt in attempts:
            attempt.open()
        hosts = {id(attempt.host): attempt.host for attempt in attempts}.values()
        self.settle(hosts)
        while self.replies:
            self.reply()
            self.settle(hosts)
        for attempt in attempts:
            attempt.look()
        if identify:
            self.identify(attempts, hosts)
        for connection in (*self.accepted, *attempts):
            connection.close()
        self.accepted.clear()
        return attempts, list(dict.fromkeys(self.arrivals))

    def identify(self, attempts, hosts):
        for attempt in attempts:
            if attempt.proto == "TCP" and attempt.state == "answered":
                attempt.socket.send(struct.pack("!H", attempt.sport))
        self.settle(hosts)
        for connection in self.accepted:
            connection.setblocking(False)
            try:
                number = struct.unpack("!H", connection.recv(2))[0]
            except (OSError, struct.error):
                continue
            here = connection.getsockname()
            self.ends[number] = (plain(here[0]), here[1])
        for attempt in attempts:
            attempt.backend = self.ends.get(attempt.sport)

    def martian(self, leaf, src, port):
        """Sends the first packet of a connection to 127.0.0.1, which no socket does.
        Returns the arrivals."""
        dst = ipaddress.ip_address("127.0.0.1")
        tcp = struct.pack("!HHIIBBHHH", self.port(), port, 1, 0, 5 << 4, SYN, 65535, 0, 0)
        pseudo = src.packed + dst.packed + struct.pack("!HH", socket.IPPROTO_TCP, len(tcp))
        tcp = tcp[:16] + checksum(pseudo + tcp) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0)
        ip += src.packed + dst.packed
        ip = ip[:10] + checksum(ip) + ip[12:]
        self.arrivals = []
        self.by_client = {}
        with leaf.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            with leaf.namespace:
                raw.bind((leaf.device, 0))
            raw.send(Route.mac * 2 + b"\x08\x00" + ip + tcp)
        self.settle([leaf])
        return self.arrivals

    def settle(self, hosts):
        for host in hosts:
            self.setting.fence(host)
        self.drain()

    def drain(self):
        while True:
            ready = self.setting.poll.ready()
            if not ready:
                return
            for watcher, host, kind in ready:
                see = getattr(self, "see_" + kind.lower())
                try:
                    while True:
                        see(watcher, host)
                except BlockingIOError:
                    pass

    def see_tcp(self, listener, host):
        connection, peer = listener.accept()
        if host is self.setting.node:
            here = connection.getsockname()
            self.arrivals.append(Arrival(host, "TCP", plain(peer[0]), peer[1], plain(here[0]),
                                         here[1]))
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        except OSError:
            pass			# the client was faster
        self.accepted.append(connection)	# until its client has looked

    @staticmethod
    def destination(extra):
        for level, kind, data in extra:
            if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
                return plain(str(ipaddress.ip_address(data[:16])))
        return None

    def see_udp(self, listener, host):
        data, extra, _, peer = listener.recvmsg(256, 256)
        self.ends[struct.unpack("!H", data)[0]] = (self.destination(extra),
                                                   listener.getsockname()[1])
        if host is self.setting.node:
            self.arrivals.append(Arrival(host, "UDP", plain(peer[0]), peer[1],
                                         self.destination(extra), listener.getsockname()[1]))
        extra = [(level, kind, value) for level, kind, value in extra
                 if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO)]
        # By the way that it should take, not back to where it came from.
        extra = [(level, kind, value[:16] + bytes(4)) for level, kind, value in extra]
        self.replies.append((listener, ([data], extra, 0, peer)))

    def see_sctp(self, raw, host):
        data, extra, _, peer = raw.recvmsg(512, 256)
        if raw.family == socket.AF_INET:
            _, _, here, data = parse_ip(data)
        else:
            here = self.destination(extra)
        if len(data) < 20 or data[12] != 1:
            return
        sport, dport = struct.unpack_from("!HH", data)
        tag = struct.unpack_from("!I", data, 16)[0]
        self.ends[tag - 1] = (here, dport)
        if host is self.setting.node:
            self.arrivals.append(Arrival(host, "SCTP", plain(peer[0]), sport, here, dport))
        self.replies.append((host, (here, peer[0], sctp(dport, sport, tag, sctp_init(2, 1)))))

    def reply(self):
        replies, self.replies = self.replies, []
        for where, what in replies:
            if isinstance(where, socket.socket):
                where.sendmsg(*what)
            else:
                here, peer, packet = what
                family = socket.AF_INET6 if here.version == 6 else socket.AF_INET
                with where.namespace.socket(family, socket.SOCK_RAW, NUMBERS["SCTP"]) as raw:
                    raw.bind((str(here), 0))
                    raw.sendto(packet, (peer, 0))

    def see_sniffer(self, sniffer, host):
        data, address = sniffer.recvfrom(512)
        if address[2] == PACKET_OUTGOING:
            return
        packet = parse_ip(data)
        if packet is None:
            return
        number, src, dst, rest = packet
        if number in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6):
            self.see_icmp(rest, src.version, src)
            return
        proto = PROTOCOLS.get(number)
        sport, dport = struct.unpack_from("!HH", rest)
        if proto == "TCP" and rest[13] & RESET:
            self.answer(proto, dst, dport, src, sport, "TCP reset")
        elif proto == "SCTP" and rest[12] != 1:
            if rest[12] == 6:
                self.answer(proto, dst, dport, src, sport, "SCTP abort")
        elif host is not self.setting.node and (proto, dst, dport) not in self.by_client:
            # What comes to the node itself is what its listeners see.
            self.arrivals.append(Arrival(host, proto, src, sport, dst, dport))

    def see_icmp(self, message, version, src):
        kind, code = message[0], message[1]
        if kind not in ((3, 11, 12) if version == 4 else (1, 2, 3, 4)):
            return
        about = parse_ip(message[8:])
        if about is None or len(about[3]) < 4 or about[0] not in PROTOCOLS:
            return
        number, client, server, rest = about
        sport, dport = struct.unpack_from("!HH", rest)
        name = "ICMP" if version == 4 else "ICMPv6"
        text = f"{name} port unreachable" if (kind, code) == UNREACHABLE[version] else \
            f"{name} type {kind} code {code} from {src}"
        self.answer(PROTOCOLS[number], client, sport, server, dport, text)

    def answer(self, proto, client, sport, server, dport, text):
        attempt = self.by_client.get((proto, client, sport))
        if attempt is None:
            return
        if (server, dport) != (attempt.dst, attempt.dport):
            text += f" about {server} port {dport}"
        if text not in attempt.answers:
            attempt.answers.append(text)
