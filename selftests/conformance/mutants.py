# SPDX-License-Identifier: GPL-2.0-only
"""Copies of scenarios with wrong expectations, which the runner must find.

Each kind of expectation has ways to be turned wrong; flows take turns among those
that they allow, so that every way is taken. In a copy all flows are wrong at once,
as each is judged by itself; what was not touched must pass as before.
"""
import collections
import copy

import scenario as reader
from scenario import backend, backend_text

NOBODY = {4: "10.255.255.254:80", 6: "[fd00:10::ffff:ffff]:80"}


#
# Flows
#

def expect(flow, kind, backends=(), masq=False):
    for key in ("masqPerBackend", "accept", "overrides"):
        flow.pop(key, None)
    flow.update(expect=kind, backends=list(backends), masq=masq)


def another(flow, endpoints):
    """A backend that is not the right one."""
    listed = set(flow["backends"])
    version = reader.address(flow["dst"]).version
    port = backend(flow["backends"][0])[1] if listed else 80
    for ip in endpoints:
        if ip.version == version and backend_text(ip, port) not in listed:
            return backend_text(ip, port)
    return NOBODY[version]


def without_one(flow, _):
    if len(flow["backends"]) < 2:
        return False
    expect(flow, "backends", flow["backends"][:-1], flow["masq"])
    return True


def one_more(flow, endpoints):
    expect(flow, "backends", flow["backends"] + [another(flow, endpoints)], flow["masq"])


def one_other(flow, endpoints):
    expect(flow, "backends", flow["backends"][:-1] + [another(flow, endpoints)], flow["masq"])


def other_port(flow, _):
    ip, port = backend(flow["backends"][-1])
    expect(flow, "backends", flow["backends"][:-1] + [backend_text(ip, port + 1)], flow["masq"])


def other_masquerade(flow, _):
    flow.pop("overrides", None)
    each = flow.pop("masqPerBackend", None)
    if each:
        flow["masqPerBackend"] = {place: not masq for place, masq in each.items()}
    else:
        flow["masq"] = not flow["masq"]


def one_other_masquerade(flow, _):
    if len(flow["backends"]) < 2:
        return False
    flow.pop("overrides", None)
    each = flow.get("masqPerBackend") or {place: flow["masq"] for place in flow["backends"]}
    place = flow["backends"][0]
    flow["masqPerBackend"] = {**each, place: not each[place]}
    return True


def becomes(kind):
    def change(flow, _):
        expect(flow, kind)
    change.__name__ = f"becomes_{kind.replace('-', '_')}"
    return change


def becomes_backends(flow, endpoints):
    expect(flow, "backends", [another(flow, endpoints)])


WAYS = {
    "backends": [without_one, one_more, one_other, other_port, other_masquerade,
                 one_other_masquerade, becomes("drop"), becomes("reject"), becomes("no-match")],
    "drop": [becomes("reject"), becomes("no-match"), becomes_backends],
    "reject": [becomes("drop"), becomes("no-match"), becomes_backends],
    "no-match": [becomes("drop"), becomes("reject"), becomes_backends],
}


#
# Sequences: how a sequence can be wrong, and whether this one can be
#

def free_step_bound(sequence):
    """A step that was free is bound to what another one got."""
    bound = None
    for step in sequence["steps"]:
        if bound is not None and "same" not in step and \
                step["backends"] == sequence["steps"][0]["backends"]:
            step["same"] = bound
            return True
        bound = bound or step.get("bind")
    return False


def bound_too_late(sequence):
    """The last bound step comes when the binding is over."""
    step = sequence["steps"][-1]
    if "same" not in step:
        return False
    step["t"] += 300
    return True


def step_without_one(sequence):
    for step in sequence["steps"]:
        step["backends"] = step["backends"][:-1]
    return True


SEQUENCE_WAYS = [free_step_bound, bound_too_late, step_without_one]


#
# Endpoints of topology/
#

def fewer(which):
    def change(expect_, _):
        if not expect_[which]:
            return False
        expect_[which] = expect_[which][:-1]
        return True
    change.__name__ = f"fewer_{which}"
    return change


def more(which):
    def change(expect_, endpoints):
        if expect_[which] is None:
            return False
        port = expect_["servicePort"]["port"]
        place = next((backend_text(ip, port) for ip in endpoints
                      if backend_text(ip, port) not in expect_[which]), NOBODY[4])
        expect_[which] = expect_[which] + [place]
        return True
    change.__name__ = f"more_{which}"
    return change


def any_or_none(expect_, _):
    if expect_["allReachable"]:
        return False
    expect_["hasAnyEndpoints"] = not expect_["hasAnyEndpoints"]
    return True


EXPECT_WAYS = [fewer("clusterEndpoints"), fewer("localEndpoints"), more("clusterEndpoints"),
               more("localEndpoints"), any_or_none]


#
# Numbers
#

def more_ports(content):
    content["expectServicePorts"] += 1


def more_without_local(content):
    content["metrics"]["noLocalEndpoints"]["external"] += 1


def other_health(content):
    for check in content["healthCheck"].values():
        check["localReadyEndpoints"] += 1
        check["status"] = 200
    if not content["healthCheck"]:
        content["healthCheck"]["nobody/nothing"] = {"port": 1, "localReadyEndpoints": 0,
                                                    "status": 503}


