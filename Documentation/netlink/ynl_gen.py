#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the C header, the policy tables and the reference page of a
generic netlink family from its YAML spec.

It knows what the spec of svclb uses and refuses everything else. The spec
follows the genetlink-legacy schema; one property is added to it:
"reply-only: true" marks attributes that no request may carry.
"""

import argparse
import difflib
import os
import sys
import textwrap
from itertools import zip_longest

import yaml

DUAL = "((GPL-2.0-only WITH Linux-syscall-note) OR BSD-3-Clause)"
# What checkpatch lets pass.
WIDTH = 100
S16_MAX = 32767     # the kernel's inline limits are of this type

ARGUMENTS = {"doit": "struct sk_buff *skb, struct genl_info *info",
             "start": "struct netlink_callback *cb",
             "dumpit": "struct sk_buff *skb, struct netlink_callback *cb",
             "done": "struct netlink_callback *cb"}


class SpecError(Exception):
    """The spec holds something that this generator does not know."""


def macro(*parts):
    """The parts joined to an upper-case C identifier."""
    return "_".join(p.strip("-").replace("-", "_") for p in parts).upper()


def wrap(text, first="", rest=""):
    """The text as lines that stay within 80 columns."""
    return textwrap.wrap(text, 79, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


class Family:
    """The spec with its cross references resolved."""

    def __init__(self, spec, path):
        self.ranges = set()
        self.spec, self.name = spec, spec["name"]
        self.notice = ("Generated from Documentation/netlink/specs/"
                       f"{os.path.basename(path)}, do not edit.")
        self.defs = {d["name"]: d for d in spec["definitions"]}
        self.attrs = {s["name"]: {a["name"]: a for a in s["attributes"]}
                      for s in spec["attribute-sets"]}
        self.ops = spec["operations"]["list"]
        self.requests = [o for o in self.ops if "notify" not in o]
        self.groups = spec["mcast-groups"]["list"]
        for value, op in enumerate(self.ops, 1):
            if op["value"] != value:
                raise SpecError(f"{op['name']}: value is not {value}")
        for op in self.requests:
            bad = [a for a in self.request(op)
                   if self.attrs[op["attribute-set"]][a].get("reply-only")]
            if bad or op.get("flags") != ["admin-perm"]:
                raise SpecError(f"{op['name']}: {bad or 'flags must be [admin-perm]'}")

    def symbol(self, *parts):
        """A C name of the family in lower case."""
        return macro(self.name, *parts).lower()

    def attr_macro(self, set_name, name):
        """The C name of an attribute."""
        return macro(self.name, "a", set_name, name)

    def prefix(self, definition):
        """What the C names of an enum's values start with."""
        return definition.get("name-prefix", f"{self.name}-{definition['name']}")

    def limit(self, value, as_text=True):
        """A limit, which is a number or a constant's name, as C text or number."""
        if isinstance(value, int):
            return str(value) if as_text else value
        return macro(self.name, value) if as_text else self.defs[value]["value"]

    def request(self, op):
        """The attributes that an operation takes: do and dump share one table."""
        lists = [op[kind]["request"]["attributes"] for kind in ("do", "dump") if kind in op]
        longest = max(lists, key=len)
        if any(set(other) - set(longest) for other in lists):
            raise SpecError(f"{op['name']}: do and dump differ in their attributes")
        return longest

    def nested(self):
        """The sets that requests nest, with their attributes legal in requests."""
        used = {self.attrs[op["attribute-set"]][name].get("nested-attributes")
                for op in self.requests for name in self.request(op)}
        return {name: [a for a, attr in attrs.items() if not attr.get("reply-only")]
                for name, attrs in self.attrs.items() if name in used}

    def attr_text(self, attr):
        """Type and doc of an attribute."""
        kind, checks = attr["type"], attr.get("checks", {})
        text = {"pad": "Padding, ignore", "flag": "Flag without payload",
                "binary": f"{checks.get('exact-len')} bytes",
                "nest": f"Nest of {macro(self.name, 'a', attr.get('nested-attributes', ''))}_*",
                "string": f"String of at most {self.limit(checks.get('max-len', 0), False)} bytes",
                }.get(kind, kind)
        if "enum" in attr:
            text += ", bits of" if attr.get("enum-as-flags") else ","
            text += f" enum {self.symbol(attr['enum'])}"
        if attr.get("byte-order") == "big-endian" or attr.get("display-hint") == "ipv6":
            text += " in network byte order"
        text += "".join(f", {words} {self.limit(checks[key], False)}" for key, words in
                        (("min", "at least"), ("max", "at most")) if key in checks)
        text += ", repeatable" if attr.get("multi-attr") else ""
        text += ", in replies only" if attr.get("reply-only") else ""
        return f"{text}. {attr.get('doc', '')}".strip()

    def op_lists(self, op):
        """Direction and attributes of each of an operation's messages."""
        return [(f"{kind} {way}", ", ".join(op[kind][way]["attributes"]) or "no attributes")
                for kind in ("do", "dump") for way in ("request", "reply")
                if way in op.get(kind, {})]

    def op_text(self, op):
        """An operation's doc with its attributes."""
        if "notify" in op:
            return (f"{op['doc']} Notification of group {op['mcgrp']} with the attributes "
                    f"that {op['notify']} replies.")
        return " ".join([op["doc"]] + [f"{way.capitalize()}: {names}."
                                       for way, names in self.op_lists(op)])


