#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A stand-in for a Kubernetes API server, over TLS.

It lists and watches like a genuine one, with pages, bookmarks, gzip and chunks,
and on command it does what genuine ones do rarely, and hostile ones whenever
they like. As a module it is steered by calls; as a program

    standin.py --cert FILE --key FILE [--port N] [--token TEXT]

by lines of JSON on its standard input, such as
    {"do": "set", "resource": "services", "object": {...}}
    {"do": "delete", "resource": "services", "namespace": "default", "name": "a"}
    {"do": "bookmark"}, {"do": "end"}, {"do": "cut"}, {"do": "expire"}
    {"do": "fail", "resource": "services", "verb": "list", "status": 503,
     "headers": {"Retry-After": "1"}, "body": "busy", "times": 2}
and prints its port, then a line of JSON for each request.
"""
import argparse
import copy
import gzip
import http.server
import json
import socket
import ssl
import sys
import threading
import time
import urllib.parse

KINDS = {"services": "Service", "endpointslices": "EndpointSlice", "nodes": "Node"}
GZIP_MIN = 128 << 10
CHUNK = 2048


def encode(thing):
    return json.dumps(thing, separators=(",", ":")).encode()


def status(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": code}


class Request:
    """A request, as far as a fault may want to know it."""

    def __init__(self, path, headers):
        url = urllib.parse.urlsplit(path)
        self.path = url.path
        self.parameters = dict(urllib.parse.parse_qsl(url.query))
        self.headers = headers
        self.resource = url.path.rsplit("/", 1)[-1]
        self.verb = "watch" if self.parameters.get("watch") == "true" else "list"
        self.time = time.monotonic()


class Fault:
    """Takes the place of the next answers to some requests."""

    def __init__(self, resource, verb, answer, times=1):
        self.resource, self.verb, self.answer, self.left = resource, verb, answer, times

    def matches(self, request):
        return self.left > 0 and self.resource in (None, request.resource) and \
            self.verb in (None, request.verb)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        standin, request = self.server.standin, Request(self.path, self.headers)
        fault = standin.admit(request)
        try:
            if fault:
                fault.answer(self, request)
            elif standin.token and \
                    self.headers["Authorization"] != f"Bearer {standin.token}":
                self.answer(401, encode(status(401, "Unauthorized", "Unauthorized")))
            elif request.resource not in KINDS or \
                    (standin.beta and request.path.endswith("/v1/endpointslices")):
                self.answer(404, b"404 page not found\n", {"Content-Type": "text/plain"})
            elif request.verb == "watch":
                self.watch(request)
            else:
                self.list(request)
        except OSError:
            self.close_connection = True

    def answer(self, code, body, headers=None):
        self.send_response(code)
        for key, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin_chunks(self, headers=None):
        self.send_response(200)
        for key, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(key, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, body):
        if body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))

    def end_chunks(self):
        self.wfile.write(b"0\r\n\r\n")

    def cut(self):
        """Ends the connection without a word of TLS."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def list(self, request):
        page = self.server.standin.page(request)
        if page is None:
            self.answer(410, encode(status(410, "Expired", "The provided continue parameter is "
                                           "too old to display a consistent list result.")))
            return
        self.send_list(encode(page))

    def send_list(self, body):
        if len(body) >= GZIP_MIN and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.begin_chunks({"Content-Encoding": "gzip"})
            body = gzip.compress(body, 1)
        elif len(body) < 4096:
            self.answer(200, body)
            return
        else:
            self.begin_chunks()
        for at in range(0, len(body), CHUNK):
            self.chunk(body[at:at + CHUNK])
        self.end_chunks()

    def event(self, kind, thing):
        self.chunk(encode({"type": kind, "object": thing}) + b"\n")

    def expired(self):
        self.event("ERROR", status(410, "Expired", "too old resource version"))

    def watch(self, request, end=True):
        """Sends events until the time is over or somebody wants an end."""
        standin = self.server.standin
        version = int(request.parameters["resourceVersion"])
        until = time.monotonic() + float(request.parameters.get("timeoutSeconds", 60))
        commands = len(standin.commands)
        self.begin_chunks()
        if version < standin.oldest:
            self.expired()
            if standin.silent_after_error:
                standin.closing.wait(20)
            self.end_chunks()
            return
        while time.monotonic() < until and not standin.closing.is_set():
            for number, kind, thing in standin.events_after(request, version):
                version = number
                self.event(kind, thing)
            with standin.changed:
                new, commands = standin.commands[commands:], len(standin.commands)
                if not new:
                    standin.changed.wait(0.02)
            if "bookmark" in new:
                self.bookmark(request, standin)
            if "cut" in new:
                self.cut()
                return
            if "end" in new:
                break
        if end:
            self.end_chunks()

    def bookmark(self, request, standin):
        self.event("BOOKMARK", {"kind": KINDS[request.resource], "apiVersion": "v1",
                                "endpoints": None, "ports": None,
                                "metadata": {"resourceVersion": str(standin.version),
                                             "creationTimestamp": None}})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def finish_request(self, request, client_address):
        try:
            request.settimeout(30)
            request.do_handshake()
            super().finish_request(request, client_address)
        except OSError:
            pass

    def shutdown_request(self, request):
        try:
            super().shutdown_request(request)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


