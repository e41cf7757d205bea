# SPDX-License-Identifier: GPL-2.0-only
"""Reads the files of cases/, topology/ and conntrack/.

Every key that a file may have is known here; one that is not makes the file fail,
so that nothing of it is left out in silence.

Which mode is followed. The files have the behaviour of the iptables mode, and what
the modes nftables and ipvs do differently as overrides. svclb does as the iptables
mode does, with one rule more: what that mode leaves alone ("no-match") only since
its chains cannot tell, svclb refuses or drops where the nftables mode does: unused
ports of a cluster IP, addresses of a service network that no service has. A client
that asks for what does not exist shall hear of it, or at least nobody outside.
So of an override for nftables counts

  no-match -> reject or drop   the override
  backends -> no-match         the base. All files that have it: node ports on
                               127.0.0.1 with localhostNodePorts, in masquerade-all
                               and masquerade-no-local-detector. svclb serves them
                               as the iptables mode does.
  accept true -> false         the override, in healthcheck-nodeport and overall-mix.
                               The iptables mode writes into the table that the
                               host's firewall may use too, and can open it; a hook
                               of the kernel's own cannot overrule a verdict of that
                               table, as the nftables mode cannot. The packet itself
                               has to arrive at the listener in either case.
  anything else                is unknown, and fails

ipvs overrides are not followed: that mode binds addresses to a device.
"""
import ipaddress
import json

ZONE = "topology.kubernetes.io/zone"
MODES = {"iptables", "nftables", "ipvs"}
PROTOCOLS = {"TCP", "UDP", "SCTP"}


class Unknown(Exception):
    """Something in a file that the runner cannot express."""


def only(what, found, allowed, required=()):
    if not isinstance(found, dict):
        raise Unknown(f"{what}: is not an object")
    for key in found:
        if key not in allowed:
            raise Unknown(f"{what}: unknown key {key!r}")
    for key in required:
        if key not in found:
            raise Unknown(f"{what}: no key {key!r}")


def typed(what, value, kind):
    if not isinstance(value, kind) or isinstance(value, bool) and kind is not bool:
        raise Unknown(f"{what}: {value!r} is not what belongs there")
    return value


def address(text):
    """IPv4 may have leading zeros, which are decimal."""
    if "." in text and ":" not in text:
        text = ".".join(str(int(part, 10)) for part in text.split("."))
    return ipaddress.ip_address(text)


def network(text):
    ip, _, length = text.strip().partition("/")
    return ipaddress.ip_network(f"{address(ip)}/{int(length, 10)}", strict=False)


def backend(text):
    """ip:port or [ip]:port, as (address, port)."""
    ip, _, port = text.rpartition(":")
    return address(ip.strip("[]")), int(port)


def backend_text(ip, port):
    return f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"


class Expectation:
    """What has to become of a flow. Backends are a dictionary: each with whether
    a connection to it is masqueraded."""

    def __init__(self, kind, backends=None):
        self.kind = kind
        self.backends = backends or {}


class Flow:
    """First packets from one client to one destination."""

    def __init__(self, name, packet, expectation, accept=False):
        self.name = name
        self.src, self.dst = address(packet["src"]), address(packet["dst"])
        self.proto, self.dport = packet["proto"], typed(name, packet["dport"], int)
        if self.proto not in PROTOCOLS:
            raise Unknown(f"{name}: protocol {self.proto!r}")
        if self.src.version != self.dst.version:
            raise Unknown(f"{name}: two address families")
        self.expectation = expectation
        self.accept = accept


FLOW_KEYS = {"name", "src", "proto", "dst", "dport", "expect", "backends", "masq",
             "masqPerBackend", "accept", "derived", "overrides"}
EXPECT_KEYS = {"expect", "backends", "masq", "masqPerBackend", "accept"}
EXPECTED = {"backends", "drop", "reject", "no-match"}


def followed(name, flow):
    """The expectation of a flow that counts; see the top of this file."""
    base = {key: flow[key] for key in EXPECT_KEYS if key in flow}
    overrides = flow.get("overrides", {})
    only(f"{name}: overrides", overrides, MODES)
    for mode, change in overrides.items():
        only(f"{name}: override for {mode}", change, EXPECT_KEYS)
    change = dict(overrides.get("nftables", {}))
    accept = change.pop("accept", None)
    if accept is not None:
        if accept or not base.get("accept"):
            raise Unknown(f"{name}: accept in an override")
        base["accept"] = False
    if not change:
        return base
    step = base["expect"], change.get("expect")
    if step in (("no-match", "reject"), ("no-match", "drop")):
        return {**base, **change}
    if step != ("backends", "no-match"):
        raise Unknown(f"{name}: no rule says whether the nftables mode is followed")
    return base


