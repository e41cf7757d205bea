#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Plays systemctl and systemd for one unit, as far as packaging/systemd/ needs them.

    systemctl daemon-reload
    systemctl enable|disable --now UNIT
    systemctl restart UNIT

SYSTEMCTL is a directory for what it remembers: "notified" has what the service has
told, a line for each message; "log" what it has printed; "pid" is its process.
A minute of WatchdogSec is a second here.
"""
import configparser
import os
import shlex
import signal
import socket
import subprocess
import sys
import time

HERE = os.environ["SYSTEMCTL"]
PATIENCE = 60 * int(os.environ.get("SLOWER", "1"))


def remembered(name):
    try:
        with open(f"{HERE}/{name}", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def wait(condition, what):
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            sys.exit(f"{what} takes too long")
        time.sleep(0.05)


class Unit:
    """A service, while it runs."""

    def __init__(self, name):
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        with open(f"/etc/systemd/system/{name}", encoding="utf-8") as file:
            parser.read_file(file)
        self.section = parser["Service"]
        if self.section["Type"] != "notify" or self.section["Restart"] != "always":
            sys.exit("services of another kind are not played")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.environment = self.read_environment()

    def read_environment(self):
        path = f"{HERE}/notify"
        if os.path.exists(path):
            os.unlink(path)
        self.socket.bind(path)
        self.socket.settimeout(0.1)
        own = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": path, "WATCHDOG_USEC":
               str(int(self.section["WatchdogSec"]) * 1000000 // 60)}
        with open(self.section["EnvironmentFile"].lstrip("-"), encoding="utf-8") as file:
            return own | dict(line.strip().split("=", 1) for line in file)

    def begin(self):
        subprocess.run(shlex.split(self.section["ExecStartPre"]), check=True)
        with open(f"{HERE}/log", "a", encoding="utf-8") as log:
            process = subprocess.Popen(shlex.split(self.section["ExecStart"]), stdout=log,
                                       stderr=log, env=self.environment)
        with open(f"{HERE}/pid", "w", encoding="utf-8") as file:
            print(process.pid, file=file)
        return process

    def run(self):
        process = self.begin()
        while True:
            try:
                told = self.socket.recv(4096).decode()
                with open(f"{HERE}/notified", "a", encoding="utf-8") as file:
                    print(told.replace("\n", " "), file=file)
            except TimeoutError:
                pass
            if process.poll() is None:
                continue
            if os.path.exists(f"{HERE}/stopping"):
                os.unlink(f"{HERE}/pid")
                return
            time.sleep(float(self.section["RestartSec"]))
            process = self.begin()


def start(name):
    for old in "notified", "stopping":
        if os.path.exists(f"{HERE}/{old}"):
            os.unlink(f"{HERE}/{old}")
    unit = Unit(name)
    if not os.fork():
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        unit.run()
        os._exit(0)
    wait(lambda: "READY=1" in remembered("notified"), "the start")


def stop():
    with open(f"{HERE}/stopping", "w", encoding="utf-8"):
        pass
    os.kill(int(remembered("pid")), signal.SIGTERM)
    wait(lambda: not remembered("pid"), "the end")


def main():
    match sys.argv[1:]:
        case ["daemon-reload"]:
            pass
        case ["enable", "--now", name]:
            start(name)
        case ["restart", name]:
            stop()
            start(name)
        case ["disable", "--now", _]:
            stop()
        case words:
            sys.exit(f"{' '.join(words)} is not played")


main()
