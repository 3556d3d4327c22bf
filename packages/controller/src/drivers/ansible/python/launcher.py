# Runs the processes of one play for the controller, and sees to it that none of them outlives it.
#
# launcher.py BOX: one JSON object a line on standard input, one a line on standard output.
#   {"id": 1, "argv": [...], "env": {...}, "cwd": "...", "input": base64, "events": true}   start; fd 3 goes to `events`
#       -> {"id": 1, "code": 0, "out": "...", "err": "..."}   the last 64 KiB of each; a negative code is a signal
#   {"kill": 1}      that process and everything below it
#   {"stop": 500}    interrupt, so many ms, then kill whatever is left; ends the launcher
#   {"finish": true} the same for what is ours; what tasks have left behind on this machine stays
# The end of standard input (the controller died) is a stop. BOX, the folder of the play, is removed at the end.

import base64
import ctypes
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time

KEPT = 65536
# What a process has left behind may hold its pipes open.
DRAIN = 0.15
EVENTS_FD = 3
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

libc = ctypes.CDLL(None, use_errno=True)


class Child:
    def __init__(self, name, process, events):
        self.name = name
        self.pid = process.pid
        self.process = process
        self.events = events
        self.code = None
        self.drained = None
        self.said = {'out': bytearray(), 'err': bytearray()}
        self.open = set()


def parents():
    found = {}
    for entry in os.listdir('/proc'):
        if not entry.isdigit():
            continue
        try:
            with open('/proc/%s/stat' % entry, 'rb') as file:
                stat = file.read()
        except OSError:
            continue
        fields = stat[stat.rindex(b')') + 2:].split()
        if fields[0] != b'Z':
            found.setdefault(int(fields[1]), []).append(int(entry))
    return found


def below(pid):
    """A subreaper is the parent of whatever has lost its own: workers in a session of their own are found too."""
    known = parents()
    todo, found = [pid], []
    while todo:
        for child in known.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


class Launcher:
    def __init__(self, box):
        self.box = box
        self.children = {}
        self.selector = selectors.DefaultSelector()
        self.pending = b''
        self.stopping = None

    def say(self, what):
        try:
            sys.stdout.write(json.dumps(what) + '\n')
            sys.stdout.flush()
        except OSError:
            self.stop(0)

    def start(self, order):
        name = order['id']
        data = base64.b64decode(order.get('input') or '')
        events = bool(order.get('events'))
        try:
            process = subprocess.Popen(
                order['argv'],
                env=order.get('env') or {},
                cwd=order.get('cwd') or '/',
                stdin=subprocess.PIPE if data else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(EVENTS_FD,) if events else (),
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0),
            )
        except OSError as error:
            self.say({'id': name, 'code': 127, 'out': '', 'err': str(error)})
            return
        if data:
            try:
                process.stdin.write(data)
                process.stdin.close()
            except OSError:
                pass
        child = Child(name, process, events)
        self.children[process.pid] = child
        for stream, pipe in (('out', process.stdout), ('err', process.stderr)):
            os.set_blocking(pipe.fileno(), False)
            child.open.add(stream)
            self.selector.register(pipe, selectors.EVENT_READ, (child, stream))

    def read(self, pipe, child, stream):
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b''
        if not data:
            self.selector.unregister(pipe)
            child.open.discard(stream)
            return
        said = child.said[stream]
        said += data
        if len(said) > 2 * KEPT:
            del said[:-KEPT]

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self.children.get(pid)
            if child:
                child.code = os.waitstatus_to_exitcode(status)
                child.process.returncode = child.code
                child.drained = time.monotonic() + DRAIN

    def settle(self):
        for child in list(self.children.values()):
            if child.code is None or (child.open and time.monotonic() < child.drained):
                continue
            for pipe in (child.process.stdout, child.process.stderr):
                try:
                    self.selector.unregister(pipe)
                except (KeyError, ValueError):
                    pass
                pipe.close()
            del self.children[child.pid]
            texts = {key: bytes(said[-KEPT:]).decode('utf-8', 'replace') for key, said in child.said.items()}
            self.say({'id': child.name, 'code': child.code, **texts})

    def obey(self, order):
        if 'argv' in order:
            self.start(order)
        elif 'kill' in order:
            for child in self.children.values():
                if child.name == order['kill']:
                    signal_all([child.pid] + below(child.pid), signal.SIGKILL)
        elif 'stop' in order:
            self.stop(order['stop'] / 1000)
        elif 'finish' in order:
            self.finish()

    def stop(self, grace):
        if self.stopping is not None:
            return
        self.stopping = time.monotonic() + grace
        signal_all([child.pid for child in self.children.values() if child.events], signal.SIGINT)

    def finish(self):
        ours = []
        for pid in below(os.getpid()):
            try:
                with open('/proc/%d/cmdline' % pid, 'rb') as file:
                    if os.fsencode(self.box) in file.read():
                        ours.append(pid)
            except OSError:
                pass
        signal_all(ours, signal.SIGTERM)
        self.leave()

    def kill_all(self):
        # What was just starting another process has started it by the second look.
        for _ in range(100):
            self.reap()
            left = below(os.getpid())
            if not left:
                return
            signal_all(left, signal.SIGKILL)
            time.sleep(0.01)

    def leave(self):
        shutil.rmtree(self.box, ignore_errors=True)
        os._exit(0)

    def listen(self):
        data = os.read(0, 65536)
        if not data:
            self.selector.unregister(sys.stdin)
            self.stop(0.3)
            return
        *lines, self.pending = (self.pending + data).split(b'\n')
        for line in lines:
            self.obey(json.loads(line))

    def run(self):
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop(0.3))
        self.selector.register(woken, selectors.EVENT_READ)
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            busy = self.stopping is not None or any(child.code is not None for child in self.children.values())
            for key, _ in self.selector.select(0.02 if busy else None):
                if key.fileobj == woken:
                    os.read(woken, 4096)
                elif key.fileobj is sys.stdin:
                    self.listen()
                else:
                    self.read(key.fileobj, *key.data)
            self.reap()
            self.settle()
            if self.stopping is not None:
                playing = any(child.events for child in self.children.values())
                if not playing or time.monotonic() >= self.stopping:
                    self.kill_all()
                    self.settle()
                    self.leave()


if __name__ == '__main__':
    Launcher(sys.argv[1]).run()