def c_enum(name, doc, values, numbers, closing):
    """An enum with its kernel-doc; values without a number count on.

    The closing values come last, each as name, number and doc.
    """
    lines = ["/**"] + wrap(f"enum {name} - {doc.rstrip('.')}", " * ", " *\t")
    for value, text in values + [(name, text) for name, _, text in closing]:
        lines += wrap(f"@{value}: {text}", " * ", " *\t")
    lines += [" */", f"enum {name} {{"]
    lines += [f"\t{value} = {number}," if number else f"\t{value},"
              for (value, _), number in zip_longest(values, numbers)]
    lines += [""] + [f"\t{value}{number}," for value, number, _ in closing]
    return lines + ["};", ""]


def counted_enum(name, doc, values, first, prefix):
    """An enum that counts up, closed by the name of its last value."""
    return c_enum(name, doc, values, [first],
                  [(f"__{prefix}_MAX", "", "One past the last value."),
                   (f"{prefix}_MAX", f" = (__{prefix}_MAX - 1)", "The last value.")])


def definition_lines(family, definition):
    """C text of a constant, an enum or a set of flags."""
    name = family.symbol(definition["name"])
    if definition["type"] == "const":
        return [f"/* {definition['doc']} */", f"#define {name.upper()} {definition['value']}", ""]
    prefix = macro(family.prefix(definition))
    values = [(macro(prefix, e["name"]), e["doc"]) for e in definition["entries"]]
    if definition["type"] == "enum":
        return counted_enum(name, definition["doc"], values, 0, prefix)
    bits = [1 << i for i in range(len(values))]
    return c_enum(name, definition["doc"], values, bits,
                  [(f"{name.upper()}_MASK", f" = {sum(bits)}", "All flags.")])


def gen_uapi(family):
    """The header that kernel and user space share."""
    up = macro(family.name)
    lines = [f"/* SPDX-License-Identifier: {DUAL} */", f"/* {family.notice} */", "",
             f"#ifndef _UAPI_{up}_H", f"#define _UAPI_{up}_H", "", "/*"]
    lines += wrap(family.spec["doc"], " * ", " * ")
    lines += [" */", "", f'#define {up}_GENL_NAME "{family.name}"',
              f"#define {up}_GENL_VERSION {family.spec['version']}", ""]
    for definition in family.defs.values():
        lines += definition_lines(family, definition)
    for aset in family.spec["attribute-sets"]:
        values = [(family.attr_macro(aset["name"], a["name"]), family.attr_text(a))
                  for a in aset["attributes"]]
        lines += counted_enum(family.symbol(aset["name"], "attr"), aset["doc"], values, 1,
                              macro(family.name, "a", aset["name"]))
    values = [(macro(family.name, "cmd", o["name"]), family.op_text(o)) for o in family.ops]
    lines += counted_enum(family.symbol("cmd"), "Operations and notifications", values, 1,
                          macro(family.name, "cmd"))
    for group in family.groups:
        lines += ["/*"] + wrap(group["doc"], " * ", " * ") + [" */"]
        lines.append(f"#define {macro(family.name, 'mcgrp', group['name'])} \"{group['name']}\"")
    return lines + ["", f"#endif /* _UAPI_{up}_H */"]


