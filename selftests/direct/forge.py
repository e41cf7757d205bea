#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Packets that no socket sends, for selftests/direct.sh.

    forge.py reset CLIENT VIP PORT     opens a connection; for each number read
                                       sends a reset that is so far off
    forge.py sctp CLIENT VIP PORT      sends an INIT with a right checksum
    forge.py sctp-serve BACKEND        waits for one and says what it was

All IPv4. What waits for something prints "ready" when it does.
"""
import select
import socket
import struct
import sys

LIMIT = 20  # seconds for anything that must happen


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def sum16(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ready(text="ready"):
    print(text, flush=True)


class Numbers:
    """The sequence numbers of a connection, as its packets show them."""

    def __init__(self, client, port):
        self.packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                     socket.htons(3))
        self.source = socket.inet_aton(client)
        self.port = port
        self.next = self.ack = None

    def read(self):
        """Reads what was sent until nothing more comes for a while."""
        wait = LIMIT
        while select.select([self.packets], [], [], wait)[0]:
            packet = self.packets.recv(65536)
            if packet[9] != 6 or packet[12:16] != self.source:
                continue
            tcp = packet[(packet[0] & 15) * 4:]
            port, _, seq, ack, offset, flags = struct.unpack("!HHIIBB", tcp[:14])
            if port != self.port or not flags & 16:
                continue
            length = struct.unpack("!H", packet[2:4])[0] - \
                (packet[0] & 15) * 4 - (offset >> 4) * 4
            self.next, self.ack = seq + length & 0xffffffff, ack
            wait = 0.3


def reset(client, vip, port):
    conn = socket.socket()
    conn.bind((client, 0))
    own = conn.getsockname()[1]
    numbers = Numbers(client, own)
    conn.settimeout(LIMIT)
    conn.connect((vip, int(port)))
    numbers.read()
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.bind((client, 0))
    ready("ready %d" % own)
    for line in sys.stdin:
        seq = numbers.next + int(line) & 0xffffffff
        tcp = struct.pack("!HHIIBBHHH", own, int(port), seq, numbers.ack, 5 << 4,
                          4 | 16, 0, 0, 0)
        pseudo = socket.inet_aton(client) + socket.inet_aton(vip) + \
            struct.pack("!BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", sum16(pseudo + tcp)) + tcp[18:]
        raw.sendto(tcp, (vip, 0))
        ready("sent")


def sctp(client, vip, port):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
    raw.bind((client, 0))
    init = struct.pack("!BBHIIHHI", 1, 0, 20, 7, 65536, 1, 1, 9)
    header = struct.pack("!HHI", 4000, int(port), 0)
    crc = struct.pack("<I", crc32c(header + b"\0\0\0\0" + init))
    raw.sendto(header + crc + init, (vip, 0))


def sctp_serve(backend):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
    raw.bind((backend, 0))
    raw.settimeout(LIMIT)
    ready()
    packet, (source, _) = raw.recvfrom(65536)
    packet = packet[(packet[0] & 15) * 4:]
    sport, dport = struct.unpack("!HH", packet[:4])
    right = struct.pack("<I", crc32c(packet[:8] + b"\0\0\0\0" + packet[12:]))
    print(source, sport, dport, "right" if right == packet[8:12] else "wrong")


if __name__ == "__main__":
    {"reset": reset, "sctp": sctp,
     "sctp-serve": sctp_serve}[sys.argv[1]](*sys.argv[2:])
