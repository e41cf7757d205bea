# SPDX-License-Identifier: GPL-2.0-only
"""The network that the cases are played in.

      pods, endpoints of this node, clients outside          endpoints elsewhere
        leaf  leaf  leaf ...                                   leaf  leaf ... edge
          \\    |    /                                             \\   |    /
           +-------+                                             +-----+
           | node  |---------------------------------------------| far |
           +-------+                                             +-----+
               |
             world, by the default route

All are network namespaces, "leaf" has one address of a case and what is needed to
reach it. The node owns the addresses that the case gives it; no other namespace
has a router's address, so what a connection is masqueraded with is the node's.
Leaves are kept from case to case and only get other addresses, as making a
namespace takes long. The world owns nothing and answers nothing: what comes there
left the node without being translated. Answers of endpoints elsewhere come back
by the node, as tunnels between nodes see to it.

A link needs no neighbour discovery: it does not resolve, and both of its ends have
one hardware address. So packets are only those of the cases; and as one CPU sends
and forwards them all, they stay in order.
"""
import ctypes
import errno
import ipaddress
import os
import pathlib
import select
import socket
import struct
import time

import netlink

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
MS_BIND = 4096
MNT_DETACH = 2
SOL_RAW = 255
ICMP_FILTER = 1
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_ATTACH_FILTER = 26

# Addresses of our own, which no case may use.
OURS = ipaddress.ip_network("198.18.0.0/15")
EDGE = ipaddress.ip_address("198.19.0.1")


class Failure(Exception):
    """The runner itself cannot go on, or does not trust what it sees."""


def call(function, *arguments):
    if function(*arguments):
        code = ctypes.get_errno()
        raise OSError(code, f"{function.__name__}: {os.strerror(code)}")


def host_network(address):
    return ipaddress.ip_network(address)


