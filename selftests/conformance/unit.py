#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the runner itself that need no packets, as TAP."""
import copy
import ipaddress
import pathlib
import struct
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

import judge  # noqa: E402
import mutants  # noqa: E402
import net  # noqa: E402
import play  # noqa: E402
import run  # noqa: E402
import scenario  # noqa: E402
import traffic  # noqa: E402

IP = ipaddress.ip_address
CLIENT, VIP, NODE = IP("10.0.0.2"), IP("172.30.0.41"), IP("192.168.0.2")
ONE, TWO, THREE = IP("10.180.0.1"), IP("10.180.1.1"), IP("10.180.2.1")


def equal(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def refused(what, content):
    """The content cannot be expressed."""
    try:
        scenario.Scenario(content)
    except scenario.Unknown:
        return
    raise AssertionError(f"{what}: is taken")


#
# Files
#

def files():
    found = run.find([HERE])
    equal("files", len(found) > 0, True)
    problems = []
    scenarios = run.read(found, lambda good, name, texts: problems.append((name, texts)))
    equal("problems", problems, [])
    return scenarios


def every_file_can_be_expressed():
    scenarios = files()
    equal("kinds", {one.kind for one in scenarios.values()}, set(scenario.KINDS))
    for one in scenarios.values():
        rules = one.content.get("globalRules")
        equal(f"{one.name} judges something",
              bool(one.flows or one.sequences or one.entries or rules), True)


def first(scenarios, *path):
    """A copy of the first scenario that has something at the path."""
    for one in scenarios.values():
        content = copy.deepcopy(one.content)
        place = content
        try:
            for key in path:
                place = place[key]
        except (KeyError, IndexError):
            continue
        return content, place
    raise AssertionError(f"no file has {path}")


def unknown_keys_are_refused():
    scenarios = files()
    for path in ((), ("config",), ("config", "nodeLabels"), ("flows", 0), ("sequences", 0),
                 ("sequences", 0, "steps", 0), ("entries", 0), ("expect",),
                 ("expect", "servicePort")):
        content, place = first(scenarios, *path)
        scenario.Scenario(content)
        place["unheardOf"] = True
        refused("/".join(map(str, path)) or "file", content)
    for mode in (*scenario.MODES, "unheardOf"):
        content, place = first(scenarios, "flows", 0)
        place["overrides"] = {mode: {"unheardOf": True}}
        refused(f"override for {mode}", content)


def unknown_values_are_refused():
    scenarios = files()
    for path, key, value in (
            (("flows", 0), "expect", "maybe"), (("flows", 0), "proto", "ICMP"),
            (("flows", 0), "masq", "no"), (("flows", 0), "src", "fe80::1"),
            (("flows", 0), "backends", []), (("flows", 0), "masqPerBackend", {}),
            (("entries", 0), "keep", "yes"), (("entries", 0), "proto", "ICMP"),
            (("sequences", 0, "steps", 0), "same", "never bound"),
            (("sequences", 0, "steps", 1), "t", 0), (("sequences", 0, "steps", 0), "backends", []),
            (("config",), "masqueradeAll", 1), (("expect",), "hasAnyEndpoints", None),
            (("expect",), "allReachable", ["10.9.9.9:80"]),
            (("services", 0), "kind", "Ingress")):
        content, place = first(scenarios, *path)
        place[key] = value
        refused(f"{key} {value!r}", content)


def keys_that_are_missing_are_noticed():
    scenarios = files()
    for path, keys in (((), ("name", "config", "services", "flows")),
                       (("flows", 0), ("src", "dst", "dport", "proto", "expect", "backends")),
                       (("config",), ("nodeName", "podCIDRs", "masqueradeAll", "nodeIPs"))):
        for key in keys:
            content, place = first({name: one for name, one in scenarios.items()
                                    if one.kind == "cases" and one.flows}, *path)
            del place[key]
            refused(f"without {key}", content)


def modes_are_followed():
    def follow(base, override, **more):
        flow = {"name": "flow", "expect": base, "backends": [], "masq": False,
                "overrides": {"nftables": override, "ipvs": {"expect": "no-match"}}, **more}
        return scenario.followed("flow", flow)

    for kind in ("reject", "drop"):
        equal(f"no-match to {kind}", follow("no-match", {"expect": kind})["expect"], kind)
    equal("loopback", follow("backends", {"expect": "no-match"})["expect"], "backends")
    equal("firewall", follow("no-match", {"accept": False}, accept=True),
          {"expect": "no-match", "backends": [], "masq": False, "accept": False})
    equal("ipvs only", scenario.followed("flow", {
        "name": "flow", "expect": "backends", "backends": ["1.1.1.1:1"], "masq": False,
        "overrides": {"ipvs": {"expect": "drop"}}})["expect"], "backends")
    for base, override in (("reject", {"expect": "drop"}), ("drop", {"expect": "no-match"}),
                           ("backends", {"masq": True}), ("no-match", {"accept": True})):
        try:
            follow(base, override)
        except scenario.Unknown:
            continue
        raise AssertionError(f"{base} with {override} is taken")


def numbers_are_decimal():
    equal("zeros", scenario.address("010.001.000.08"), IP("10.1.0.8"))
    equal("blanks", str(scenario.network(" 203.0.113.9/025 ")), "203.0.113.0/25")
    equal("brackets", scenario.backend("[fd00::1]:80"), (IP("fd00::1"), 80))
    equal("and back", scenario.backend_text(*scenario.backend("[fd00::1]:80")), "[fd00::1]:80")


#
# The judge
#

class Host:
    """Somebody who has packets sent to."""

    def __init__(self, name):
        self.namespace = types.SimpleNamespace(name=name)


WORLD, AT_NODE = Host("world"), Host("node")
HOSTS = {ONE: Host("leaf1"), TWO: Host("leaf2"), THREE: Host("leaf3"), CLIENT: Host("leaf4"),
         NODE: AT_NODE}


def owner(address):
    return HOSTS.get(address, WORLD)


def attempt(state="answered", src=CLIENT, sport=1000, answers=(), error=None, at_once=False):
    one = traffic.Attempt("TCP", owner(src), src, sport, VIP, 80)
    one.state, one.answers, one.error, one.at_once = state, list(answers), error, at_once
    return one


def arrival(dst=ONE, src=CLIENT, sport=1000, dport=80, at=None, proto="TCP"):
    return traffic.Arrival(at or owner(dst), proto, src, sport, dst, dport)


def judged(expectation, batches, dst=VIP, src=CLIENT):
    flow = scenario.Flow("flow", {"src": str(src), "dst": str(dst), "dport": 80, "proto": "TCP"},
                         expectation)
    judging = judge.Judge(flow, expectation, owner, {NODE})
    for attempts, arrivals in batches:
        judging.add(attempts, arrivals)
    return judging.result()


def good(what, *arguments, **more):
    equal(what, judged(*arguments, **more), [])


def bad(what, *arguments, **more):
    if not judged(*arguments, **more):
        raise AssertionError(f"{what}: passes")


def backends(*places, masq=False):
    return scenario.Expectation("backends", {(place, 80): masq for place in places})


def backends_are_judged():
    both = backends(ONE, TWO)
    one, two = ([attempt()], [arrival(ONE)]), ([attempt()], [arrival(TWO)])
    good("both", both, [one, two])
    bad("one is missing", both, [one, one])
    bad("another one", both, [one, two, ([attempt()], [arrival(THREE)])])
    bad("another port", both, [one, two, ([attempt()], [arrival(ONE, dport=81)])])
    bad("not translated", both, [one, two, ([attempt()], [arrival(VIP)])])
    bad("at another host", both, [one, two, ([attempt()], [arrival(ONE, at=WORLD)])])
    bad("another protocol", both, [one, two, ([attempt()], [arrival(ONE, proto="UDP")])])
    bad("nothing arrives", both, [one, two, ([attempt()], [])])
    bad("it arrives twice", both, [one, two, ([attempt()], [arrival(ONE), arrival(TWO)])])
    bad("no answer", both, [one, ([attempt("silent")], [arrival(TWO)])])
    bad("refused", both, [one, ([attempt("refused", error="ECONNREFUSED")], [arrival(TWO)])])
    bad("nothing was sent", both, [])


def masquerade_is_judged():
    plain, masked = backends(ONE), backends(ONE, masq=True)
    kept = [([attempt()], [arrival()])]
    hidden = [([attempt()], [arrival(src=NODE, sport=7)])]
    good("kept", plain, kept)
    good("hidden", masked, hidden)
    bad("hidden, should be kept", plain, hidden)
    bad("kept, should be hidden", masked, kept)
    bad("somebody else", masked, [([attempt()], [arrival(src=THREE, sport=7)])])
    bad("other port", plain, [([attempt()], [arrival(sport=7)])])
    own = [([attempt(src=NODE)], [arrival(src=NODE)])]
    rewritten = [([attempt(src=NODE)], [arrival(src=NODE, sport=7)])]
    good("node, kept", plain, own, src=NODE)
    good("node, rewritten", masked, rewritten, src=NODE)
    bad("node, rewritten, should be kept", plain, rewritten, src=NODE)
    bad("node, kept, should be rewritten", masked, own, src=NODE)
    each = scenario.Expectation("backends", {(ONE, 80): True, (TWO, 80): False})
    good("each", each, hidden + [([attempt()], [arrival(TWO)])])
    bad("each, the other way round", each,
        kept + [([attempt()], [arrival(TWO, src=NODE, sport=7)])])


def refusal_is_judged():
    reject, drop = scenario.Expectation("reject"), scenario.Expectation("drop")
    silence = [([attempt("silent")], [])]
    good("silence", drop, silence)
    bad("silence", reject, silence)
    for text in ("TCP reset", "ICMP port unreachable", "ICMPv6 port unreachable", "SCTP abort"):
        answer = [([attempt("refused", answers=[text], error="ECONNREFUSED")], [])]
        good(text, reject, answer)
        bad(text, drop, answer)
    call = [([attempt("refused", error="ECONNREFUSED", at_once=True)], [])]
    good("the call", reject, call)
    bad("the call", drop, call)
    bad("only later", reject, [([attempt("refused", error="ECONNREFUSED")], [])])
    good("EPERM", drop, [([attempt("failed", error="EPERM", at_once=True)], [])])
    bad("no route", drop, [([attempt("failed", error="ENETUNREACH", at_once=True)], [])])
    bad("host unreachable", reject,
        [([attempt("failed", answers=["ICMP type 3 code 1 from 1.1.1.1"])], [])])
    for kind in (reject, drop):
        bad("an answer", kind, [([attempt()], [arrival()])])
        bad("it arrives", kind, [([attempt("silent")], [arrival()])])
        bad("it arrives untranslated", kind, [([attempt("silent")], [arrival(VIP)])])
        bad("nothing was sent", kind, [])


def no_match_is_judged():
    kind = scenario.Expectation("no-match")
    silent = [attempt("silent")]
    good("world", kind, [(silent, [arrival(VIP)])])
    good("node", kind, [([attempt()], [arrival(NODE)])], dst=NODE)
    good("endpoint", kind, [([attempt()], [arrival(ONE)])], dst=ONE)
    bad("translated", kind, [([attempt()], [arrival(ONE)])])
    bad("nowhere", kind, [(silent, [])])
    bad("other source", kind, [(silent, [arrival(VIP, src=NODE)])])
    bad("other source port", kind, [(silent, [arrival(VIP, sport=7)])])
    bad("other port", kind, [(silent, [arrival(VIP, dport=81)])])
    bad("answered for", kind, [([attempt("refused", answers=["TCP reset"])], [arrival(VIP)])])
    bad("in addition", kind, [(silent, [arrival(VIP), arrival(ONE)])])


def tries_suffice():
    for number in range(1, 20):
        equal(f"{number} endpoints: unlisted one",
              (number / (number + 1)) ** judge.tries(number) <= 1 / judge.MISS, True)
        equal(f"{number} endpoints: listed one", number == 1 or
              number * (1 - 1 / number) ** judge.most_tries(number) <= 1 / judge.BLAME, True)
        equal(f"{number}: order", judge.most_tries(number) >= judge.tries(number) > 2, True)


def affinity_is_judged():
    def step(**keys):
        return types.SimpleNamespace(time=1, **{"bind": None, "same": None, **keys})

    names = [{}, {}]
    equal("nothing before", play.Player.bound(step(bind="x"), names, ["a", "b"]), [set(), set()])
    equal("bound", play.Player.bound(step(same="x"), names, ["a", "b"]), [{"a"}, {"b"}])
    equal("free", play.Player.bound(step(), names, ["a", "a"]), [{"a"}, {"b"}])
    equal("kept", play.Player.strayed(step(same="x"), ["a", "b"], [{"a"}, {"b"}]), [])
    equal("strayed", len(play.Player.strayed(step(same="x"), ["a", "a"], [{"a"}, {"b"}])), 1)


#
# Mutants
#

def mutants_are_wrong():
    """Every flow of a copy expects something else, and every way is taken."""
    for few in (False, True):
        mutator = mutants.Mutator(few)
        ways = set()
        for one in files().values():
            content, wrong = (mutator.mutate_topology if one.kind == "topology" else
                              mutator.mutate)(one)
            ways |= set(wrong.values())
            found = scenario.Scenario(content)
            before = {flow.name: flow.expectation for flow in one.flows}
            for flow in found.flows:
                differs = (flow.expectation.kind, flow.expectation.backends) != \
                    (before[flow.name].kind, before[flow.name].backends)
                equal(f"{one.name}: {flow.name} differs", differs, flow.name in wrong)
            if not few and one.kind == "cases":
                equal(f"{one.name}: flows", len(found.flows), len(one.flows))
                equal(f"{one.name}: all are wrong",
                      {item.name for item in one.flows + one.sequences} <= set(wrong), True)
        every = {way.__name__.replace("_", " ") for kind in mutants.WAYS.values() for way in kind}
        every |= {way.__name__.replace("_", " ")
                  for way in mutants.SEQUENCE_WAYS + mutants.EXPECT_WAYS}
        every |= {way.__name__.replace("_", " ") for _, _, way in mutants.NUMBER_WAYS}
        equal("ways that were not taken", every - ways, set())


#
# Packets
#

def packet(version, protocol, rest):
    if version == 4:
        return struct.pack("!BBHHHBBH", 0x46, 0, 24 + len(rest), 0, 0, 64, protocol, 0) + \
            bytes(4) + ONE.packed + bytes(4) + rest
    return struct.pack("!IHBB", 6 << 28, len(rest), protocol, 64) + bytes(32) + rest


def filtered(data):
    """Runs the filter of the sniffers."""
    accumulator = index = place = 0
    while True:
        code, yes, no, value = struct.unpack_from("=HBBI", net.FILTER, place * 8)
        place += 1
        if code == 0x06:
            return value > 0
        if code == 0x30:
            accumulator = data[value]
        elif code == 0x50:
            accumulator = data[index + value]
        elif code == 0x40:
            accumulator = struct.unpack_from("!I", data, index + value)[0]
        elif code == 0x54:
            accumulator &= value
        elif code == 0xb1:
            index = 4 * (data[value] & 15)
        elif code == 0x01:
            index = value
        elif code == 0x05:
            place += value
        elif code == 0x15:
            place += yes if accumulator == value else no
        elif code == 0x45:
            place += yes if accumulator & value else no
        else:
            raise AssertionError(f"unknown instruction {code:#x}")


def sniffers_see_first_packets():
    def tcp(flags, sequence):
        return struct.pack("!HHIIBBHHH", 1, 2, sequence, 0, 0x50, flags, 0, 0, 0)

    for version in (4, 6):
        for name, protocol, rest, wanted in (
                ("SYN", 6, tcp(2, 9), True), ("SYN ECN", 6, tcp(0xc2, 9), True),
                ("SYN ACK", 6, tcp(0x12, 9), False), ("ACK", 6, tcp(0x10, 9), False),
                ("reset that refuses", 6, tcp(0x14, 0), True),
                ("reset that ends", 6, tcp(0x14, 9), False), ("FIN", 6, tcp(0x11, 9), False),
                ("UDP", 17, bytes(8), True), ("SCTP", 132, bytes(12), True),
                ("ICMP", 1 if version == 4 else 58, bytes(8), True),
                ("OSPF", 89, bytes(40), False)):
            equal(f"IPv{version} {name}", filtered(packet(version, protocol, rest)), wanted)


def checksums_are_right():
    # The check value of CRC-32C.
    crc = 0xffffffff
    for byte in b"123456789":
        crc = crc >> 8 ^ traffic.CRC[(crc ^ byte) & 0xff]
    equal("CRC", crc ^ 0xffffffff, 0xe3069283)
    init = traffic.sctp(1, 2, 0, traffic.sctp_init(1, 5))
    equal("length of an INIT", (len(init), struct.unpack_from("!H", init, 14)[0]), (32, 20))
    header = bytes.fromhex("4500003c1c4640004006") + bytes(2) + \
        bytes.fromhex("ac100a63ac100a0c")
    equal("IP", traffic.checksum(header), bytes.fromhex("b1e6"))


def errors_are_understood():
    sender = traffic.Traffic(types.SimpleNamespace(node=AT_NODE))
    client = attempt("silent")
    sender.by_client = {("TCP", CLIENT, 1000): client}
    inner = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + CLIENT.packed + VIP.packed + \
        struct.pack("!HHI", 1000, 80, 0)
    sender.see_icmp(struct.pack("!BBHI", 3, 3, 0, 0) + inner, 4, NODE)
    equal("port unreachable", client.answers, ["ICMP port unreachable"])
    client.answers.clear()
    sender.see_icmp(struct.pack("!BBHI", 3, 1, 0, 0) + inner, 4, NODE)
    equal("host unreachable", client.answers, ["ICMP type 3 code 1 from 192.168.0.2"])
    client.answers.clear()
    other = inner[:16] + ONE.packed + inner[20:]
    sender.see_icmp(struct.pack("!BBHI", 3, 3, 0, 0) + other, 4, NODE)
    equal("about a backend", client.answers,
          ["ICMP port unreachable about 10.180.0.1 port 80"])
    client.answers.clear()
    sender.see_icmp(struct.pack("!BBHI", 0, 0, 0, 0) + inner, 4, NODE)
    equal("no error", client.answers, [])


TESTS = [every_file_can_be_expressed, unknown_keys_are_refused, unknown_values_are_refused,
         keys_that_are_missing_are_noticed, modes_are_followed, numbers_are_decimal,
         backends_are_judged, masquerade_is_judged, refusal_is_judged, no_match_is_judged,
         tries_suffice, affinity_is_judged, mutants_are_wrong, sniffers_see_first_packets,
         checksums_are_right, errors_are_understood]


def main():
    tap = run.Tap()
    print("TAP version 13")
    for test in TESTS:
        try:
            test()
            complaint = []
        except AssertionError as problem:
            complaint = [str(problem)]
        tap.report(not complaint, test.__name__.replace("_", " "), complaint)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
