#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What comes over the wire: each case of a server's behaviour, rare or hostile.

    transport.py FOLLOW DIRECTORY

runs the program FOLLOW (ctl/tests/follow.c) against stand-ins. In the end it must
know what the server has, and must not have asked for it more often than needed.
DIRECTORY has cert.pem and key.pem and takes other files.
"""
import concurrent.futures
import json
import os
import struct
import subprocess
import sys
import threading
import time

import standin

RESOURCES = ["services", "endpointslices", "nodes"]
PATIENCE = 15
CASES = []


def case(function):
    CASES.append(function)
    return function


def service(name, **more):
    return {"metadata": {"name": name, "namespace": "default"},
            "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80}]} | more}


def slice_of(name):
    return {"metadata": {"name": name, "namespace": "default",
                         "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4", "endpoints": None, "ports": None}


class Wrong(Exception):
    pass


class World:
    """A stand-in and a program that follows it."""

    def __init__(self, follow, directory, number, cert="cert.pem"):
        self.files = directory
        self.standin = standin.Standin(f"{directory}/cert.pem", f"{directory}/key.pem")
        self.standin.set("nodes", {"metadata": {"name": "here"}})
        self.standin.set("nodes", {"metadata": {"name": "elsewhere"}})
        for name in "abc":
            self.standin.set("services", service(name))
            self.standin.set("endpointslices", slice_of(name))
        self.follow, self.config = follow, f"{directory}/config-{number}"
        self.token_file = f"{directory}/token-{number}"
        self.cluster = {"server": f"https://127.0.0.1:{self.standin.port}",
                        "certificate-authority": f"{directory}/{cert}"}
        self.user = {}
        self.known = {resource: {} for resource in RESOURCES}
        self.listed = {resource: None for resource in RESOURCES}
        self.completes = dict.fromkeys(RESOURCES, 0)
        self.broken = dict.fromkeys(RESOURCES, 0)
        self.log, self.lines, self.stats = [], [], None
        self.process = None
        self.changed = threading.Condition()

    def start(self):
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump({"current-context": "c", "clusters": [{"name": "c", "cluster": self.cluster}],
                       "users": [{"name": "u", "user": self.user}],
                       "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}, file)
        self.process = subprocess.Popen([self.follow, self.config, "here"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        threading.Thread(target=self.read, daemon=True).start()

    def write_token(self, token):
        """As those who renew tokens do it: never half of one."""
        with open(self.token_file + ".new", "w", encoding="utf-8") as file:
            file.write(token)
        os.rename(self.token_file + ".new", self.token_file)

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.take(line.split())
                self.changed.notify_all()

    def take(self, words):
        if not words:
            return
        if words[0] == "log":
            self.log.append((int(words[1]), " ".join(words[2:])))
            return
        if words[0] == "stats":
            self.stats = [int(word) for word in words[1:]]
        if words[0] not in ("begin", "set", "del", "complete", "broken"):
            return
        resource = RESOURCES[int(words[1])]
        known, listed = self.known[resource], self.listed[resource]
        if words[0] == "begin":
            assert listed is None, "a list begins in a list"
            self.listed[resource] = set()
        elif words[0] == "set":
            known[words[2]] = words[3]
            if listed is not None:
                listed.add(words[2])
        elif words[0] == "del":
            known.pop(words[2], None)
        else:
            assert listed is not None, "a list ends that has not begun"
            self.listed[resource] = None
            if words[0] == "broken":
                self.broken[resource] += 1
                return
            self.completes[resource] += 1
            for name in set(known) - listed:
                del known[name]

    def wanted(self, resource):
        return {f"{namespace or '-'}/{name}": thing["metadata"]["resourceVersion"]
                for (namespace, name), thing in self.standin.objects[resource].items()
                if resource != "nodes" or name == "here"}

    def same(self):
        return all(self.completes[resource] and self.listed[resource] is None and
                   self.known[resource] == self.wanted(resource) for resource in RESOURCES)

    def wait(self, condition, what):
        until = time.monotonic() + PATIENCE
        with self.changed:
            while not condition():
                if time.monotonic() > until:
                    raise Wrong(f"never {what}")
                self.changed.wait(0.02)

    def settle(self):
        """Waits until all is known that the server has, and all is watched."""
        self.wait(self.same, "the same as the server")
        for resource in RESOURCES:
            self.wait(lambda resource=resource: self.requests(resource)[-1:] and
                      self.requests(resource)[-1].verb == "watch", f"a watch of {resource}")

    def requests(self, resource, verb=None):
        return [request for request in self.standin.requests
                if request.resource == resource and verb in (None, request.verb)]

    def count(self, resource, lists, watches=None):
        is_lists = len(self.requests(resource, "list"))
        is_watches = len(self.requests(resource, "watch"))
        if is_lists != lists or watches not in (None, is_watches):
            raise Wrong(f"{resource}: {is_lists} lists and {is_watches} watches, "
                        f"not {lists} and {watches}")

    def watched(self, number, resource="services"):
        self.wait(lambda: len(self.requests(resource, "watch")) >= number,
                  f"{number} watches of {resource}")

    def warnings(self, text):
        return [line for level, line in self.log if level <= 1 and text in line]

    def expect(self, condition, what):
        if not condition:
            raise Wrong(what)

    def finish(self):
        if self.process:
            self.process.stdin.close()
            try:
                status = self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise Wrong("it does not end") from None
            if status:
                raise Wrong(f"it ends with status {status}")
        self.standin.close()


def settled(world):
    world.start()
    world.settle()


@case
def a_cluster_that_changes(world):
    settled(world)
    world.standin.set("services", service("new"))
    world.standin.set("services", service("a", type="NodePort"))
    world.standin.delete("endpointslices", "default", "b")
    world.standin.delete("services", "default", "c")
    world.settle()
    for resource in RESOURCES:
        world.count(resource, 1, 1)
    said = [line for _, line in world.log if line.startswith("the API server answers ")]
    world.expect(said == [f"the API server answers server {world.cluster['server']} http 1.1"],
                 f"which HTTP it is: {said}")
    watch = world.requests("services", "watch")[0].parameters
    world.expect(watch["allowWatchBookmarks"] == "true" and watch["timeoutSeconds"] == "2",
                 "wrong parameters")
    world.expect("!service.kubernetes.io/headless" in watch["labelSelector"], "no selector")
    world.expect(world.requests("nodes")[0].parameters["fieldSelector"] ==
                 "metadata.name=here", "not the own node alone")
    world.expect(world.requests("nodes")[0].headers["User-Agent"].startswith("svclbctl/"),
                 "no name")


@case
def nothing_at_all(world):
    for resource in RESOURCES:
        world.standin.objects[resource].clear()
    world.standin.fail("services", "list", lambda handler, request: handler.answer(
        200, b'{"kind":"ServiceList","metadata":{"resourceVersion":"17"},"items":null}'))
    settled(world)
    world.count("services", 1, 1)


@case
def pages_and_gzip(world):
    for number in range(1203):
        world.standin.set("services", service(f"s{number}", text="x" * 300))
    settled(world)
    world.count("services", 3, 1)
    world.expect(world.requests("services")[0].parameters["limit"] == "500", "no limit")
    world.expect("gzip" in world.requests("services")[0].headers["Accept-Encoding"], "no gzip")
    world.expect("Accept-Encoding" not in world.requests("services", "watch")[0].headers,
                 "watches are not to be compressed")


@case
def a_page_is_cut(world):
    """The page is asked for again, not the list."""
    for number in range(700):
        world.standin.set("services", service(f"s{number}"))

    def cut(handler, request):
        if "continue" not in request.parameters:
            handler.list(request)
            world.standin.fail("services", "list", cut)
            return
        handler.begin_chunks()
        handler.chunk(standin.encode(world.standin.page(request))[:10000])
        handler.cut()
    world.standin.fail("services", "list", cut)
    settled(world)
    world.count("services", 3, 1)
    world.expect(not world.broken["services"], "the list was given up")


@case
def a_first_page_is_cut(world):
    """What it told may be gone from the next one."""
    def cut(handler, request):
        body = standin.encode(world.standin.page(request))
        handler.begin_chunks()
        handler.chunk(body[:-10])
        world.standin.delete("services", "default", "a")
        handler.cut()
    world.standin.fail("services", "list", cut)
    settled(world)
    world.count("services", 2, 1)
    world.expect(world.broken["services"] == 1, "the list was not given up")


@case
def pages_that_expire(world):
    for number in range(700):
        world.standin.set("services", service(f"s{number}"))

    def expire(handler, request):
        handler.list(request)
        if "continue" not in request.parameters:
            world.standin.expire()
    world.standin.fail("services", "list", expire, 4)
    settled(world)
    lists = world.requests("services", "list")
    world.expect([("limit" in request.parameters, "continue" in request.parameters)
                  for request in lists] ==
                 [(True, False), (True, True), (True, False), (True, True), (False, False)],
                 "other lists than two of pages and a whole one")


@case
def no_token_any_more(world):
    world.standin.token = "one"
    world.write_token("one\n")
    world.user = {"tokenFile": world.token_file}
    settled(world)
    world.standin.token = "two"
    world.standin.command("end")
    world.wait(lambda: world.warnings("services request watch error HTTP status 401"), "refused")
    world.write_token("two\n")
    world.standin.set("services", service("new"))
    world.settle()
    world.count("services", 1)
    world.expect(len(world.warnings("services request watch")) == 1, "not logged once")
    world.wait(lambda: any("followed again resource services" in line for _, line in world.log),
               "logged that all is well")


@case
def forbidden_for_a_while(world):
    for resource in RESOURCES:
        world.standin.refuse(resource, None, 403, times=3)
    settled(world)
    lists = sum(len(world.requests(resource, "list")) for resource in RESOURCES)
    world.expect(lists == 12, f"{lists} lists")
    world.expect(len(world.warnings("HTTP status 403")) == 3, "not logged once each")


@case
def only_beta_slices(world):
    world.standin.beta = True
    settled(world)
    world.standin.set("endpointslices", slice_of("new"))
    world.settle()
    paths = [request.path for request in world.requests("endpointslices")]
    world.expect(paths == ["/apis/discovery.k8s.io/v1/endpointslices"] +
                 ["/apis/discovery.k8s.io/v1beta1/endpointslices"] * 2, str(paths))
    world.standin.beta = False
    world.standin.expire()
    world.standin.command("end")
    world.wait(lambda: len(world.requests("endpointslices")) >= 5, "a new list")
    world.settle()
    path = world.requests("endpointslices")[-1].path
    world.expect(path == "/apis/discovery.k8s.io/v1/endpointslices", "v1 is not tried again")
    world.expect(not world.warnings(""), "something was logged")


@case
def no_slices_at_all(world):
    world.standin.refuse("endpointslices", None, 404, times=4)
    settled(world)
    world.count("endpointslices", 5, 1)


def expires(world, silent):
    settled(world)
    world.standin.silent_after_error = silent
    with world.standin.lock:
        world.standin.objects["services"].pop(("default", "a"))
        world.standin.expire()
    began = time.monotonic()
    world.standin.command("end")
    world.wait(lambda: world.completes["services"] >= 2, "a new list")
    world.settle()
    world.expect(time.monotonic() - began < 2, "it took too long")
    world.count("services", 2, 3)
    world.expect(not world.warnings(""), "something was logged")


@case
def an_expired_version(world):
    expires(world, False)


@case
def an_expired_version_and_silence(world):
    expires(world, True)


@case
def an_expired_version_by_status(world):
    settled(world)
    world.standin.refuse("services", "watch", 410)
    world.standin.command("end")
    world.wait(lambda: world.completes["services"] >= 2, "a new list")
    world.settle()
    world.count("services", 2, 3)


@case
def always_expired(world):
    """Lists do not come faster and faster."""
    world.standin.fail("services", "watch", lambda handler, request: (
        handler.begin_chunks(), handler.expired(), handler.end_chunks()), 1000000)
    world.start()
    world.wait(lambda: world.completes["services"] >= 6, "six lists")
    times = [request.time for request in world.requests("services", "list")]
    world.expect(times[5] - times[0] > 0.5, "six lists at once")


@case
def an_error_that_is_another(world):
    settled(world)
    world.standin.fail("services", "watch", lambda handler, request: (
        handler.begin_chunks(), handler.event("ERROR", standin.status(500, "", "etcd is ill")),
        world.standin.closing.wait(5)))
    world.standin.command("end")
    world.wait(lambda: world.completes["services"] >= 2, "a new list")
    world.settle()
    world.expect(len(world.warnings("etcd is ill")) == 1, "not logged")


@case
def events_in_pieces(world):
    def pieces(handler, request):
        handler.begin_chunks()
        for name in "xyz":
            world.standin.set("services", service(name, text="\u00e4\n\"}{"))
        body = b"".join(standin.encode({"type": kind, "object": thing}) + b"\n"
                        for _, kind, thing in world.standin.events_after(
                            request, int(request.parameters["resourceVersion"])))
        for byte in body:
            handler.chunk(bytes([byte]))
        for name in "uvw":
            world.standin.set("services", service(name))
        handler.chunk(b"".join(standin.encode({"type": kind, "object": thing}) + b"\n"
                               for _, kind, thing in world.standin.events_after(
                                   request, world.standin.version - 3)))
        world.standin.closing.wait(20)
    world.standin.fail("services", "watch", pieces)
    settled(world)
    world.count("services", 1, 1)


@case
def a_cut(world):
    settled(world)
    time.sleep(0.4)     # long enough for a watch that worked
    world.standin.command("cut")
    world.watched(2)
    world.standin.set("services", service("new"))
    world.settle()
    world.count("services", 1, 2)
    world.expect(len(world.warnings("services request watch")) == 1, "not logged once")


@case
def a_cut_within_an_event(world):
    def cut(handler, request):
        handler.begin_chunks()
        handler.chunk(b'{"type":"DELETED","object":{"metadata":{"na')
        handler.cut()
    settled(world)
    world.standin.fail("services", "watch", cut)
    world.standin.command("end")
    world.watched(3)
    world.settle()
    world.count("services", 1, 3)


@case
def always_cut(world):
    world.standin.fail("services", "watch", lambda handler, request: (
        handler.begin_chunks(), handler.cut()), 1000000)
    world.start()
    world.watched(8)
    times = [request.time for request in world.requests("services", "watch")]
    world.expect(times[7] - times[0] > 0.8, "eight watches at once")
    world.count("services", 1)
    world.expect(len(world.warnings("services request watch")) == 1, "not logged once")


@case
def always_ended_at_once(world):
    world.standin.fail("services", "watch", lambda handler, request: (
        handler.begin_chunks(), handler.bookmark(request, world.standin),
        handler.end_chunks()), 1000000)
    world.start()
    world.watched(8)
    times = [request.time for request in world.requests("services", "watch")]
    world.expect(times[7] - times[0] > 0.8, "eight watches at once")
    world.count("services", 1)


@case
def a_clean_end_and_bookmarks(world):
    settled(world)
    world.standin.set("nodes", {"metadata": {"name": "elsewhere"}})
    world.standin.command("bookmark")
    world.watched(2)
    version = world.requests("services", "watch")[1].parameters["resourceVersion"]
    world.expect(version == str(world.standin.version), "the bookmark was not read")
    world.count("services", 1)
    world.expect(not world.warnings(""), "something was logged")


@case
def a_silent_stream(world):
    world.standin.fail("services", "watch", lambda handler, request: (
        handler.begin_chunks(), world.standin.closing.wait(20)))
    settled(world)
    world.standin.set("services", service("new"))
    world.settle()
    world.count("services", 2, 2)


@case
def silence_before_the_answer(world):
    world.standin.fail("services", "list",
                       lambda handler, request: world.standin.closing.wait(20))
    settled(world)
    world.count("services", 2, 1)


@case
def a_list_that_stops(world):
    def stop(handler, request):
        handler.begin_chunks()
        handler.chunk(standin.encode(world.standin.page(request))[:100])
        world.standin.closing.wait(20)
    world.standin.fail("services", "list", stop)
    settled(world)
    world.count("services", 2, 1)
    world.expect(world.broken["services"] == 1, "the list was not given up")


@case
def a_slow_list(world):
    def drip(handler, request):
        handler.begin_chunks()
        body = standin.encode(world.standin.page(request))
        for at in range(0, len(body), 20):
            handler.chunk(body[at:at + 20])
            time.sleep(0.05)
        handler.end_chunks()
    world.standin.fail("services", "list", drip)
    settled(world)
    world.count("services", 1, 1)


@case
def too_many_requests(world):
    world.standin.refuse("services", "list", 429, b"Too many requests, please try again later.\n",
                         {"Content-Type": "text/plain", "Retry-After": "1"})
    settled(world)
    first, second = world.requests("services", "list")
    world.expect(second.time - first.time >= 0.99, "it came back too early")
    world.expect(len(world.warnings("429: Too many requests")) == 1, "not logged")


@case
def unavailable(world):
    settled(world)
    world.standin.refuse("services", "watch", 503, headers={"Retry-After": "1"})
    world.standin.command("end")
    world.watched(3)
    world.settle()
    _, second, third = world.requests("services", "watch")
    world.expect(third.time - second.time >= 0.99, "it came back too early")
    world.count("services", 1)


@case
def a_version_of_the_future(world):
    world.standin.refuse("services", None, 504, standin.encode(
        standin.status(504, "Timeout", "Too large resource version")), {"Retry-After": "1"})
    settled(world)
    world.count("services", 2, 1)


@case
def a_watch_is_always_refused(world):
    settled(world)
    world.standin.refuse("services", "watch", 500, times=3)
    world.standin.command("end")
    world.wait(lambda: world.completes["services"] >= 2, "a new list")
    world.settle()
    world.count("services", 2, 5)


@case
def retry_after_a_year(world):
    """Bounded, so that nobody waits for ever; here it only must not come at once."""
    world.standin.refuse("services", "list", 503,
                         headers={"Retry-After": "31536000"})
    world.start()
    world.wait(lambda: world.warnings("services request list error HTTP status 503"),
               "refused")
    time.sleep(1)
    world.count("services", 1)


@case
def a_redirect(world):
    world.standin.refuse("services", "list", 302, b"", {
        "Location": f"https://127.0.0.1:{world.standin.port}/elsewhere"})
    settled(world)
    world.count("services", 2, 1)
    world.expect(not world.requests("elsewhere"), "it was followed")


@case
def other_content(world):
    bodies = [b"<html>Welcome</html>", b"", b"[]", b"{}", b'{"kind":"Status"}', b"\0" * 100,
              b'{"items":[],"metadata":{}}',
              b'{"metadata":{"resourceVersion":"1"},"items":[]}]']
    for body in bodies:
        world.standin.fail("services", "list",
                           lambda handler, request, body=body: handler.answer(200, body))
    settled(world)
    world.count("services", len(bodies) + 1, 1)
    world.expect(len(world.warnings("services request list")) == 1, "not logged once")


@case
def broken_gzip(world):
    def answer(handler, request):
        handler.answer(200, b"\x1f\x8b\x08\0garbage", {"Content-Encoding": "gzip"})
    world.standin.fail("services", "list", answer)
    settled(world)
    world.count("services", 2, 1)


@case
def odd_items(world):
    """What cannot be read is passed over, and the rest is known."""
    def odd(handler, request):
        items = [standin.encode(item) for item in world.standin.page(request)["items"]]
        many = b"{}," * 1000000
        odd_items = [
            b'{"metadata":{"name":"' + b"n" * 20000000 + b'"}}', b'{"metadata":{}}', b"{}",
            b'{"metadata":{"name":"p","namespace":"default"},"spec":{"ports":[' + many + b"{}]}}",
            b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}", b'{"metadata":{"name":"\\u0000"}}',
            b'{"metadata":{"name":"\xff\xfe"}}', b'{"metadata":7}', b'{"metadata":{"name":7}}']
        handler.begin_chunks()
        handler.chunk(b'{"items":[' + b",".join(odd_items + items) +
                      b'],"metadata":{"resourceVersion":"%d"}}' % world.standin.version)
        handler.end_chunks()
    world.standin.fail("services", "list", odd)
    settled(world)
    world.count("services", 1, 1)
    world.expect(len(world.warnings("passed over")) == 4, "not three logged, and their number")
    world.expect(world.warnings("count 9"), "not counted")


@case
def odd_events(world):
    """Nobody knows what they would have changed: each means another list."""
    events = [b"{}", b"[]", b"\0", b"x", b'{"type":"ADDED"}', b'{"type":"ADDED","object":{}}',
              b'{"type":"ADDED","object":{"metadata":{"resourceVersion":"99"}}}',
              b'{"type":"WHAT","object":{"metadata":{"name":"a","resourceVersion":"99"}}}',
              b'{"type":"DELETED","object":{"metadata":{"name":"\xff","resourceVersion":"9"}}}',
              b"[" * 100000, b'{"a":' + b"[" * 100000]
    for event in events:
        world.standin.fail("services", "watch", lambda handler, request, event=event: (
            handler.begin_chunks(), handler.chunk(event), world.standin.closing.wait(10)))
    world.start()
    world.wait(lambda: world.completes["services"] > len(events), "a list for each")
    world.settle()
    world.count("services", len(events) + 1, len(events) + 1)


@case
def an_event_without_an_end(world):
    def pour(handler, request):
        handler.begin_chunks()
        handler.chunk(b'{"type":"ADDED","object":{"metadata":{"name":"')
        for _ in range(1000):
            handler.chunk(b"n" * 100000)
        world.standin.closing.wait(10)
    world.standin.fail("services", "watch", pour)
    world.start()
    world.wait(lambda: world.completes["services"] >= 2, "a new list")
    world.settle()
    world.count("services", 2, 2)


@case
def an_error_without_an_end(world):
    def pour(handler, request):
        handler.send_response(500)
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"n" * 100000)
        world.standin.closing.wait(10)
    world.standin.fail("services", "list", pour)
    settled(world)
    world.count("services", 2, 1)


@case
def headers_without_an_end(world):
    def pour(handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(10000):
            handler.wfile.write(b"X-A: " + b"n" * 1000 + b"\r\n")
        world.standin.closing.wait(10)
    world.standin.fail("services", "list", pour)
    settled(world)
    world.count("services", 2, 1)


@case
def made_again_in_another_order(world):
    settled(world)
    with world.standin.changed:
        world.standin.set("endpointslices", slice_of("a-new"))
        world.standin.delete("endpointslices", "default", "a")
        world.standin.delete("services", "default", "a")
        world.standin.set("services", service("a"))
    world.settle()
    world.count("endpointslices", 1, 1)


@case
def other_nodes(world):
    """A server that does not understand the selector sends them all."""
    def send_all(handler, request):
        request.parameters["fieldSelector"] = ""
        (handler.watch if request.verb == "watch" else handler.list)(request)
    world.standin.fail("nodes", None, send_all, 2)
    settled(world)
    world.standin.set("nodes", {"metadata": {"name": "elsewhere", "labels": {"a": "b"}}})
    world.standin.set("nodes", {"metadata": {"name": "here", "labels": {"a": "b"}}})
    world.settle()
    world.count("nodes", 1, 1)


@case
def a_connection_that_is_reset(world):
    def reset(handler, request):
        handler.connection.setsockopt(standin.socket.SOL_SOCKET, standin.socket.SO_LINGER,
                                      struct.pack("ii", 1, 0))
        handler.close_connection = True
    world.standin.fail("services", "list", reset)
    settled(world)


@case
def another_certificate(world):
    """Nothing is asked of a server that is not the one that was meant."""
    world.cluster["certificate-authority"] = f"{world.files}/other.pem"
    world.start()
    world.wait(lambda: len(world.warnings("request list")) >= 3, "logged")
    world.expect(not world.standin.requests, "it asked a stranger")


@case
def another_name(world):
    world.cluster["tls-server-name"] = "kubernetes.default.svc"
    settled(world)
    world.count("services", 1, 1)


@case
def a_name_that_is_not_the_servers(world):
    world.cluster["tls-server-name"] = "example.org"
    world.start()
    world.wait(lambda: len(world.warnings("request list")) >= 3, "logged")
    world.expect(not world.standin.requests, "it asked a stranger")


@case
def no_server(world):
    world.standin.close()
    world.start()
    world.wait(lambda: len(world.warnings("request list")) >= 3, "logged")
    time.sleep(1)
    world.expect(len(world.warnings("request list")) == 3, "logged again and again")


def run(follow, directory, number, function):
    world = World(follow, directory, number)
    problem = None
    try:
        function(world)
    except (Wrong, AssertionError) as error:
        problem = str(error)
    try:
        world.finish()
    except Wrong as error:
        problem = f"{problem or ''} {error}"
    if problem:
        problem += "".join(f"\n# {line[:300].rstrip()}" for line in world.lines[-60:])
        problem += "".join(f"\n#   {request.time:.2f} {request.verb} {request.path} "
                           f"{request.parameters}" for request in world.standin.requests[-30:])
    return problem


def main():
    follow, directory, *names = sys.argv[1:]
    cases = [function for function in CASES if not names or function.__name__ in names]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        results = [pool.submit(run, follow, directory, number, function)
                   for number, function in enumerate(cases)]
        for number, (function, result) in enumerate(zip(cases, results), 1):
            problem = result.result()
            if problem:
                failed += 1
                print(f"# {problem}")
            print(f"{'not ok' if problem else 'ok'} {number} - "
                  f"{function.__name__.replace('_', ' ')}", flush=True)
    print(f"1..{len(cases)}", flush=True)
    os._exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
