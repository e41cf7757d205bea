# SPDX-License-Identifier: GPL-2.0-only
"""Compares what became of connections with what was to become of them.

Nothing here sends or waits; the unit tests feed it with made-up arrivals.
"""
import collections
import math

from scenario import backend_text

# Chances of overlooking something in a flow, one in so many.
MISS = 1e4		# an endpoint that gets connections without being listed
BLAME = 1e9		# a listed one that got none by chance alone


def tries(listed):
    """How many connections show whether one more endpoint than listed is in use,
    all being equally likely."""
    return math.ceil(math.log(MISS) / math.log((listed + 1) / listed)) if listed else 3


def most_tries(listed):
    """How many connections reach every one of the listed endpoints."""
    return tries(listed) if listed < 2 else \
        math.ceil(math.log(BLAME * listed) / math.log(listed / (listed - 1)))


class Judge:
    """What all connections of a flow showed."""

    def __init__(self, flow, expectation, owner, node_addresses):
        self.flow, self.expectation = flow, expectation
        self.owner = owner
        self.node_addresses = node_addresses
        self.complaints = collections.Counter()
        self.seen = collections.Counter()
        self.answers = collections.Counter()
        # For connections whose source address is the node's before and after.
        self.ports_kept = collections.Counter()
        self.number = 0

    def complain(self, text):
        self.complaints[text] += 1

    def add(self, attempts, arrivals):
        self.number += len(attempts)
        {"backends": self.add_backends, "no-match": self.add_no_match,
         "reject": self.add_reject, "drop": self.add_drop}[
             self.expectation.kind](attempts, arrivals)

    def where(self, arrival):
        return f"{arrival.host.namespace.name}, as {arrival.proto} " \
            f"{backend_text(arrival.src, arrival.sport)} -> " \
            f"{backend_text(arrival.dst, arrival.dport)}"

    def nothing_arrives(self, arrivals):
        for arrival in arrivals:
            self.complain(f"it arrives at {arrival.host.namespace.name} for "
                          f"{backend_text(arrival.dst, arrival.dport)}")

    def outcome(self, attempt):
        texts = list(attempt.answers)
        if not texts and attempt.state != "silent":
            texts.append(attempt.error + " from the call" if attempt.error
                         else "an answer")
        return " and ".join(texts) or "silence"

    def add_backends(self, attempts, arrivals):
        clients = {(attempt.src, attempt.sport) for attempt in attempts}
        sources = {attempt.src for attempt in attempts}
        for arrival in arrivals:
            place = arrival.dst, arrival.dport
            if arrival.proto != self.flow.proto or place not in self.expectation.backends or \
                    arrival.host is not self.owner(arrival.dst):
                self.complain(f"it arrives at {arrival.host.namespace.name} for "
                              f"{backend_text(*place)}, which is not listed")
                continue
            self.seen[place] += 1
            self.judge_source(arrival, place, clients, sources)
        if len(arrivals) != len(attempts):
            self.complain(f"{len(attempts)} connections, but {len(arrivals)} first packets arrive")
        for attempt in attempts:
            if attempt.state != "answered":
                self.complain(f"the client gets {self.outcome(attempt)}")

    def judge_source(self, arrival, place, clients, sources):
        masquerade = self.expectation.backends[place]
        if masquerade is None:
            return
        if not masquerade:
            if (arrival.src, arrival.sport) not in clients:
                self.complain(f"{backend_text(*place)} sees "
                              f"{self.who(arrival.src)} as the source, not the client")
        elif arrival.src not in self.node_addresses:
            self.complain(f"{backend_text(*place)} sees {self.who(arrival.src)} "
                          "as the source, not the node")
        elif arrival.src in sources:
            # The client is the node: only the port tells.
            self.ports_kept[(arrival.src, arrival.sport) in clients] += 1

    def who(self, address):
        if address in self.node_addresses:
            return f"the node ({address})"
        return str(address)

    def add_no_match(self, attempts, arrivals):
        owner = self.owner(self.flow.dst)
        wanted = {(owner, self.flow.proto, attempt.src, attempt.sport, self.flow.dst,
                   self.flow.dport): attempt for attempt in attempts}
        for arrival in arrivals:
            if wanted.pop(tuple(arrival), None) is None:
                self.complain(f"it arrives at {self.where(arrival).split(', ')[0]} for "
                              f"{backend_text(arrival.dst, arrival.dport)} from {arrival.src}, "
                              "not as it was sent")
        for attempt in wanted.values():
            self.complain(f"it does not arrive at {owner.namespace.name}; "
                          f"the client gets {self.outcome(attempt)}")
        if owner.namespace.name == "world":
            for attempt in attempts:
                if attempt.answers or attempt.state != "silent":
                    self.complain(f"the client gets {self.outcome(attempt)}")

    def add_reject(self, attempts, arrivals):
        self.nothing_arrives(arrivals)
        for attempt in attempts:
            outcome = self.outcome(attempt)
            # The node's own process may hear of it from the call alone.
            refused = attempt.at_once and attempt.state == "refused" or \
                any(text.endswith("port unreachable") or text in ("TCP reset", "SCTP abort")
                    for text in attempt.answers)
            self.answers[outcome] += 1
            if not refused or attempt.state == "answered":
                self.complain(f"it is not refused: the client gets {outcome}")

    def add_drop(self, attempts, arrivals):
        self.nothing_arrives(arrivals)
        for attempt in attempts:
            # What is dropped in the node's own system call may fail with EPERM.
            silent = attempt.state == "silent" or attempt.at_once and attempt.error == "EPERM"
            if attempt.answers or not silent:
                self.complain(f"it is not dropped in silence: the client gets "
                              f"{self.outcome(attempt)}")

    def missing(self):
        return [place for place in self.expectation.backends if not self.seen[place]]

    def result(self):
        """All that was wrong, as texts; empty if nothing was."""
        texts = [f"{text} ({number} of {self.number})"
                 for text, number in self.complaints.most_common(8)]
        for place in self.missing():
            texts.append(f"{backend_text(*place)} gets none of {self.number} connections")
        if not self.number:
            texts.append("nothing was sent")
        if self.ports_kept[True] and self.ports_kept[True] > self.ports_kept[False]:
            texts.append("the source is not rewritten: it keeps its port")
        return texts

    def remarks(self):
        return [f"{text} ({number})" for text, number in self.answers.items()]
