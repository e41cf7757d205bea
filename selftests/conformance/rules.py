# SPDX-License-Identifier: GPL-2.0-only
"""Rules of the iptables mode that belong to no service ("globalRules").

The files only describe them, there is no packet to send. What is said here is how
svclb stands to each; a rule that is not known fails.
"""

KNOWN = {
    "forwarded packet in conntrack state INVALID":
        "followed as in the nftables mode: svclb asks the NAT core, which leaves such "
        "packets alone",
    "packet marked for masquerade is accepted by the forward filter":
        "followed as in the nftables mode: a hook cannot overrule another table's verdict",
    "related or established packet is accepted by the forward filter":
        "followed as in the nftables mode: a hook cannot overrule another table's verdict",
    "masquerade picks a fully random source port":
        "followed: a keyed hash of the connection; selftests/masquerade.sh tests it",
    "masquerade mark is cleared before the source rewrite":
        "nothing to clear: svclb marks no packets",
}


def check(rule):
    """Complaints and remarks about a rule."""
    name = rule.get("name")
    if name not in KNOWN:
        return ["this rule is not known"], []
    return [], [KNOWN[name]]
