#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Plays conformance scenarios against svclb with real packets, as TAP.

    run.py [--mutants all|some] [--only-mutants] [--svclbctl PATH] [FILE|DIRECTORY...]

Must be root, in a network namespace of no use, with the module loaded. Without
files it plays those beside it. With --mutants it then plays copies in which
expectations are turned wrong, and every one of those must fail: all of them, or
some that show every way of being wrong.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

import mutants  # noqa: E402
import net  # noqa: E402
import play  # noqa: E402
import scenario  # noqa: E402
import traffic  # noqa: E402


SLOWER = int(os.environ.get("SLOWER", "1"))
DATAPATH = os.environ.get("DATAPATH", "conntrack")


class Tool:
    """svclbctl, for the node."""

    def __init__(self, path, namespace):
        self.command = [path, "-n", namespace]

    def run(self, *arguments, given=None):
        try:
            result = subprocess.run([*self.command, *arguments], input=given, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                    timeout=30 * SLOWER)
        except subprocess.TimeoutExpired as problem:
            raise net.Failure(f"svclbctl {arguments[0]} does not end") from problem
        if result.returncode:
            raise net.Failure(f"svclbctl {arguments[0]}: {result.stderr.strip()}")
        return result.stdout

    def flush(self):
        self.run("flush")

    def forget_flows(self):
        """Of the direct datapath; those of connection tracking are not svclb's."""
        if DATAPATH == "direct":
            self.run("del-flows", "--all")

    def sync(self, objects, config):
        self.run("sync", "-", "--quiet", *config.arguments(), given=json.dumps(objects))

    def translation(self, played):
        return json.loads(self.run("sync", "-", "--translate", "-j",
                                   *played.config.arguments(),
                                   given=json.dumps(played.objects())))

    def counters(self):
        return json.loads(self.run("counters", "-j"))["counters"]

    def services(self):
        return json.loads(self.run("list", "-j"))["services"]


class NoSync(Tool):
    """svclbctl, but nothing is loaded."""

    def sync(self, objects, config):
        self.flush()


class Tap:
    """Results as they come."""

    def __init__(self):
        self.number = self.failed = 0

    def report(self, good, name, complaints=(), remarks=()):
        self.number += 1
        self.failed += not good
        name = name.replace("#", "no.")
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)
        for text in (*complaints, *remarks):
            print(f"# {text}", flush=True)


def find(places):
    """All files: those given, and all below the directories given."""
    files = []
    for place in map(pathlib.Path, places):
        files += sorted(place.rglob("*.json")) if place.is_dir() else [place]
    return files


def read(files, report):
    """The scenarios by name; those that cannot be expressed are reported."""
    found = {}
    for file in files:
        try:
            one = scenario.Scenario(scenario.load(file))
            one.before = before(one, file)
            if one.name in found:
                raise scenario.Unknown(f"a second scenario {one.name!r}")
            found[one.name] = one
        except (scenario.Unknown, ValueError, KeyError, TypeError, AttributeError,
                OSError) as problem:
            report(False, f"{file.stem}: can be expressed", [describe(problem)])
    return found


def before(one, file):
    """The scenario from which another one's state was reached: the file beside it."""
    if one.after is None:
        return None
    return scenario.Scenario(scenario.load(file.with_name(f"{one.after}.json")))


def describe(problem):
    if isinstance(problem, (scenario.Unknown, net.Failure)):
        return str(problem)
    return f"{type(problem).__name__}: {problem}"


def play_one(one, setting, sender, tool, report):
    start = time.monotonic()
    try:
        play.Player(one, setting, sender, tool, report).play()
    except (scenario.Unknown, net.Failure, OSError, LookupError, ValueError,
            TypeError) as problem:
        report(False, f"{one.name}: can be played", [describe(problem)])
    print(f"# {one.name}: {time.monotonic() - start:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description="plays conformance scenarios")
    parser.add_argument("--mutants", choices=["all", "some"])
    parser.add_argument("--only-mutants", action="store_true")
    parser.add_argument("--svclbctl", default=str(HERE.parent.parent / "svclbctl"))
    parser.add_argument("places", nargs="*", default=[str(HERE)])
    options = parser.parse_args()

    print("TAP version 13")
    # One CPU keeps packets in order, see net.py.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    tap = Tap()
    start = time.monotonic()
    scenarios = read(find(options.places), tap.report)
    setting = net.Setting(SLOWER)
    try:
        sender = traffic.Traffic(setting)
        tool = Tool(options.svclbctl, setting.node_name)
        tool.run("set", "--datapath", DATAPATH)
        empty = NoSync(options.svclbctl, setting.node_name)
        if not options.only_mutants:
            # Until there was a service, nothing but a setting makes svclb look at packets.
            for one in sorted(scenarios.values(), key=lambda one: bool(one.services)):
                play_one(one, setting, sender, tool, tap.report)
        if options.mutants:
            mutants.play(scenarios, tap.report, lambda one, report: play_one(
                one, setting, sender, tool, report), options.mutants == "some")
            mutants.play_unloaded(scenarios, tap.report, lambda one, report: play_one(
                one, setting, sender, empty, report))
    finally:
        setting.close()
    if not tap.number:
        tap.report(False, "there is something to play")
    print(f"1..{tap.number}")
    print(f"# {len(scenarios)} files, {time.monotonic() - start:.0f} s")
    print(f"{tap.number - tap.failed} passed, {tap.failed} failed")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
