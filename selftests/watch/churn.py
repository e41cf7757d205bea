#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes, changes and deletes Services and EndpointSlices at random.

    churn.py DIRECTORY URL SEED SECONDS LEAST

goes on for so long and until that many requests have been obeyed, on a busy host too.
DIRECTORY has the administrator's certificate, see cluster.sh. Cluster IPs are from
10.96.2.0/24. At the end it prints how many requests were obeyed; how the cluster is
left depends on the SEED and the time.
"""
import http.client
import json
import os
import random
import ssl
import sys
import time
import urllib.parse

SERVICES = "/api/v1/namespaces/default/services"
SLICES = "/apis/discovery.k8s.io/v1beta1/namespaces/default/endpointslices"
NAMES = [f"churn-{i}" for i in range(40)]


class Api:
    """One connection to the API server, made again when it breaks."""

    def __init__(self, directory, url):
        self.host = urllib.parse.urlsplit(url).netloc
        self.context = ssl.create_default_context(
            cafile=os.path.join(directory, "ca.crt"))
        self.context.load_cert_chain(os.path.join(directory, "admin.crt"),
                                     os.path.join(directory, "admin.key"))
        self.connection = None
        self.obeyed = 0

    def __call__(self, method, path, body=None,
                 content="application/json"):
        try:
            if not self.connection:
                self.connection = http.client.HTTPSConnection(
                    self.host, timeout=10, context=self.context)
            self.connection.request(method, path,
                                    body and json.dumps(body),
                                    {"Content-Type": content})
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            time.sleep(0.1)
            return
        self.obeyed += answer.status < 300


def service(name):
    number = NAMES.index(name) + 1
    spec = {"clusterIP": f"10.96.2.{number}",
            "ports": [{"name": "a", "port": 80, "targetPort": 8080}]}
    if random.random() < 0.5:
        spec["ports"].append({"name": "b", "port": 81, "protocol": "UDP",
                              "targetPort": 8080})
    if random.random() < 0.2:
        spec["sessionAffinity"] = "ClientIP"
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name}, "spec": spec}


def slice_of(name, number):
    endpoints = [{"addresses": [f"10.244.2.{i}"],
                  "conditions": {"ready": random.random() < 0.8},
                  "topology": {"kubernetes.io/hostname":
                               f"node{1 + (i > 2)}"}}
                 for i in random.sample(range(1, 5), random.randrange(5))]
    return {"apiVersion": "discovery.k8s.io/v1beta1",
            "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": f"{name}-{number}",
                         "labels": {"kubernetes.io/service-name": name}},
            "endpoints": endpoints,
            "ports": [{"name": "a", "port": 8080},
                      {"name": "b", "port": 8080, "protocol": "UDP"}]}


def step(api):
    name = random.choice(NAMES)
    number = random.randrange(2)
    what = random.random()
    if what < 0.15:
        api("POST", SERVICES, service(name))
    elif what < 0.25:
        api("DELETE", f"{SERVICES}/{name}")
    elif what < 0.35:
        api("PATCH", f"{SERVICES}/{name}", {"spec": service(name)["spec"]},
            "application/merge-patch+json")
    elif what < 0.5:
        api("POST", SLICES, slice_of(name, number))
    elif what < 0.6:
        api("DELETE", f"{SLICES}/{name}-{number}")
    else:
        changed = slice_of(name, number)
        api("PATCH", f"{SLICES}/{name}-{number}",
            {"endpoints": changed["endpoints"]},
            "application/merge-patch+json")


def main():
    directory, url, seed, seconds, least = sys.argv[1:]
    random.seed(int(seed))
    api = Api(directory, url)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end or api.obeyed < int(least):
        step(api)
    print(api.obeyed)


main()
