#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A stand-in for an API server that has more to tell, or worse, than a genuine one.

    storm.py CERTIFICATE KEY TOKEN

prints its port, and then "done" for each line that it is told:

    begin SERVICES	that many Services with two endpoints each
    churn EVENTS	random changes, as fast as they are read
    change FILE		one more change; what it has is in FILE then, as kubectl
			would print it
    hostile NAME	does something hostile, see HOSTILE
"""
import json
import random
import sys
import time

from standin import Standin, encode, status

NODES = "node1", "node2"


class Storm(Standin):
    """Forgets its past as soon as it has been told."""

    def __init__(self, *arguments):
        self.told_until = {}
        super().__init__(*arguments)

    def events_after(self, request, version):
        events = super().events_after(request, version)
        with self.lock:
            until = events[-1][0] if events else version
            self.told_until[request.resource] = until
        return events

    def wait_until_told(self):
        with self.changed:
            last = {}
            for number, resource, _, _ in self.history:
                last[resource] = number
        deadline = time.monotonic() + 60
        while any(self.told_until.get(resource, 0) < number
                  for resource, number in last.items()):
            if time.monotonic() > deadline:
                raise TimeoutError("nobody wants to know")
            time.sleep(0.005)
        with self.changed:
            self.history.clear()
            self.oldest = self.version

    def dump(self, path):
        with self.lock:
            items = [{"apiVersion": "v1", "kind": kind} | thing
                     for resource, kind in (("services", "Service"),
                                            ("endpointslices", "EndpointSlice"),
                                            ("nodes", "Node"))
                     for thing in self.objects[resource].values()]
        with open(path, "w", encoding="ascii") as file:
            json.dump({"apiVersion": "v1", "kind": "List", "items": items}, file)


def service(number):
    address = f"10.96.{1 + number // 250}.{1 + number % 250}"
    ports = [{"name": "a", "port": 80, "protocol": "TCP"}]
    if random.random() < 0.3:
        ports.append({"name": "b", "port": 53, "protocol": "UDP"})
    return {"metadata": {"namespace": "default", "name": f"s{number}", "labels": {}},
            "spec": {"clusterIP": address, "clusterIPs": [address], "type": "ClusterIP",
                     "sessionAffinity": random.choice(("None", "None", "ClientIP")),
                     "ports": ports}}


def endpoint_slice(number):
    picked = random.sample(range(1, 200), random.randrange(5))
    return {"metadata": {"namespace": "default", "name": f"s{number}-x",
                         "labels": {"kubernetes.io/service-name": f"s{number}"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [f"10.244.3.{i}"],
                           "conditions": {"ready": random.random() < 0.8},
                           "nodeName": NODES[i % 2]} for i in picked] or None,
            "ports": [{"name": "a", "port": 8080, "protocol": "TCP"},
                      {"name": "b", "port": 8053, "protocol": "UDP"}]}


def churn(storm, services, events):
    for done in range(events):
        number = random.randrange(services)
        what = random.random()
        there = ("default", f"s{number}") in storm.objects["services"]
        if what < 0.05 and there:
            storm.delete("services", "default", f"s{number}")
        elif what < 0.15:
            storm.set("services", service(number))
        else:
            storm.set("endpointslices", endpoint_slice(number))
        if done % 200 == 199:
            storm.wait_until_told()
    storm.wait_until_told()


def line(body):
    """A watch that says this, and no more."""
    def answer(handler, _request):
        handler.begin_chunks()
        handler.chunk(body)
        handler.end_chunks()
    return answer


def text(body, kind="MODIFIED"):
    """An object, by its bytes: told by a watch, or the only one of a list."""
    def answer(handler, request):
        head, tail = b'{"type":"%s","object":' % kind.encode(), b"}\n"
        if request.verb == "list":
            head, tail = b'{"metadata":{"resourceVersion":"1"},"items":[', b"]}"
        handler.begin_chunks()
        handler.chunk(head + body + tail)
        handler.end_chunks()
    return answer


def event(thing, kind="MODIFIED"):
    return text(encode(thing), kind)


def endless(piece, count):
    """A watch that goes on and on with the same."""
    def answer(handler, _request):
        handler.begin_chunks()
        for _ in range(count):
            handler.chunk(piece)
        handler.cut()
    return answer


def bare(text):
    """An answer that is hardly HTTP."""
    def answer(handler, _request):
        handler.wfile.write(text)
        handler.cut()
    return answer


def old(thing):
    """As the server had it once: whoever believes it has to list anew."""
    thing["metadata"]["resourceVersion"] = "1"
    return thing


def with_ports(count):
    ports = b",".join(b'{"name":"p%d","port":%d}' % (i, i % 65535 + 1) for i in range(count))
    thing = old(service(1))
    thing["spec"]["ports"] = []
    return encode(thing).replace(b'"ports":[]', b'"ports":[%s]' % ports)


def renamed(name):
    thing = old(service(1))
    thing["metadata"]["name"] = name
    return thing


# What instead of a watch of Services, and then of a list, is answered.
HOSTILE = {
    "garbage": lambda: line(bytes(random.randrange(256) for _ in range(100000))),
    "nuls": lambda: line(b"\0" * 100000 + b"\n"),
    "half-an-event": lambda: line(b'{"type": "ADDED", "object": {"metada'),
    "long-name": lambda: event(renamed("n" * 10_000_000)),
    "rude-name": lambda: event(renamed("../\n\x1b[2J\u202e" * 10)),
    "many-ports": lambda: text(with_ports(1_000_000)),
    "quite-some-ports": lambda: text(with_ports(100_000)),
    "deep-nesting": lambda: line(b'{"object":' * 1_000_000),
    "deep-array": lambda: line(b"[" * 5_000_000 + b"\n"),
    "wrong-types": lambda: event({"metadata": [1], "spec": "x", "kind": 7}),
    "no-object": lambda: line(b'{"type": "ADDED"}\n{"type": 3}\n[]\nnull\n7\n"x"\n'),
    "unknown-event": lambda: event(old(service(1)), "EXPLODED"),
    "endless-line": lambda: endless(b'"' + b"x" * 65536, 3000),
    "endless-blanks": lambda: endless(b"\n" * 65536, 300),
    "bad-chunk": lambda: bare(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              b"ffffffffffffffffff\r\nx"),
    "no-http": lambda: bare(b"\x15\x03\x01" * 1000),
    "long-header": lambda: bare(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5_000_000),
    "redirect": lambda: bare(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.2:8080/\r\n"
                             b"Content-Length: 0\r\n\r\n"),
    "error-event": lambda: event(status(500, "Internal", "e" * 1_000_000), "ERROR"),
    "too-many": lambda: bare(b"HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\n"
                             b"Content-Length: 4\r\n\r\nbusy"),
    "no-version": lambda: event({"metadata": {"name": "x", "namespace": "default",
                                              "resourceVersion": None}}, "BOOKMARK"),
}


def hostile(storm, name):
    """Once for a watch, and once for the list that follows."""
    make = HOSTILE[name]
    with storm.lock:
        storm.faults.clear()
    seen = len(storm.requests)
    storm.fail("services", "watch", make(), 1)
    storm.fail("services", "list", make(), 1)
    storm.expire()
    storm.command("cut")
    deadline = time.monotonic() + 60
    while any(fault.left for fault in storm.faults):
        if time.monotonic() > deadline:
            raise TimeoutError("nobody comes back")
        time.sleep(0.01)
    del storm.requests[:seen]


def main():
    certificate, key, token = sys.argv[1:]
    random.seed(1)
    storm = Storm(certificate, key)
    storm.token = token
    services = 0
    storm.set("nodes", {"metadata": {"name": "node1", "labels": {}}, "spec": {},
                        "status": {"addresses": [
                            {"type": "InternalIP", "address": "192.0.2.1"}]}})
    print(storm.port, flush=True)
    for words in map(str.split, sys.stdin):
        if words[0] == "begin":
            services = int(words[1])
            for number in range(services):
                storm.set("services", service(number))
                storm.set("endpointslices", endpoint_slice(number))
            with storm.changed:
                storm.history.clear()
                storm.oldest = storm.version
        elif words[0] == "churn":
            churn(storm, services, int(words[1]))
        elif words[0] == "change":
            storm.set("services", service(0))
            storm.dump(words[1])
        elif words[0] == "hostile":
            hostile(storm, words[1])
        print("done", flush=True)


if __name__ == "__main__":
    main()