def policy(family, attr, range_name):
    """C text of one entry of a policy table, and of the range it points to."""
    kind, checks = attr["type"], attr.get("checks", {})
    limits = {key: family.limit(value) for key, value in checks.items()}
    if kind == "nest":
        nested = family.symbol(attr["nested-attributes"], "nl-policy")
        return f"NLA_POLICY_NESTED({nested})", []
    if kind == "string":
        return f"{{ .type = NLA_NUL_STRING, .len = {limits['max-len']} }}", []
    if kind == "binary":
        return f"NLA_POLICY_EXACT_LEN({limits['exact-len']})", []
    if kind not in ("flag", "u8", "u16", "u32", "u64"):
        raise SpecError(f"{attr['name']}: unknown type {kind}")
    nla = f"NLA_{kind.upper()}"
    if attr.get("byte-order") == "big-endian":
        nla = nla.replace("_U", "_BE")
    if attr.get("enum-as-flags"):
        return f"NLA_POLICY_MASK({nla}, {macro(family.name, attr['enum'], 'mask')})", []
    if "enum" in attr:
        limits = {"max": macro(family.prefix(family.defs[attr["enum"]]), "max")}
    elif any(family.limit(value, False) > S16_MAX for value in checks.values()):
        return f"NLA_POLICY_FULL_RANGE({nla}, &{range_name})", [
            f"static struct netlink_range_validation {range_name} __ro_after_init = {{",
            *(f"\t.{key} = {value}," for key, value in limits.items()), "};", ""]
    if len(limits) > 1:
        return f"NLA_POLICY_RANGE({nla}, {limits['min']}, {limits['max']})", []
    for key, value in limits.items():
        return f"NLA_POLICY_{key.upper()}({nla}, {value})", []
    return f"{{ .type = {nla} }}", []


def policy_table(family, storage, name, set_name, names):
    """A policy table, after the ranges that its entries point to."""
    before, lines = [], [f"{storage}const struct nla_policy {name}[] = {{"]
    for attr in family.attrs[set_name].values():
        if attr["name"] in names:
            text, range_lines = policy(family, attr,
                                       family.symbol(set_name, attr["name"], "range"))
            # Several tables may point to one range.
            if range_lines and range_lines[0] not in family.ranges:
                family.ranges.add(range_lines[0])
                before += range_lines
            entry = f"\t[{family.attr_macro(set_name, attr['name'])}] ="
            wide = len(entry.expandtabs(8)) + len(text) + 2 > WIDTH
            lines += [entry, f"\t\t{text},"] if wide else [f"{entry} {text},"]
    return before + lines + ["};", ""]


def handlers(family, op):
    """The functions of an operation by member of struct genl_ops."""
    stem, found = family.symbol("nl", op["name"]), {}
    if "do" in op:
        found["doit"] = f"{stem}_doit"
    if "dump" in op:
        found.update(start=f"{stem}_dump_start", dumpit=f"{stem}_dumpit",
                     done=family.symbol("nl-dump-done"))
    return found


def gen_policy_header(family):
    """Declarations of the policy tables and of the handlers."""
    name, up = family.name, macro(family.name)
    lines = ["/* SPDX-License-Identifier: GPL-2.0-only */", f"/* {family.notice} */", "",
             f"#ifndef {up}_NETLINK_GEN_H", f"#define {up}_NETLINK_GEN_H", "",
             "#include <net/genetlink.h>", "#include <net/netlink.h>", "",
             f'#include "{family.spec["uapi-header"]}"', "",
             "/* Indices of the multicast groups. */", "enum {"]
    lines += [f"\t{macro(name, 'nl-mcgrp', g['name'])}," for g in family.groups]
    lines += [f"\t{up}_NL_MCGRPS_COUNT", "};", "",
              f"#define {up}_NL_OPS_COUNT {len(family.requests)}", "",
              f"extern struct genl_ops {name}_nl_ops[{up}_NL_OPS_COUNT];",
              f"extern const struct genl_multicast_group {name}_nl_mcgrps"
              f"[{up}_NL_MCGRPS_COUNT];", ""]
    lines += [f"extern const struct nla_policy {family.symbol(set_name, 'nl-policy')}"
              f"[{family.attr_macro(set_name, names[-1])} + 1];"
              for set_name, names in family.nested().items()]
    prototypes = {function: ARGUMENTS[member] for op in family.requests
                  for member, function in handlers(family, op).items()}
    lines += [""] + [f"int {function}({args});" for function, args in prototypes.items()]
    return lines + ["", f"#endif /* {up}_NETLINK_GEN_H */"]