class Standin:
    def __init__(self, cert, key, port=0):
        self.objects = {resource: {} for resource in KINDS}
        self.version, self.oldest = 10, 0
        self.history, self.faults, self.requests, self.commands = [], [], [], []
        self.snapshots = {}
        self.token, self.beta, self.silent_after_error = None, False, False
        self.told = None
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.closing = threading.Event()
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.standin = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.closing.set()
        with self.changed:
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()

    # What the server has.
    def set(self, resource, thing):
        with self.changed:
            thing = copy.deepcopy(thing)
            metadata = thing["metadata"]
            key = metadata.get("namespace", ""), metadata["name"]
            self.version += 1
            metadata["resourceVersion"] = str(self.version)
            kind = "MODIFIED" if key in self.objects[resource] else "ADDED"
            self.objects[resource][key] = thing
            self.history.append((self.version, resource, kind, thing))
            self.changed.notify_all()

    def delete(self, resource, namespace, name):
        with self.changed:
            thing = copy.deepcopy(self.objects[resource].pop((namespace, name)))
            self.version += 1
            thing["metadata"]["resourceVersion"] = str(self.version)
            self.history.append((self.version, resource, "DELETED", thing))
            self.changed.notify_all()

    def expire(self):
        """Forgets the past: watches from before, and lists that have begun, get 410."""
        with self.changed:
            self.version += 1
            self.oldest = self.version
            self.snapshots.clear()

    def command(self, name):
        with self.changed:
            self.commands.append(name)
            self.changed.notify_all()

    def fail(self, resource, verb, answer, times=1):
        with self.lock:
            self.faults.append(Fault(resource, verb, answer, times))

    def refuse(self, resource, verb, code, body=None, headers=None, times=1):
        if body is None:
            body = encode(status(code, "", "refused by the stand-in"))
        self.fail(resource, verb,
                  lambda handler, request: handler.answer(code, body, headers), times)

    # For handlers.
    def admit(self, request):
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
            if self.told:
                self.told(request)
            for fault in self.faults:
                if fault.matches(request):
                    fault.left -= 1
                    return fault
        return None

    def selected(self, request, thing):
        field = request.parameters.get("fieldSelector", "")
        if field.startswith("metadata.name=") and thing["metadata"]["name"] != field[14:]:
            return False
        labels = thing["metadata"].get("labels", {})
        return not any(part.startswith("!") and part[1:] in labels
                       for part in request.parameters.get("labelSelector", "").split(","))

    def page(self, request):
        with self.lock:
            limit = int(request.parameters.get("limit", 0))
            token = request.parameters.get("continue")
            if token:
                if token not in self.snapshots:
                    return None
                version, items = self.snapshots[token]
            else:
                version = self.version
                items = [thing for thing in self.objects[request.resource].values()
                         if self.selected(request, thing)]
            metadata = {"resourceVersion": str(version)}
            if limit and len(items) > limit:
                metadata["continue"] = f"{version}/{request.resource}+{len(items)}="
                metadata["remainingItemCount"] = len(items) - limit
                self.snapshots[metadata["continue"]] = version, items[limit:]
                items = items[:limit]
            return {"kind": KINDS[request.resource] + "List", "apiVersion": "v1",
                    "metadata": metadata, "items": items}

    def events_after(self, request, version):
        with self.lock:
            return [(number, kind, {"kind": KINDS[resource], "apiVersion": "v1"} | thing)
                    for number, resource, kind, thing in self.history
                    if number > version and resource == request.resource and
                    self.selected(request, thing)]


def obey(standin, line):
    order = json.loads(line)
    if order["do"] == "set":
        standin.set(order["resource"], order["object"])
    elif order["do"] == "delete":
        standin.delete(order["resource"], order["namespace"], order["name"])
    elif order["do"] == "expire":
        standin.expire()
    elif order["do"] == "fail":
        body = order.get("body")
        standin.refuse(order.get("resource"), order.get("verb"), order["status"],
                       None if body is None else body.encode(), order.get("headers"),
                       order.get("times", 1))
    else:
        standin.command(order["do"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token")
    arguments = parser.parse_args()
    standin = Standin(arguments.cert, arguments.key, arguments.port)
    standin.token = arguments.token
    standin.told = lambda request: print(json.dumps({
        "path": request.path, "verb": request.verb, "parameters": request.parameters}),
        flush=True)
    print(standin.port, flush=True)
    for line in sys.stdin:
        if line.strip():
            obey(standin, line)
    standin.close()


if __name__ == "__main__":
    main()
