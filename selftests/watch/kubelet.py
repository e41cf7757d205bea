#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Plays the scheduler and the kubelets of a cluster whose pods are namespaces.

    kubelet.py DIRECTORY URL GRACE POD=NODE,NAMESPACE,ADDRESS...

DIRECTORY has the administrator's certificate, see cluster.sh. A Pod called POD goes
to NODE and is ready at once, as its server always runs. One that is deleted goes on
for GRACE seconds; then its address is taken from its namespace, which answers nobody
any more, and it is gone.
"""
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

GATEWAY = "169.254.1.1"
PODS = "/api/v1/namespaces/default/pods"


class Api:
    """The API server, as an administrator sees it."""

    def __init__(self, directory, url):
        self.url = url
        self.context = ssl.create_default_context(
            cafile=os.path.join(directory, "ca.crt"))
        self.context.load_cert_chain(os.path.join(directory, "admin.crt"),
                                     os.path.join(directory, "admin.key"))

    def __call__(self, method, path, body=None,
                 content="application/json"):
        request = urllib.request.Request(
            self.url + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": content})
        with urllib.request.urlopen(request, timeout=10,
                                    context=self.context) as answer:
            return json.load(answer)


class Kubelet:
    """All of them."""

    def __init__(self, api, grace, places):
        self.api = api
        self.grace = grace
        self.places = places
        self.deleted = {}

    def ip(self, name, *words):
        subprocess.run(["ip", "-n", self.places[name][1], *words], check=False)

    def give_address(self, name):
        """And the routes, which went with it."""
        self.ip(name, "address", "replace", self.places[name][2] + "/32", "dev", "eth0")
        self.ip(name, "route", "replace", GATEWAY, "dev", "eth0")
        self.ip(name, "route", "replace", "default", "via", GATEWAY)

    def take_address(self, name):
        self.ip(name, "address", "delete", self.places[name][2] + "/32", "dev", "eth0")

    def begin(self, name):
        node, _, address = self.places[name]
        self.give_address(name)
        self.api("POST", f"{PODS}/{name}/binding", {
            "apiVersion": "v1", "kind": "Binding",
            "metadata": {"name": name},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node}})
        self.api("PATCH", f"{PODS}/{name}/status", {"status": {
            "phase": "Running", "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": [{"type": "Ready", "status": "True"}]}},
                 "application/merge-patch+json")

    def end(self, name, uid):
        now = time.monotonic()
        if now < self.deleted.setdefault(uid, now) + self.grace:
            return
        self.take_address(name)
        self.api("DELETE", f"{PODS}/{name}", {
            "apiVersion": "v1", "kind": "DeleteOptions",
            "gracePeriodSeconds": 0})

    def look(self):
        for pod in self.api("GET", PODS)["items"]:
            meta = pod["metadata"]
            if meta["name"] not in self.places:
                continue
            if "deletionTimestamp" in meta:
                self.end(meta["name"], meta["uid"])
            elif "nodeName" not in pod["spec"]:
                self.begin(meta["name"])


def main():
    directory, url, grace = sys.argv[1:4]
    places = dict(word.split("=") for word in sys.argv[4:])
    kubelet = Kubelet(Api(directory, url), float(grace),
                      {name: place.split(",")
                       for name, place in places.items()})
    while True:
        try:
            kubelet.look()
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr, flush=True)
        time.sleep(0.1)


main()