def gen_policy_source(family):
    """The policy tables, the operations and the multicast groups."""
    name, up = family.name, macro(family.name)
    lines = ["// SPDX-License-Identifier: GPL-2.0-only", f"// {family.notice}", "",
             "#include <linux/cache.h>", "", '#include "netlink_gen.h"', ""]
    for set_name, names in family.nested().items():
        lines += policy_table(family, "", family.symbol(set_name, "nl-policy"), set_name, names)
    none = family.symbol("none-nl-policy")
    lines += ["/* For operations without attributes: without a table, all would pass. */",
              f"static const struct nla_policy {none}[1 + 1] = {{", "};", ""]
    ops = []
    for op in family.requests:
        table = family.symbol(op["name"], "nl-policy") if family.request(op) else none
        if table != none:
            lines += policy_table(family, "static ", table, op["attribute-set"],
                                  family.request(op))
        ops += ["\t{", f"\t\t.cmd = {macro(name, 'cmd', op['name'])},"]
        ops += [f"\t\t.{member} = {function}," for member, function in handlers(family, op).items()]
        ops += [f"\t\t.policy = {table},", f"\t\t.maxattr = ARRAY_SIZE({table}) - 1,",
                "\t\t.flags = GENL_ADMIN_PERM,", "\t},"]
    lines += ["/* Not const: the module may lower the permission before it registers them. */",
              f"struct genl_ops {name}_nl_ops[{up}_NL_OPS_COUNT] __ro_after_init = {{", *ops,
              "};", "", f"const struct genl_multicast_group {name}_nl_mcgrps"
              f"[{up}_NL_MCGRPS_COUNT] = {{"]
    for group in family.groups:
        lines += [f"\t[{macro(name, 'nl-mcgrp', group['name'])}] = {{",
                  f"\t\t.name = {macro(name, 'mcgrp', group['name'])},",
                  "\t\t.flags = GENL_MCAST_CAP_NET_ADMIN,", "\t},"]
    return lines + ["};"]


def title(text, line):
    """A title with its underline."""
    return [text, line * len(text), ""]


def terms(entries):
    """A definition list."""
    return [line for term, text in entries for line in [term] + wrap(text, "    ", "    ")] + [""]


def gen_rst(family):
    """The reference page."""
    lines = [f".. SPDX-License-Identifier: {DUAL}", f".. {family.notice}", "",
             *title(f"The netlink family {family.name}", "="), *wrap(family.spec["doc"]), "",
             *wrap(f"Generic netlink, version {family.spec['version']}. Every operation needs "
                   "CAP_NET_ADMIN. A request is refused when it carries an attribute that is not "
                   "listed for it; the reply then says why and points to the attribute."), "",
             *title("Operations", "-")]
    for op in family.requests:
        lines += title(op["name"], "~")
        lines += wrap(f"Command {op['value']}, attributes of {op['attribute-set']}. {op['doc']}")
        lines += [""] + terms(family.op_lists(op))
    lines += title("Notifications", "-")
    for group in family.groups:
        lines += wrap(f"Multicast group ``{group['name']}``. {group['doc']}") + [""]
        lines += terms([(f"{op['name']} = {op['value']}", family.op_text(op))
                        for op in family.ops if op.get("mcgrp") == group["name"]])
    lines += title("Attributes", "-")
    for aset in family.spec["attribute-sets"]:
        lines += title(aset["name"], "~") + wrap(aset["doc"]) + [""]
        lines += terms([(f"{a['name']} = {value}", family.attr_text(a))
                        for value, a in enumerate(aset["attributes"], 1)])
    lines += title("Values", "-")
    for definition in (d for d in family.defs.values() if d["type"] != "const"):
        lines += title(definition["name"], "~") + wrap(definition["doc"]) + [""]
        bits = definition["type"] == "flags"
        lines += terms([(f"{e['name']} = {1 << i if bits else i}", e["doc"])
                        for i, e in enumerate(definition["entries"])])
    lines += title("Limits", "-")
    return lines + terms([(f"{d['name']} = {d['value']}", d["doc"])
                          for d in family.defs.values() if d["type"] == "const"])[:-1]