def other_filter(content):
    content["config"]["expectMartianFilter"] = not content["config"]["expectMartianFilter"]


NUMBER_WAYS = [("expectServicePorts", "service ports", more_ports),
               ("metrics", "metrics", more_without_local),
               ("healthCheck", "health check", other_health)]


class Mutator:
    """Makes copies. With few, only as many flows as show every way once."""

    def __init__(self, few=False):
        self.few = few
        self.taken = collections.Counter()

    def turn(self, ways, *arguments):
        """Takes the way that was taken least of those that can be taken. Returns
        its name, or None. What is given is left as it was in that case."""
        for way in sorted(ways, key=lambda way: self.taken[way.__module__, id(way)]):
            if self.few and self.taken[way.__module__, id(way)]:
                return None
            if way(*arguments) is not False:
                self.taken[way.__module__, id(way)] += 1
                return way.__name__.replace("_", " ")
        return None

    def mutate(self, original):
        """A copy of a scenario, and what is wrong in it: names of result lines, each
        with how."""
        content = copy.deepcopy(original.content)
        wrong = {}
        kept = []
        for flow in content.get("flows", []):
            way = self.turn(WAYS[reader.followed(flow["name"], flow)["expect"]], flow,
                            original.endpoints)
            if way:
                wrong[flow["name"]] = way
                kept.append(flow)
        if self.few and "flows" in content:
            content["flows"] = kept
        kept = []
        for sequence in content.get("sequences", []):
            way = self.turn(SEQUENCE_WAYS, sequence)
            if way:
                wrong[sequence["name"]] = way
                kept.append(sequence)
        if self.few and "sequences" in content:
            content["sequences"] = kept
        self.mutate_numbers(content, wrong)
        self.mutate_entries(content, wrong)
        return content, wrong

    def mutate_numbers(self, content, wrong):
        for key, line, way in NUMBER_WAYS:
            if key in content:
                name = self.turn([way], content)
                if name:
                    wrong[line] = name
                elif self.few:
                    del content[key]
        if "expectMartianFilter" in content["config"]:
            name = self.turn([other_filter], content)
            if name:
                wrong["martian filter"] = name
            elif self.few:
                del content["config"]["expectMartianFilter"]
        for rule in content.get("globalRules", []):
            rule["name"] = "unheard-of: " + rule["name"]
            wrong[f"rule: {rule['name']}, {rule.get('when')}"] = "unknown rule"

    def mutate_entries(self, content, wrong):
        for entry in content.get("entries", []):
            entry["keep"] = not entry["keep"]
            line = f"{reader.Entry(entry).name} is {'kept' if entry['keep'] else 'deleted'}"
            wrong[line] = "kept or deleted"

    def mutate_topology(self, original):
        """As mutate(). A line is wrong if it expects something else than before."""
        content = copy.deepcopy(original.content)
        expected = content["expect"]
        way = self.turn(EXPECT_WAYS, expected, original.endpoints)
        if not way:
            return content, {}
        expected["allReachable"] = sorted({*(expected["clusterEndpoints"] or []),
                                           *(expected["localEndpoints"] or [])})
        if expected["allReachable"]:
            expected["hasAnyEndpoints"] = True
        before = {flow.name: (flow.expectation.kind, flow.expectation.backends)
                  for flow in original.flows}
        after = {flow.name: (flow.expectation.kind, flow.expectation.backends)
                 for flow in reader.Scenario(content).flows}
        return content, {name: way for name in after if after[name] != before[name]}


def play(scenarios, report, player, few=False):
    """Plays copies of all scenarios; player(scenario, report) plays one."""
    mutator = Mutator(few)
    for original in scenarios.values():
        content, wrong = (mutator.mutate_topology if original.kind == "topology" else
                          mutator.mutate)(original)
        if not wrong:
            continue
        results = {}
        prefix = len(original.name) + 2

        def collect(good, name, complaints=(), remarks=(), results=results, prefix=prefix):
            del remarks
            results[name[prefix:]] = (good, list(complaints))

        copied = reader.Scenario(content)
        copied.before = original.before
        player(copied, collect)
        for line, way in wrong.items():
            good, complaints = results.pop(line, (True, ["it was not judged"]))
            report(not good, f"{original.name}: {line}: {way}: is found",
                   [] if not good else ["it passes", *complaints])
        failed = {name: complaints for name, (good, complaints) in results.items() if not good}
        report(not failed, f"{original.name}: nothing else is found",
               [f"{name}: {text}" for name, texts in failed.items() for text in texts])


def play_unloaded(scenarios, report, player):
    """Without any object loaded, whatever is not left alone must fail."""
    kinds = {one.name: {flow.expectation.kind for flow in one.flows}
             for one in scenarios.values() if one.kind == "cases"}
    one = scenarios[max(kinds, key=lambda name: len(kinds[name]))]
    results = {}

    def collect(good, name, complaints=(), remarks=()):
        del complaints, remarks
        results[name[len(one.name) + 2:]] = good

    player(one, collect)
    for flow in one.flows:
        wanted = flow.expectation.kind == "no-match"
        report(results.get(flow.name) == wanted,
               f"{one.name}: {flow.name}: {'passes' if wanted else 'fails'} without services")