def plain(address):
    """An address as a socket tells it, without the form of IPv4 in IPv6."""
    address = ipaddress.ip_address(address.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def write_sysctl(name, value):
    pathlib.Path("/proc/sys/net", name).write_text(value, encoding="ascii")


# What a sniffer sees: the first packet of a TCP connection, a reset that answers
# one (its sequence number is 0), UDP, SCTP, ICMP errors.
def _filter():
    load_byte, load_word, load_size = 0x30, 0x20, 0x80
    jump_equal, jump_set, give, index = 0x15, 0x45, 0x6, 0xb1
    indexed_byte, indexed_word, load_x = 0x50, 0x40, 0x01
    take, leave = 99, 98	# resolved below
    program = [
        (load_byte, 0, 0, 0),
        (0x54, 0, 0, 0xf0),			# and
        (jump_equal, 4, 0, 0x60),		# IPv6: to "v6"
        (index, 0, 0, 0),			# x = length of the IPv4 header
        (load_byte, 0, 0, 9),
        (jump_equal, take, 0, 1),		# all ICMP: sorted out later
        (0x05, 0, 0, 2),			# to "any"
        (load_x, 0, 0, 40),			# v6: x = length of the header
        (load_byte, 0, 0, 6),
        (jump_equal, take, 0, 58),		# any:
        (jump_equal, take, 0, 17),
        (jump_equal, take, 0, 132),
        (jump_equal, 0, leave, 6),
        (indexed_byte, 0, 0, 13),
        (jump_set, 2, 0, 0x04),			# reset?
        (jump_set, 0, leave, 0x02),		# else SYN
        (jump_set, leave, take, 0x10),		# without ACK
        (indexed_word, 0, 0, 4),
        (jump_equal, take, leave, 0),
        (give, 0, 0, 0x40000),
        (give, 0, 0, 0),
    ]
    del load_word, load_size
    code = b""
    for place, (operation, yes, no, value) in enumerate(program):
        where = {take: len(program) - 2 - place - 1, leave: len(program) - 1 - place - 1}
        code += struct.pack("=HBBI", operation, where.get(yes, yes), where.get(no, no), value)
    return len(program), code


FILTER_LENGTH, FILTER = _filter()


class Namespace:
    """A network namespace; used in a "with", what follows happens in there."""

    home = None

    def __init__(self, name):
        self.name = name
        if Namespace.home is None:
            Namespace.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        call(LIBC.unshare, CLONE_NEWNET)
        self.descriptor = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.route = netlink.Route()
        for setting, value in (("ipv4/icmp_ratelimit", "0"), ("ipv4/icmp_ratemask", "0"),
                               ("ipv4/conf/all/rp_filter", "0"),
                               ("ipv4/conf/default/rp_filter", "0"),
                               ("ipv4/conf/all/send_redirects", "0"),
                               ("ipv4/conf/default/send_redirects", "0"),
                               ("ipv6/icmp/ratelimit", "0"), ("ipv6/icmp/ratemask", ""),
                               ("ipv6/conf/default/accept_dad", "0"),
                               ("ipv6/conf/default/accept_ra", "0"),
                               ("ipv6/conf/default/accept_redirects", "0"),
                               ("ipv6/conf/default/addr_gen_mode", "1")):
            write_sysctl(setting, value)
        self.route.set_up("lo")
        call(LIBC.setns, Namespace.home, CLONE_NEWNET)

    def __enter__(self):
        call(LIBC.setns, self.descriptor, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        call(LIBC.setns, Namespace.home, CLONE_NEWNET)

    def forward(self):
        with self:
            write_sysctl("ipv4/ip_forward", "1")
            write_sysctl("ipv6/conf/all/forwarding", "1")

    def socket(self, *arguments):
        with self:
            return socket.socket(*arguments)

    def sniffer(self, device):
        with self:
            sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
            program = ctypes.create_string_buffer(FILTER)
            sniffer.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                               struct.pack("@HP", FILTER_LENGTH, ctypes.addressof(program)))
            sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            sniffer.bind((device, ETH_P_ALL))
        sniffer.setblocking(False)
        return sniffer

    def listen(self, protocol, port):
        """A socket for both families that waits on a port."""
        kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
        listener = self.socket(socket.AF_INET6, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        listener.bind(("::", port))
        if protocol == "TCP":
            listener.listen(1024)
        listener.setblocking(False)
        return listener


class Host:
    """A namespace that takes part in the cases, and all that watches it."""

    def __init__(self, namespace, device, poll):
        self.namespace = namespace
        self.device = device
        self.poll = poll
        self.addresses = []
        self.listeners = {}
        self.raw = {}
        self.pings = None
        self.sniffer = namespace.sniffer(device)
        poll.add(self.sniffer, self, "sniffer")

    def wait_on(self, protocol, port):
        if protocol == "SCTP":
            self.watch_sctp()
        elif (protocol, port) not in self.listeners:
            listener = self.namespace.listen(protocol, port)
            self.listeners[protocol, port] = listener
            self.poll.add(listener, self, protocol)

    def watch_sctp(self):
        """Raw sockets: the kernel answers to no SCTP, and here we see it."""
        for family in (socket.AF_INET, socket.AF_INET6):
            if family not in self.raw:
                raw = self.namespace.socket(family, socket.SOCK_RAW, socket.IPPROTO_SCTP)
                if family == socket.AF_INET6:
                    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
                raw.setblocking(False)
                self.raw[family] = raw
                self.poll.add(raw, self, "SCTP")

    def stop_waiting(self):
        for listener in (*self.listeners.values(), *self.raw.values()):
            self.poll.remove(listener)
            listener.close()
        self.listeners.clear()
        self.raw.clear()

    def send_ping(self, sequence):
        if self.pings is None:
            self.pings = self.namespace.socket(socket.AF_INET, socket.SOCK_RAW,
                                               socket.IPPROTO_ICMP)
            # Only echo replies.
            self.pings.setsockopt(SOL_RAW, ICMP_FILTER, struct.pack("=I", ~1 & 0xffffffff))
        message = struct.pack("!BBHHH", 8, 0, 0, 0x5c1b, sequence)
        total = sum(struct.unpack("!4H", message))
        total = (total & 0xffff) + (total >> 16)
        self.pings.sendto(message[:2] + struct.pack("!H", ~total & 0xffff) + message[4:],
                          (str(EDGE), 0))

    def await_ping(self, sequence, seconds):
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.pings], [], [], left)[0]:
                raise Failure(f"{self.namespace.name}: no answer from the edge")
            data = self.pings.recv(256)
            data = data[(data[0] & 15) * 4:]
            if data[0] == 0 and struct.unpack_from("!HH", data, 4) == (0x5c1b, sequence):
                return


class Poll:
    """All sockets that watch, each with its host and what it is."""

    def __init__(self):
        self.epoll = select.epoll()
        self.sockets = {}

    def add(self, watcher, host, kind):
        self.sockets[watcher.fileno()] = (watcher, host, kind)
        self.epoll.register(watcher, select.EPOLLIN)

    def remove(self, watcher):
        self.epoll.unregister(watcher)
        del self.sockets[watcher.fileno()]

    def ready(self):
        return [self.sockets[number] for number, _ in self.epoll.poll(0)]