def gen_fuzz_tables(family):
    """What the fuzzer knows of the family: sets, attributes with their limits, operations."""
    sets = list(family.attrs)
    lines = ["// SPDX-License-Identifier: GPL-2.0-only", f"// {family.notice}", "",
             '#include "spec.h"', "", f'const char spec_family[] = "{family.name}";',
             f"const uint8_t spec_version = {family.spec['version']};", ""]
    for set_name in sets:
        lines.append(f"static const struct attr_spec {family.symbol(set_name, 'attrs')}[] = {{")
        for value, attr in enumerate(family.attrs[set_name].values(), 1):
            fields = [f'.name = "{attr["name"]}"', f".type = T_{attr['type'].upper()}"]
            checks = {key: family.limit(limit, False)
                      for key, limit in attr.get("checks", {}).items()}
            if attr["type"][0] == "u":
                top = 2 ** int(attr["type"][1:]) - 1
                if "enum" in attr:
                    count = len(family.defs[attr["enum"]]["entries"])
                    checks["max"] = (2 ** count if attr.get("enum-as-flags") else count) - 1
                fields += [f".min = {checks.get('min', 0)}u",
                           f".max = {checks.get('max', top)}ull"]
            if attr["type"] in ("binary", "string"):
                fields.append(f".length = {checks.get('exact-len') or checks['max-len']}")
            if attr["type"] == "nest":
                fields.append(f".nest = &spec_sets[{sets.index(attr['nested-attributes'])}]")
            fields += [f".{field} = true" for field, is_set in (
                ("big_endian", attr.get("byte-order") == "big-endian"),
                ("is_enum", "enum" in attr and not attr.get("enum-as-flags")),
                ("multi", attr.get("multi-attr")),
                ("reply_only", attr.get("reply-only"))) if is_set]
            lines.append(f"\t[{value}] = {{ {', '.join(fields)} }},")
        lines += ["};", ""]
    lines.append("const struct set_spec spec_sets[] = {")
    lines += [f'\t{{ "{name}", {family.symbol(name, "attrs")}, {len(family.attrs[name])} }},'
              for name in sets]
    lines += ["};", "", f"const unsigned int spec_sets_count = {len(sets)};", "",
              "const struct op_spec spec_ops[] = {"]
    requests = {op["name"]: op for op in family.requests}
    for op in family.ops:
        source = requests[op.get("notify", op["name"])]
        names = list(family.attrs[source["attribute-set"]])

        def bits(kind, way, source=source, names=names):
            listed = source.get(kind, {}).get(way, {}).get("attributes", [])
            return f"{sum(1 << names.index(name) + 1 for name in listed):#x}"

        fields = [f'.name = "{op["name"]}"',
                  f".set = &spec_sets[{sets.index(source['attribute-set'])}]"]
        if "notify" in op:
            kind = "do" if "do" in source else "dump"
            fields += [".is_notification = true", f".reply = {bits(kind, 'reply')}"]
        else:
            fields += [f".has_{kind} = true" for kind in ("do", "dump") if kind in op]
            kind = "do" if "do" in op else "dump"
            listed = {name for k in ("do", "dump") if k in op
                      for name in op[k]["request"]["attributes"]}
            fields += [f".request = {sum(1 << names.index(n) + 1 for n in listed):#x}",
                       f".reply = {bits(kind, 'reply')}"]
        lines.append(f"\t[{op['value']}] = {{ {', '.join(fields)} }},")
    return lines + ["};", "", f"const unsigned int spec_ops_max = {len(family.ops)};"]


MODES = {"uapi": gen_uapi, "policy-header": gen_policy_header,
         "policy-source": gen_policy_source, "rst": gen_rst, "fuzz-tables": gen_fuzz_tables}


def main():
    """Parses the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Generate code and documentation from a spec.")
    parser.add_argument("--mode", choices=MODES, required=True)
    parser.add_argument("--check", action="store_true",
                        help="write nothing, fail if FILE differs from what would be written")
    parser.add_argument("-o", "--output", metavar="FILE", required=True)
    parser.add_argument("spec", metavar="SPEC")
    args = parser.parse_args()

    with open(args.spec, encoding="utf-8") as spec_file:
        family = Family(yaml.safe_load(spec_file), args.spec)
    text = "\n".join(MODES[args.mode](family)) + "\n"
    if not args.check:
        with open(args.output, "w", encoding="utf-8") as output:
            output.write(text)
        return 0
    with open(args.output, encoding="utf-8") as output:
        old = output.read()
    sys.stdout.writelines(difflib.unified_diff(
        old.splitlines(True), text.splitlines(True), args.output, "generated"))
    return old != text


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (SpecError, OSError) as problem:
        sys.exit(f"ynl_gen.py: {problem}")
