# SPDX-License-Identifier: GPL-2.0-only
"""Plays a scenario: lays out its network, loads its objects, sends its packets."""
import ipaddress
import time

import judge
import rules
from net import Failure, OURS
from scenario import Expectation, Flow, Unknown, backend_text, only

COPIES = 24	# clients that play a sequence at the same time
ROUNDS = 4	# how often at most, until every backend was seen
DOUBLINGS = 5	# how often times are made longer for a slow machine
TICKS = 0.03	# by what the kernel's clock may be behind, in seconds
DROPS = ("dropped_source_range", "dropped_no_local_backend", "dropped_unallocated",
         "dropped_loopback")


class Player:
    """One scenario in the setting. report(ok, name, complaints, remarks) gets the
    results, one for each flow, sequence, entry and number that a file expects."""

    def __init__(self, scenario, setting, traffic, tool, report):
        self.scenario = scenario
        self.setting, self.traffic, self.tool = setting, traffic, tool
        self.report_to = report
        self.spare = {}		# clients that may stand in for one another
        self.dropped = None	# how many svclb had dropped when last asked

    def report(self, name, complaints, remarks=()):
        self.report_to(not complaints, f"{self.scenario.name}: {name}", complaints, remarks)

    def play(self):
        self.lay_out()
        self.setting.conntrack.flush()
        self.tool.forget_flows()
        # What was loaded before may stay, it is no longer asked for; but clients
        # may be bound, and entries are about services that are not there yet.
        if self.scenario.affinity() or self.scenario.kind == "conntrack":
            self.tool.flush()
        if self.scenario.kind == "conntrack":
            self.play_entries()
            return
        self.load()
        for flow in self.scenario.flows:
            self.report(flow.name, *self.play_flow(flow))
        self.check_numbers()
        for sequence in self.scenario.sequences:
            self.report(sequence.name, *self.play_sequence(sequence))

    #
    # The network
    #

    def packets(self):
        return self.scenario.flows + [step.flow for sequence in self.scenario.sequences
                                      for step in sequence.steps]

    def is_node(self, ip):
        return ip.is_loopback or ip in self.scenario.config.node_ips

    def lay_out(self):
        scenario, setting = self.scenario, self.setting
        setting.clear()
        for ip in scenario.config.node_ips:
            setting.node_address(ip)
        for ip, local in scenario.endpoints.items():
            if not self.is_node(ip):
                setting.add_leaf(ip, local)
        balancers = scenario.balancer_addresses()
        for packet in self.packets():
            if not self.is_node(packet.src) and packet.src not in setting.used and \
                    packet.src not in balancers:
                setting.add_leaf(packet.src)
        self.listen()

    def listen(self):
        scenario, setting = self.scenario, self.setting
        wanted = scenario.node_ports() | {(packet.proto, packet.dport)
                                          for packet in self.packets()}
        if any(self.is_node(ip) for ip in scenario.endpoints):
            wanted |= scenario.ports
        for proto, port in wanted:
            setting.node.wait_on(proto, port)
        for ip in scenario.endpoints:
            if not self.is_node(ip):
                for proto, port in scenario.ports:
                    setting.used[ip].wait_on(proto, port)
        if any(packet.proto == "SCTP" for packet in self.packets()):
            for leaf in setting.used.values():
                leaf.watch_sctp()
        self.traffic.taken = {port for _, port in wanted | scenario.ports}

    def neighbour(self, ip):
        """A client like another one, but with an address of its own: one near by
        that no list of networks tells apart. It lives in the same namespace."""
        networks = self.scenario.config.pods + self.scenario.source_ranges() + \
            self.scenario.config.services + [OURS]
        alike = [ip in one for one in networks]
        reserved = {*self.scenario.service_addresses(), *self.scenario.endpoints,
                    *self.setting.used, *self.scenario.config.node_ips,
                    *(packet.src for packet in self.packets()),
                    *(packet.dst for packet in self.packets())}
        near = ipaddress.ip_network((ip, ip.max_prefixlen - 8), strict=False)
        for other in near.hosts():
            if other not in reserved and [other in one for one in networks] == alike:
                self.setting.address(self.setting.used[ip], other, None)
                return other
        raise Unknown(f"no more clients like {ip}")

    def clients_like(self, ip, number):
        """The client itself, then others like it."""
        found = self.spare.setdefault(ip, [ip])
        while len(found) < number:
            found.append(self.neighbour(ip))
        return found[:number]

    def can_copy(self, ip):
        return ip in self.setting.used and ip not in self.scenario.endpoints

    #
    # The objects
    #

    def load(self, unit=None):
        """Loads the objects. With a unit, timeouts are shorter: by so many seconds a
        second."""
        before = self.scenario.before
        if before is not None:
            self.tool.sync(before.objects(), before.config)
        self.tool.sync(self.scaled(unit), self.scenario.config)

    def scaled(self, unit):
        objects = self.scenario.objects()
        if unit is None:
            return objects
        services = []
        for service in self.scenario.services:
            if service["spec"].get("sessionAffinity") == "ClientIP":
                seconds = round(self.timeout(service) * unit)
                spec = {**service["spec"], "sessionAffinityConfig":
                        {"clientIP": {"timeoutSeconds": min(max(seconds, 1), 86400)}}}
                service = {**service, "spec": spec}
            services.append(service)
        return self.scenario.objects(services)

    @staticmethod
    def timeout(service):
        return service["spec"].get("sessionAffinityConfig", {}).get("clientIP", {}).get(
            "timeoutSeconds", 10800)

    #
    # Flows
    #

    def play_flow(self, flow):
        """Returns complaints and remarks."""
        borrowed = None
        if self.setting.owner(flow.src) is self.setting.world:
            # A load balancer's address as the source: some clouds give it to the
            # node too, and what the node sends to it has it as the source.
            if flow.src not in self.scenario.balancer_addresses():
                raise Failure(f"nobody has {flow.src}")
            borrowed = flow.src
            self.setting.node_address(borrowed)
        # The source port of a connection that was masqueraded for an earlier flow
        # would be taken, and what is not masqueraded would get another one.
        self.setting.conntrack.flush()
        self.tool.forget_flows()
        try:
            return self.send_flow(flow)
        finally:
            if borrowed:
                self.setting.node_address(borrowed, add=False)

    def node_addresses(self):
        return set(self.scenario.config.node_ips)

    def send_flow(self, flow):
        expectation = flow.expectation
        if flow.accept and self.setting.owner(flow.dst) is not self.setting.node:
            raise Unknown("accept for what is not the node's")
        verdict = judge.Judge(flow, expectation, self.setting.owner, self.node_addresses())
        listed = len(expectation.backends)
        if expectation.kind == "drop" and self.dropped is None:
            self.dropped = self.count_dropped()
        # Who is bound and cannot be copied is let go by loading anew, which takes long.
        self.send(flow, verdict, 2 * listed if self.is_alone(flow) else judge.tries(listed))
        most = judge.most_tries(listed)
        while verdict.missing() and verdict.number < most and not verdict.complaints:
            self.send(flow, verdict, 1 if self.is_alone(flow) else 10)
        complaints = verdict.result()
        if expectation.kind == "drop":
            complaints += self.check_drop(flow, verdict.number)
        return complaints, verdict.remarks()

    def is_bound(self, flow):
        """Whether one client may only ever see one of several backends."""
        return len(flow.expectation.backends) > 1 and self.scenario.affinity()

    def is_alone(self, flow):
        return self.is_bound(flow) and not self.can_copy(flow.src)

    def send(self, flow, verdict, number):
        if self.is_alone(flow):
            for _ in range(number):
                self.tool.flush()
                self.load()
                verdict.add(*self.traffic.run([(flow.proto, flow.src, flow.dst, flow.dport)]))
            return
        sources = [flow.src] * number
        if self.is_bound(flow):
            sources = self.clients_like(flow.src, verdict.number + number)[-number:]
        verdict.add(*self.traffic.run([(flow.proto, source, flow.dst, flow.dport)
                                       for source in sources]))

    def count_dropped(self):
        counters = self.tool.counters()
        return sum(counters[name] for name in DROPS)

    def check_drop(self, flow, number):
        """That it was svclb who dropped, and not a way that does not exist: its own
        counter says so, and the client reaches the endpoints behind."""
        complaints = []
        dropped = self.count_dropped()
        if dropped - self.dropped != number:
            complaints.append(f"svclb counts {dropped - self.dropped} dropped, not {number}")
        self.dropped = dropped
        ports = [port for proto, port in self.scenario.ports if proto == flow.proto]
        reached = [(ip, port) for ip in self.scenario.endpoints for port in ports
                   if ip.version == flow.src.version][:2]
        for ip, port in reached:
            direct = Flow("direct", {"src": str(flow.src), "dst": str(ip), "dport": port,
                                     "proto": flow.proto}, Expectation("no-match"))
            verdict = judge.Judge(direct, direct.expectation, self.setting.owner, set())
            verdict.add(*self.traffic.run([(flow.proto, flow.src, ip, port)]))
            complaints += [f"directly to {backend_text(ip, port)}: {text}"
                           for text in verdict.result()]
        return complaints

    #
    # Session affinity
    #

    def unit(self):
        """How long a second of a sequence lasts. Waiting for real would take minutes,
        and the kernel's clock cannot be moved; so all times are shortened alike, the
        steps' and the services' timeouts."""
        timeouts = [self.timeout(service) for service in self.scenario.services
                    if service["spec"].get("sessionAffinity") == "ClientIP"]
        if not timeouts:
            raise Unknown("a sequence, but no service with session affinity")
        return self.setting.affinity_seconds / min(timeouts)

    def play_sequence(self, sequence):
        """Many clients play the sequence at the same time, the first with the file's
        own addresses. So all backends of a step can be seen, and that a step that is
        not bound really is free."""
        alone = not all(self.can_copy(step.flow.src) for step in sequence.steps)
        verdicts = [judge.Judge(step.flow, step.flow.expectation, self.setting.owner,
                                self.node_addresses()) for step in sequence.steps]
        complaints, other = [], [set() for _ in sequence.steps]
        late = 0
        rounds = 0
        while rounds < (ROUNDS * COPIES if alone else ROUNDS) and not complaints and \
                not any(verdict.complaints for verdict in verdicts):
            unit = self.unit()
            self.tool.flush()
            self.load(unit)
            played = self.play_round(sequence, unit, 1 if alone else COPIES)
            if played is None:
                late += 1
                if late > DOUBLINGS:
                    raise Failure("this machine is too slow for the times of the sequence")
                self.setting.affinity_seconds *= 2
                continue
            rounds += 1
            for step, verdict, free, (chosen, attempts, arrivals, bound) in zip(
                    sequence.steps, verdicts, other, played):
                verdict.add(attempts, arrivals)
                free.update(place in then for place, then in zip(chosen, bound) if then)
                if step.same is not None:
                    complaints += self.strayed(step, chosen, bound)
            if not any(verdict.missing() for verdict in verdicts) and all(
                    step.same is not None or not free or False in free
                    for step, free in zip(sequence.steps, other)):
                break
        for number, (step, verdict, free) in enumerate(zip(sequence.steps, verdicts, other), 1):
            complaints += [f"step {number}: {text}" for text in verdict.result()]
            if step.same is None and free == {True}:
                complaints.append(f"step {number}: bound, though it should be free")
        remarks = [f"{verdicts[0].number} clients; a second lasts {unit:g} s"]
        return list(dict.fromkeys(complaints)), remarks

    @staticmethod
    def strayed(step, chosen, bound):
        wrong = sum(place not in then for place, then in zip(chosen, bound))
        return [f"at {step.time} s {wrong} of {len(chosen)} clients get another backend "
                f"than the one that was bound as {step.same}"] if wrong else []

    def play_round(self, sequence, unit, copies):
        """One round: for each step, what backend every client got, and those that
        it had before. None if the machine was too slow for the steps' times."""
        clients = [self.clients_like(step.flow.src, copies) for step in sequence.steps]
        names = [{} for _ in range(copies)]
        start = time.monotonic()
        past = []
        result = []
        for step, sources in zip(sequence.steps, clients):
            time.sleep(max(0, start + step.time * unit - time.monotonic()))
            flow = step.flow
            attempts, arrivals = self.traffic.run(
                [(flow.proto, source, flow.dst, flow.dport) for source in sources], True)
            if not all(self.in_time((step.time - then) * unit, attempts, those)
                       for then, those in past):
                return None
            chosen = [attempt.backend for attempt in attempts]
            result.append((chosen, attempts, arrivals, self.bound(step, names, chosen)))
            past.append((step.time, attempts))
        return result

    def in_time(self, wanted, attempts, earlier):
        """Whether between two steps all clients were on that side of the timeout on
        which they are in the file."""
        timeout = self.setting.affinity_seconds
        if wanted < timeout:
            return all(now.end - then.begin < timeout - TICKS
                       for now, then in zip(attempts, earlier))
        return all(now.begin - then.end > timeout + TICKS
                   for now, then in zip(attempts, earlier))

    @staticmethod
    def bound(step, names, chosen):
        """What each client is to get again, or for a free step, what it had."""
        result = []
        for known, place in zip(names, chosen):
            if step.same is not None:
                result.append({known[step.same]})
            else:
                result.append(set(known.values()))
            if step.bind is not None:
                known[step.bind] = place
        return result

    #
    # Numbers
    #

    def check_numbers(self):
        content = self.scenario.content
        if "expectServicePorts" in content:
            wanted, found = content["expectServicePorts"], len(self.tool.services())
            self.report("service ports", [] if found == wanted else
                        [f"svclb keeps {found} service ports, not {wanted}"])
        if "metrics" in content:
            self.report("metrics", self.check_metrics(content["metrics"]))
        if "healthCheck" in content:
            self.report("health check", self.check_health(content["healthCheck"]))
        if self.scenario.config.martian_filter is not None:
            self.report("martian filter", self.check_martians())
        for rule in content.get("globalRules", []):
            self.report(f"rule: {rule.get('name')}, {rule.get('when')}",
                        *rules.check(rule))

    def check_metrics(self, metrics):
        """From what the kernel has: services that use the Local policy and have
        endpoints, but none for it."""
        only("metrics", metrics, {"noLocalEndpoints"}, {"noLocalEndpoints"})
        wanted = metrics["noLocalEndpoints"]
        only("noLocalEndpoints", wanted, {"internal", "external"}, {"internal", "external"})
        found = {"internal": 0, "external": 0}
        for service in self.tool.services():
            active = [backend for backend in service["backends"] if not backend["draining"]]
            if not active or any(backend["local"] for backend in active):
                continue
            kinds = {frontend["kind"] == "vip" for frontend in service["frontends"]
                     if frontend["policy"] == "local"}
            found["internal"] += True in kinds
            found["external"] += False in kinds
        return [] if found == wanted else [f"no local endpoints: {found}, not {wanted}"]

    def check_health(self, wanted):
        """The number that the health check ports tell, and that packets for them
        get to the node's own listener."""
        found = {}
        for check in self.tool.translation(self.scenario).get("health_checks", []):
            found[check["service"]] = (check["port"], check["local_ready_endpoints"])
        complaints = []
        for name, check in wanted.items():
            only(f"healthCheck {name}", check, {"port", "localReadyEndpoints", "status"},
                 {"port", "localReadyEndpoints", "status"})
            if (check["status"] == 200) != (check["localReadyEndpoints"] > 0):
                complaints.append(f"{name}: status {check['status']} with "
                                  f"{check['localReadyEndpoints']} endpoints")
        numbers = {name: (check["port"], check["localReadyEndpoints"])
                   for name, check in wanted.items()}
        if found != numbers:
            complaints.append(f"port and local ready endpoints: {found}, not {numbers}")
        for port, _ in numbers.values():
            complaints += self.check_listener(port)
        return complaints

    def check_listener(self, port):
        node_ip = self.scenario.config.primary
        client = self.outside(node_ip.version)
        self.setting.node.wait_on("TCP", port)
        flow = Flow("health check", {"src": str(client), "dst": str(node_ip), "proto": "TCP",
                                     "dport": port}, Expectation("no-match"))
        complaints, _ = self.send_flow(flow)
        return [f"port {port}: {text}" for text in complaints]

    def outside(self, version):
        """A client outside."""
        client = ipaddress.ip_address("203.0.113.77" if version == 4 else "2600:5200::77")
        if client not in self.setting.used:
            self.setting.add_leaf(client)
        return client

    def check_martians(self):
        """A packet from outside for a loopback address. The kernel never lets it in
        unless node ports are open there; then svclb has to drop it."""
        before = self.tool.counters()
        port = min((port for _, port in self.scenario.node_ports()), default=30000)
        leaf = self.setting.used[self.outside(4)]
        arrivals = self.traffic.martian(leaf, self.outside(4), port)
        after = self.tool.counters()
        complaints = [f"it arrives at {arrival.host.namespace.name}" for arrival in arrivals]
        dropped = after["dropped_loopback"] - before["dropped_loopback"]
        if bool(dropped) != self.scenario.config.martian_filter:
            complaints.append(f"svclb drops {dropped} of them")
        return complaints

    #
    # Conntrack entries
    #

    def play_entries(self):
        """The entries are made for services that are gone or yet to come, then the
        objects are loaded; what that deletes is deleted when svclbctl ends."""
        scenario = self.scenario
        previous = scenario.content.get("previousServices", [])
        if previous:
            self.tool.sync(scenario.objects(previous), scenario.config)
        made = {}
        for number, entry in enumerate(scenario.entries):
            client = ipaddress.ip_address("10.1.1.1" if entry.dst.version == 4 else
                                          "fd00:10::1:1")
            self.setting.conntrack.add(entry.proto, client, 20000 + number, entry.dst,
                                       entry.dport, entry.target, entry.target_port)
            key = (self.setting.conntrack.protocols[entry.proto], client, 20000 + number,
                   entry.dst, entry.dport)
            made[key] = entry
        there = self.setting.conntrack.entries()
        for key, entry in made.items():
            if there.get(key, ())[1:3] != (entry.target, entry.target_port):
                raise Failure(f"the entry {entry.name} could not be made: {there.get(key)}")
        self.load()
        there = self.setting.conntrack.entries()
        for key, entry in made.items():
            self.report(f"{entry.name} is {'kept' if entry.keep else 'deleted'}",
                        [] if (key in there) == entry.keep else
                        ["it is deleted" if entry.keep else "it is still there"])
        self.load()
        again = self.setting.conntrack.entries()
        self.report("loading it again deletes nothing",
                    [f"{made[key].name} is deleted" for key in made
                     if key in there and key not in again])