def read_expectation(name, found):
    kind = found["expect"]
    if kind not in EXPECTED:
        raise Unknown(f"{name}: expects {kind!r}")
    if (kind == "backends") != bool(found["backends"]):
        raise Unknown(f"{name}: backends and what is expected disagree")
    masq = typed(name, found["masq"], bool)
    each = found.get("masqPerBackend")
    if each is not None and set(each) != set(found["backends"]):
        raise Unknown(f"{name}: masqPerBackend has other backends")
    return Expectation(kind, {backend(text): typed(name, each[text] if each else masq, bool)
                              for text in found["backends"]})


def read_flow(flow):
    only("flow", flow, FLOW_KEYS,
         {"name", "src", "proto", "dst", "dport", "expect", "backends", "masq"})
    found = followed(flow["name"], flow)
    return Flow(flow["name"], flow, read_expectation(flow["name"], found),
                flow.get("accept", False))


class Step:
    """A connection at a time, by a client that may be bound to a backend."""

    def __init__(self, name, step):
        only(f"{name}: step", step,
             {"t", "src", "proto", "dst", "dport", "backends", "bind", "same", "srcPortDiffers"},
             {"t", "src", "proto", "dst", "dport", "backends"})
        self.time = typed(name, step["t"], int)
        self.bind, self.same = step.get("bind"), step.get("same")
        self.flow = Flow(name, step, Expectation(
            "backends", {backend(text): None for text in step["backends"]}))
        if not step["backends"]:
            raise Unknown(f"{name}: a step without backends")


class Sequence:
    """Connections of clients that session affinity binds."""

    def __init__(self, sequence):
        only("sequence", sequence, {"name", "steps", "overrides"}, {"name", "steps"})
        self.name = sequence["name"]
        # What other modes do is said in words only; the base counts.
        only(f"{self.name}: overrides", sequence.get("overrides", {}), {"ipvs"})
        self.steps = [Step(self.name, step) for step in sequence["steps"]]
        bound = set()
        last = -1
        for step in self.steps:
            if step.same is not None and step.same not in bound:
                raise Unknown(f"{self.name}: same as {step.same!r}, which is not bound yet")
            if step.time <= last:
                raise Unknown(f"{self.name}: times must grow")
            last = step.time
            bound.add(step.bind)


class Entry:
    """A connection that conntrack knows of, and whether it has to survive."""

    def __init__(self, entry):
        keys = {"proto", "origDst", "origDport", "replySrc", "replySport", "keep"}
        only("entry", entry, keys, keys)
        self.proto, self.keep = entry["proto"], typed("entry", entry["keep"], bool)
        self.dst, self.dport = address(entry["origDst"]), entry["origDport"]
        # Port 0 stands for an entry that never was translated.
        self.target = address(entry["replySrc"])
        self.target_port = entry["replySport"] or self.dport
        if self.proto not in PROTOCOLS:
            raise Unknown(f"entry: protocol {self.proto!r}")
        if not entry["replySport"] and self.target != self.dst:
            raise Unknown("entry: no reply port, but translated")
        self.name = "{} {} -> {}".format(
            self.proto, backend_text(self.dst, self.dport),
            backend_text(self.target, entry["replySport"])
            if entry["replySport"] else "not translated")


class Config:
    """The node."""

    keys = {"nodeName", "primaryNodeIP", "nodeIPs", "nodeLabels", "nodePortAddresses",
            "localhostNodePorts", "podCIDRs", "masqueradeAll", "serviceCIDRs",
            "expectMartianFilter"}

    def __init__(self, config, defaults):
        only("config", config, self.keys, {"nodeName"})
        config = {**defaults, **config}
        self.node_name = config["nodeName"]
        self.node_ips = [address(text) for text in config["nodeIPs"]]
        self.primary = address(config["primaryNodeIP"])
        only("nodeLabels", config["nodeLabels"], {ZONE})
        self.zone = config["nodeLabels"].get(ZONE)
        self.node_port_addresses = [network(text) for text in config["nodePortAddresses"]]
        self.localhost = typed("localhostNodePorts", config["localhostNodePorts"], bool)
        self.pods = [network(text) for text in config["podCIDRs"]]
        self.masquerade_all = typed("masqueradeAll", config["masqueradeAll"], bool)
        self.services = [network(text) for text in config.get("serviceCIDRs", [])]
        self.martian_filter = config.get("expectMartianFilter")

    def arguments(self):
        """As svclbctl sync takes them, all of them, whatever was loaded before."""
        node_ips = [self.primary]
        node_ips += [ip for ip in self.node_ips if ip.version != self.primary.version][:1]
        arguments = ["--node", self.node_name, "--node-ip", ",".join(map(str, node_ips))]
        if self.zone is not None:
            arguments += ["--zone", self.zone]
        for option, networks in (("--cluster-cidr", self.pods),
                                 ("--node-port-addresses", self.node_port_addresses),
                                 ("--service-cidr", self.services)):
            arguments += [option, ",".join(map(str, networks))]
        for option, value in (("--localhost-node-ports", self.localhost),
                              ("--masquerade-all", self.masquerade_all)):
            arguments += [option, "on" if value else "off"]
        return arguments