class Setting:
    """All of the network."""

    node_name = "svclb-conformance"

    def __init__(self, slower=1):
        self.slower = slower
        # How long the shortest affinity timeout lasts; longer once it was too short.
        self.affinity_seconds = 1
        self.poll = Poll()
        self.pool = {"node": [], "far": []}
        self.used = {}			# address -> leaf
        self.leaves = 0
        self.sequence = 0
        self.routes = []
        self.node_namespace = self.namespace("node")
        self.node_namespace.forward()
        far = self.namespace("far")
        far.forward()
        world = self.namespace("world")
        self.routers = {"node": self.node_namespace, "far": far}
        self.link(self.node_namespace, "world", world, "eth0")
        self.link(self.node_namespace, "far", far, "eth0")
        self.default_route(self.node_namespace, "world")
        self.default_route(far, "eth0")
        self.default_route(world, "eth0")
        # Not on a link to others: their routes would go with the last address.
        with self.node_namespace:
            self.node_namespace.route.add_dummy("own")
            self.node_namespace.route.set_up("own")
        self.world = Host(world, "eth0", self.poll)
        self.node = Host(self.node_namespace, "lo", self.poll)
        with self.node_namespace:
            self.conntrack = netlink.Conntrack()
        self.pin_name()
        edge = self.new_leaf("far")
        self.address(edge, EDGE, "far")
        self.routes.clear()
        self.pool["far"].clear()
        edge.addresses.clear()

    def namespace(self, name):
        return Namespace(name)

    def pin_name(self):
        """So that the node's namespace can be given to svclbctl."""
        directory = pathlib.Path("/run/netns")
        directory.mkdir(exist_ok=True)
        self.path = directory / self.node_name
        self.path.touch()
        with self.node_namespace:
            call(LIBC.mount, b"/proc/self/ns/net", bytes(self.path), None, MS_BIND, None)

    def close(self):
        call(LIBC.umount2, bytes(self.path), MNT_DETACH)
        self.path.unlink()

    @staticmethod
    def link(here, name, there, other):
        with here:
            here.route.add_pair(name, other, there.descriptor)
            here.route.set_up(name)
        with there:
            there.route.set_up(other)

    @staticmethod
    def default_route(namespace, device):
        with namespace:
            for network in ("0.0.0.0/0", "::/0"):
                namespace.route.route(ipaddress.ip_network(network), device)

    def new_leaf(self, router):
        self.leaves += 1
        name = f"leaf{self.leaves}"
        namespace = self.namespace(name)
        self.link(self.routers[router], name, namespace, "eth0")
        self.default_route(namespace, "eth0")
        leaf = Host(namespace, "eth0", self.poll)
        leaf.link = name
        leaf.router = router
        self.pool[router].append(leaf)
        # For the fence, which is IPv4 whatever a case has.
        own = ipaddress.ip_address(f"198.18.1.{self.leaves}")
        with namespace:
            namespace.route.address(own, "eth0")
        self.way_to(host_network(own), leaf, keep=True)
        return leaf

    def way_to(self, network, leaf, keep=False, add=True):
        steps = [(self.routers[leaf.router], leaf.link)]
        if leaf.router == "far":
            steps.append((self.node_namespace, "far"))
        for namespace, device in steps:
            with namespace:
                namespace.route.route(network, device, add)
        if add and not keep:
            self.routes.append((network, leaf))

    def address(self, leaf, address, router):
        if address in OURS and address != EDGE:
            raise Failure(f"{address} is one of the runner's own addresses")
        if leaf is None:
            free = [leaf for leaf in self.pool[router] if not leaf.addresses]
            leaf = free[0] if free else self.new_leaf(router)
        with leaf.namespace as namespace:
            namespace.route.address(address, "eth0")
        leaf.addresses.append(address)
        self.way_to(host_network(address), leaf)
        self.used[address] = leaf
        return leaf

    def add_leaf(self, address, local=True):
        return self.address(None, address, "node" if local else "far")

    def node_address(self, address, add=True):
        with self.node_namespace as namespace:
            namespace.route.address(address, "own", add)
        (self.node.addresses.append if add else self.node.addresses.remove)(address)

    def clear(self):
        """Takes away all addresses of a case."""
        for network, leaf in reversed(self.routes):
            self.way_to(network, leaf, add=False)
        self.routes.clear()
        for leaf in {id(leaf): leaf for leaf in self.used.values()}.values():
            for address in leaf.addresses:
                with leaf.namespace as namespace:
                    namespace.route.address(address, "eth0", add=False)
            leaf.addresses.clear()
            leaf.stop_waiting()
        self.used.clear()
        for address in list(self.node.addresses):
            self.node_address(address, add=False)
        self.node.stop_waiting()
        with self.node_namespace:
            write_sysctl("ipv4/conf/all/route_localnet", "0")

    def owner(self, address):
        """Who has an address: a leaf, the node, or the world."""
        if address.is_loopback or address in self.node.addresses:
            return self.node
        return self.used.get(address, self.world)

    def fence(self, host):
        """Waits until all packets of the host and the answers to them are where
        they go. The ping behind them goes to the edge and back, through queues that
        keep the order. A pod of the other node and its backend there are twice as
        far from each other: the second ping is sent when the first is back."""
        for _ in range(2):
            self.sequence = (self.sequence + 1) & 0xffff
            host.send_ping(self.sequence)
            host.await_ping(self.sequence, 10 * self.slower)


def error_name(code):
    return errno.errorcode.get(code, str(code))
