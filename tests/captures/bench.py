#!/usr/bin/env python3
"""Measures `whytls decode` on a large capture beside tshark and nDPI, where these are installed.

In:  the program, and the size of the capture in megabytes (200).
Out: seconds of one core (user and system time), MB/s, the most memory, for each program.
"""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = 3


def measure(command):
    """The best of some runs: seconds of the processor, and the most memory in MB."""
    best = None
    for _ in range(RUNS):
        with open(os.devnull, "wb") as nothing:
            child = subprocess.Popen(command, stdout=nothing, stderr=nothing)
            _, status, usage = os.wait4(child.pid, 0)
        # whytls ends with 1 when it found a problem.
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            return None
        run = (usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        best = run if best is None or run < best else best
    return best


def main():
    whytls = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder:
        capture = os.path.join(folder, "mixed.pcap")
        subprocess.run([sys.executable, os.path.join(HERE, "make_bench.py"), capture, str(megabytes)], check=True)
        # Once, so that nobody has to wait for the disk.
        with open(capture, "rb") as file:
            while file.read(1 << 20):
                pass
        commands = [
            ("whytls decode", [whytls, "decode", "--format", "json", capture]),
            ("tshark", ["tshark", "-r", capture, "-Y", "tls.handshake", "-T", "fields", "-e", "frame.number",
                        "-e", "tls.handshake.type"]),
            ("ndpiReader", ["ndpiReader", "-q", "-i", capture]),
        ]
        ours = None
        for name, command in commands:
            if shutil.which(command[0]) is None:
                print(f"{name:14} not installed")
                continue
            run = measure(command)
            if run is None:
                print(f"{name:14} failed")
                continue
            seconds, memory = run
            ours = seconds if ours is None else ours
            print(f"{name:14} {seconds:7.2f} s {megabytes / seconds:8.0f} MB/s {memory:7.0f} MB memory"
                  f" {seconds / ours:7.1f} times ours")


main()