# What a file leaves out that has no packets of its own.
DEFAULTS = {
    "primaryNodeIP": "192.168.0.2", "nodeIPs": ["192.168.0.2", "2001:db8::1"],
    "nodeLabels": {}, "nodePortAddresses": [], "localhostNodePorts": False,
    "podCIDRs": ["10.0.0.0/8", "fd00:10::/32"], "masqueradeAll": False,
}
COMMON = {"name", "origin", "notes", "config", "services", "endpointslices", "after",
          "derived", "previousServices"}
KINDS = {
    "cases": (COMMON | {"flows", "healthCheck", "metrics", "expectServicePorts", "sequences",
                        "globalRules"}, {"flows"}),
    "topology": (COMMON | {"expect"}, {"expect"}),
    "conntrack": (COMMON | {"entries"}, {"entries"}),
}


class Scenario:
    """A file."""

    def __init__(self, content):
        self.content = content
        if not isinstance(content, dict):
            raise Unknown("is not an object")
        kinds = [kind for kind, (_, marks) in KINDS.items() if marks <= set(content)]
        if len(kinds) != 1:
            raise Unknown("has neither flows nor expect nor entries, or several")
        self.kind = kinds[0]
        only("file", content, KINDS[self.kind][0],
             {"name", "config", "services", "endpointslices"})
        self.name = content["name"]
        self.after = content.get("after")
        self.before = None	# that scenario, if somebody has read it
        defaults = DEFAULTS
        if self.kind == "cases":
            for key in ("primaryNodeIP", "nodeIPs", "nodeLabels", "nodePortAddresses",
                        "localhostNodePorts", "podCIDRs", "masqueradeAll"):
                if key not in content["config"]:
                    raise Unknown(f"config: no key {key!r}")
        elif "primaryNodeIP" not in content["config"] and content["config"].get("nodeIPs"):
            defaults = {**DEFAULTS, "primaryNodeIP": content["config"]["nodeIPs"][0]}
        self.config = Config(content["config"], defaults)
        self.services = content["services"]
        self.slices = content["endpointslices"]
        for item, kind in [(item, "Service") for item in
                           self.services + content.get("previousServices", [])] + \
                [(item, "EndpointSlice") for item in self.slices]:
            if item.get("kind") != kind:
                raise Unknown(f"{item.get('kind')!r} among the objects of kind {kind}")
        self.endpoints, self.ports = self.read_slices()
        self.flows = [read_flow(flow) for flow in content.get("flows", [])]
        self.sequences = [Sequence(item) for item in content.get("sequences", [])]
        self.entries = [Entry(entry) for entry in content.get("entries", [])]
        if self.kind == "topology":
            self.flows = topology_flows(self)
        self.names_differ()

    def names_differ(self):
        names = [item.name for item in self.flows + self.sequences]
        if len(set(names)) != len(names):
            raise Unknown("two flows have one name")

    def read_slices(self):
        """Where endpoints are: addresses, each with whether it is on the node; and
        all their ports."""
        places, ports = {}, set()
        for item in self.slices:
            for port in item.get("ports") or []:
                if port.get("port") is not None:
                    ports.add((port.get("protocol", "TCP"), port["port"]))
            if item.get("addressType") == "FQDN":
                continue
            for endpoint in item.get("endpoints") or []:
                here = endpoint.get("nodeName") == self.config.node_name
                for text in endpoint["addresses"]:
                    ip = address(text)
                    places[ip] = here or places.get(ip, False)
        return places, ports

    def service_addresses(self):
        """All addresses of services, as they are written down."""
        found = set()
        for service in self.services + self.content.get("previousServices", []):
            spec = service["spec"]
            texts = [text for text in spec.get("clusterIPs", []) if text != "None"]
            texts += spec.get("externalIPs", []) + [
                ingress["ip"] for ingress in load_balancer(service) if ingress.get("ip")]
            found |= {address(text) for text in texts}
        return found

    def balancer_addresses(self):
        return {address(ingress["ip"]) for service in self.services
                for ingress in load_balancer(service)
                if ingress.get("ip") and ingress.get("ipMode") != "Proxy"}

    def node_ports(self):
        return {(port.get("protocol", "TCP"), port["nodePort"]) for service in self.services
                for port in service["spec"].get("ports") or [] if port.get("nodePort")}

    def source_ranges(self):
        return [network(text) for service in self.services
                for text in service["spec"].get("loadBalancerSourceRanges", [])]

    def affinity(self):
        return any(service["spec"].get("sessionAffinity") == "ClientIP"
                   for service in self.services)

    def objects(self, services=None):
        return {"apiVersion": "v1", "kind": "List",
                "items": (self.services if services is None else services) + self.slices}


def load_balancer(service):
    return service.get("status", {}).get("loadBalancer", {}).get("ingress", [])


def policy_expectation(endpoints, any_endpoints, masq):
    if endpoints:
        return Expectation("backends", {backend(text): masq for text in endpoints})
    return Expectation("drop" if any_endpoints else "reject")


def topology_flows(scenario):
    """The packets that show which endpoints each policy has: of a pod to the cluster
    IP for internalTrafficPolicy; for externalTrafficPolicy of a client outside, and,
    as it gets the Cluster endpoints in any case, of a pod."""
    expect = scenario.content["expect"]
    keys = {"servicePort", "clusterEndpoints", "localEndpoints", "allReachable", "hasAnyEndpoints"}
    only("expect", expect, keys, keys)
    wanted = expect["servicePort"]
    only("servicePort", wanted, {"namespace", "name", "port", "protocol", "portName"},
         {"namespace", "name", "port", "protocol"})
    found = [service for service in scenario.services
             if service["metadata"]["name"] == wanted["name"] and
             service["metadata"]["namespace"] == wanted["namespace"]]
    if len(found) != 1:
        raise Unknown("expect: no such service")
    spec = found[0]["spec"]
    port = [port for port in spec["ports"] if port["port"] == wanted["port"] and
            port.get("protocol", "TCP") == wanted["protocol"]]
    if len(port) != 1:
        raise Unknown("expect: no such service port")
    cluster, local = expect["clusterEndpoints"], expect["localEndpoints"]
    if set(expect["allReachable"]) != set(cluster or []) | set(local or []):
        raise Unknown("expect: allReachable is not what both policies have")
    some = typed("hasAnyEndpoints", expect["hasAnyEndpoints"], bool)
    if not some and expect["allReachable"]:
        raise Unknown("expect: endpoints, but not any")

    cluster_ip = address(spec["clusterIPs"][0])
    pod, outside = free_address(scenario, scenario.config.pods, cluster_ip.version), \
        address("203.0.113.2" if cluster_ip.version == 4 else "2600:5200::1")
    flows = []

    def flow(name, src, dst, dport, endpoints, masq):
        if endpoints is None:
            raise Unknown(f"expect: null, but {name} uses these endpoints")
        flows.append(Flow(name, {"src": str(src), "proto": wanted["protocol"], "dst": str(dst),
                                 "dport": dport}, policy_expectation(endpoints, some, masq)))

    internal_local = spec["internalTrafficPolicy"] == "Local"
    flow("internal policy " + spec["internalTrafficPolicy"], pod, cluster_ip, wanted["port"],
         local if internal_local else cluster, False)
    balancers = [ip for ip in map(address, [item["ip"] for item in load_balancer(found[0])])
                 if ip.version == cluster_ip.version]
    ways = [(address(text), wanted["port"]) for text in spec.get("externalIPs", [])] + \
        [(ip, wanted["port"]) for ip in balancers]
    if port[0].get("nodePort"):
        ways += [(ip, port[0]["nodePort"]) for ip in scenario.config.node_ips
                 if ip.version == cluster_ip.version][:1]
    external = ways and spec.get("externalTrafficPolicy")
    for dst, dport in ways if external else []:
        flow(f"external policy {external}, {dst}", outside, dst, dport,
             local if external == "Local" else cluster, external == "Cluster")
        if external == "Local" and cluster is not None:
            flow(f"external policy Local, a pod to {dst}", pod, dst, dport, cluster, False)
    # What is null must really be of no use to anybody.
    uses = {"local": internal_local or external == "Local",
            "cluster": not internal_local or external}
    if cluster is None and uses["cluster"] and external != "Local" or \
            local is None and uses["local"]:
        raise Unknown("expect: null for a policy that the service uses")
    if local is not None and not uses["local"] or cluster is not None and not uses["cluster"]:
        raise Unknown("expect: endpoints for a policy that the service does not use")
    return flows


def free_address(scenario, networks, version):
    """A pod that is no endpoint."""
    for one in networks:
        if one.version == version:
            for ip in one.hosts():
                if ip not in scenario.endpoints:
                    return ip
    raise Unknown("no address for a pod")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
