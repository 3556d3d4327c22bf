#!/usr/bin/env python3
"""A controller in Python, written from docs/protocol.md alone: it takes slices, runs commands, answers calls.

It is there to be read, and to keep the document honest. It runs the command of every host on its own machine, takes
one slice at a time, and knows neither orders, intents, secrets, detached commands nor takeovers. It does not look who
signed a slice, which a controller that is in earnest must.

    controller.py FOLDER      what `om pki issue controller` has made

pip install nats-py cryptography pyhpke
"""

import asyncio
import hashlib
import json
import os
import shlex
import ssl
import struct
import sys
import time
import traceback
import uuid
from base64 import b64decode, b64encode

import nats
import nats.js.errors
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from nats.js.errors import APIError
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

LIMIT = 256 * 1024


def token(text):
    plain = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(chr(b) if b in plain else f"_{b:02x}" for b in text.encode()) or "_"


def name_of(text):
    first, *others = text.encode().split(b"_")
    return (first + b"".join(bytes.fromhex(o[:2].decode()) + o[2:] for o in others)).decode()


def pack(value, rest=b""):
    head = json.dumps(value).encode()
    return struct.pack(">BI", 1, len(head)) + head + rest


def unpack(data):
    version, length = struct.unpack(">BI", data[:5])
    if version != 1:
        raise ValueError(f"a payload of version {version}")
    return data[5 : 5 + length], data[5 + length :]


class Problem(Exception):
    def __init__(self, code, **details):
        self.code, self.details = code, details


def too_deep(text):
    depth, in_text, skip = 0, False, False
    for sign in text:
        if skip:
            skip = False
        elif in_text:
            skip, in_text = sign == 0x5C, sign != 0x22
        elif sign == 0x22:
            in_text = True
        elif sign in b"[{":
            depth += 1
            if depth > 64:
                return True
        elif sign in b"]}":
            depth -= 1
    return False


def check(text, method):
    if len(text) > LIMIT:
        raise Problem("FRAME_TOO_LARGE", method=method, bytes=len(text), limit=LIMIT)
    if too_deep(text):
        raise Problem("FRAME_TOO_DEEP", method=method, limit=64)


class Sealing:
    """The key of a slice is sealed to us; the slice and its events are encrypted with it."""

    suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)

    def __init__(self, pem):
        self.private = load_pem_private_key(pem, None)
        raw = self.private.public_key().public_bytes_raw()
        self.public, self.mark = b64encode(raw).decode(), hashlib.sha256(raw).hexdigest()[:16]

    def open_slice(self, idc, slice_id, data):
        head, sealed = unpack(data)
        context = f"slice {idc} {slice_id}".encode()
        ours = next(key for key in json.loads(head)["keys"] if key["to"] == self.mark)
        private = KEMKey.from_pyca_cryptography_key(self.private)
        recipient = self.suite.create_recipient_context(b64decode(ours["enc"]), private)
        key = recipient.open(b64decode(ours["key"]), context)
        return key, json.loads(self.open(key, sealed, context))["slice"]

    def open(self, key, sealed, context):
        nonce, tag, text = sealed[:12], sealed[12:28], sealed[28:]
        return AESGCM(key).decrypt(nonce, text + tag, context)

    def seal(self, key, plain, context):
        nonce = os.urandom(12)
        both = AESGCM(key).encrypt(nonce, plain, context)
        return nonce + both[-16:] + both[:-16]


class Controller:
    def __init__(self, bundle):
        with open(f"{bundle}/identity.json") as file:
            self.who = json.load(file)
        with open(f"{bundle}/seal.key", "rb") as file:
            self.sealing = Sealing(file.read())
        self.name, self.idc = self.who["name"], self.who["idc"]
        self.prefix = self.who["prefix"]
        self.root = f"{self.prefix}.idc.{token(self.idc)}"
        self.writer = uuid.uuid4().hex
        self.started, self.sent, self.held = int(time.time() * 1000), 0, 0
        self.methods, self.calls = {}, {}
        self.tls = ssl.create_default_context(cafile=f"{bundle}/ca.crt")
        self.tls.load_cert_chain(f"{bundle}/tls.crt", f"{bundle}/tls.key")

    def stream(self, kind):
        return f"{self.prefix}_{kind}_{token(self.idc)}"

    async def run(self):
        inbox = f"_INBOX_{token(self.name)}".encode()
        self.nc = await nats.connect(self.who["servers"], tls=self.tls, inbox_prefix=inbox)
        self.js = self.nc.jetstream()
        await self.serve("hello", ["server", "controller", "client"], self.hello)
        await self.serve("ping", ["server", "client"], self.ping)
        await self.serve("count", ["server", "client"], self.count)
        await self.nc.flush()
        log = await self.js._jsm.stream_info(self.stream("log"))
        self.epoch = log.config.subjects[0].split(".")[4]
        self.lease_s = (await self.js._jsm.stream_info(self.stream("lease"))).config.max_age
        await asyncio.gather(self.announce(), self.take_work())

    # ---- presence, work, log

    async def announce(self):
        while True:
            present = {
                "name": self.name, "at": int(time.time() * 1000), "startedAt": self.started,
                "version": "python", "host": "here", "drivers": ["local", "sim", "ssh"],
                "slices": self.held, "inFlight": self.held, "load": 0, "draining": False,
                "sealKey": self.sealing.public,
            }
            key = token(f"controller:{self.name}")
            await self.js.publish(f"{self.root}.presence.{key}", pack(present))
            await asyncio.sleep(5)

    async def take_work(self):
        work = await self.js.pull_subscribe_bind("controllers", self.stream("work"))
        while True:
            try:
                (message,) = await work.fetch(1, timeout=5)
            except nats.errors.TimeoutError:
                continue
            await self.deliver(message)

    async def publish_after(self, expected, subject, data, headers=None):
        """Stored only if the last message of its subject is the expected one; None: it is not."""
        headers = {**(headers or {}), "Nats-Expected-Last-Subject-Sequence": str(expected)}
        try:
            return (await self.js.publish(subject, data, headers=headers)).seq
        except APIError as error:
            if error.err_code == 10071:
                return None
            raise

    async def deliver(self, message):
        slice_token = message.subject.rsplit(".", 1)[1]
        mark, lease = pack(uuid.uuid4().hex), f"{self.root}.lease.{slice_token}"
        held = await self.publish_after(0, lease, mark)
        if held is None:
            return await message.nak(delay=1)
        self.held += 1
        self.lease_seq = held
        renewing = asyncio.create_task(self.renew(lease, mark))
        try:
            await self.carry_out(message, slice_token)
        finally:
            renewing.cancel()
            self.held -= 1
            await self.js._jsm.delete_msg(self.stream("lease"), self.lease_seq)

    async def renew(self, lease, mark):
        while True:
            await asyncio.sleep(self.lease_s / 3)
            seq = await self.publish_after(self.lease_seq, lease, mark)
            if seq is None:
                os._exit(1)  # The slice is not ours any more.
            self.lease_seq = seq

    async def carry_out(self, message, slice_token):
        slice_id = name_of(slice_token)
        if await self.was_done(message, slice_token):
            return await self.remove(message)
        self.key, work = self.sealing.open_slice(self.idc, slice_id, message.data)
        self.log = f"{self.root}.log.{self.epoch}.{slice_token}"
        self.origin = {"runId": work["runId"], "sliceId": slice_id, "by": self.name}
        claim = {"kind": "slice.claimed", **self.origin, "at": self.now(), "fence": 0, "n": 0}
        subject, previous, call = f"{self.log}.history.claim", 0, uuid.uuid4().hex
        while True:
            data = self.seal_events([claim])
            claimed = await self.publish_after(previous, subject, data, {"Om-Call": call})
            if claimed is not None:
                break
            previous = (await self.js._jsm.get_last_msg(self.stream("log"), subject)).seq
        if previous != 0:
            raise SystemExit("somebody had this slice before: read its history (not in this example)")
        self.origin |= {"fence": claimed * 1000}
        self.n = 0
        for host in work["hosts"]:
            await self.run_host(work, host)
        seq = message.metadata.sequence.stream
        try:
            await self.js.publish(f"{self.root}.done.{slice_token}", pack(seq))
        except nats.js.errors.NoStreamResponseError:
            pass  # the server is one version older
        await self.remove(message)

    async def remove(self, message):
        await self.js._jsm.delete_msg(self.stream("work"), message.metadata.sequence.stream)
        await message.ack()

    async def was_done(self, message, slice_token):
        """nats-server 2.9 that was killed brings back what was removed shortly before."""
        subject = f"{self.root}.done.{slice_token}"
        try:
            mark = await self.js._jsm.get_last_msg(self.stream("done"), subject)
        except nats.js.errors.NotFoundError:
            return False
        return int(unpack(mark.data)[0]) >= message.metadata.sequence.stream

    def now(self):
        return int(time.time() * 1000)

    def seal_events(self, events, output=b""):
        context = f"events {self.origin['sliceId']}".encode()
        return self.sealing.seal(self.key, pack(events, output), context)

    async def write(self, kind, output=b"", **fields):
        self.n += 1
        self.sent += 1
        event = {"kind": kind, **self.origin, "n": self.n, "at": self.now(), **fields}
        where = "history" if kind in ("host.started", "host.ended") else "output"
        await self.js.publish(
            f"{self.log}.{where}.{self.writer}",
            self.seal_events([event], output),
            headers={"Nats-Msg-Id": f"{self.writer}.{self.sent}"},
        )

    async def run_host(self, work, host):
        of = {"hostId": host["hostId"], "attempt": work["attempt"]}
        await self.write("host.started", **of)
        since = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", self.command(work["action"], host),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if output:
            await self.write("host.output", output, **of, stream="stdout", offset=0, bytes=len(output))
        end = {"state": "ok", "exit": 0}
        if process.returncode != 0:
            end = {"state": "failed", "reason": "exit", "exit": process.returncode}
        took = int((time.monotonic() - since) * 1000)
        done = {"end": end, "durationMs": took, "outputBytes": len(output), "truncated": False}
        await self.write("host.ended", **of, **done)

    def command(self, action, host):
        def text(part):
            if isinstance(part, str):
                return part
            return shlex.quote(part["value"] if "value" in part else host["vars"][part["var"]])
        return "".join(text(part) for part in action["command"])

    # ---- calls

    async def serve(self, method, callers, handler):
        if not self.methods:
            for to in "_", token(self.name):
                await self.nc.subscribe(f"{self.root}.control.{to}.*.*.*.*", cb=self.on_control)
        self.methods[method] = callers

        async def on_request(message):
            asyncio.create_task(self.answer(message, method, callers, handler))

        at = f"{token(method)}.*.*.*.*"
        await self.nc.subscribe(f"{self.root}.call._.{at}", queue="controllers", cb=on_request)
        await self.nc.subscribe(f"{self.root}.call.{token(self.name)}.{at}", cb=on_request)

    async def say(self, address, headers, data=b""):
        await self.nc.publish(f"{self.root}.answer.{token(self.name)}.{address}", data, headers=headers)

    def frame(self, value, method):
        check(json.dumps(value).encode(), method)
        return pack(value)

    async def answer(self, message, method, callers, handler):
        address = ".".join(message.subject.split(".")[-4:])
        headers = message.headers or {}
        call = self.calls[address] = {
            "kind": address.split(".")[0], "items": 0, "upto": int(headers.get("Om-Window", 0)),
            "more": asyncio.Event(), "heard": time.monotonic(),
            "task": asyncio.current_task(), "address": address, "method": method,
        }
        beat = asyncio.create_task(self.beat(call))
        try:
            async with asyncio.timeout(int(headers.get("Om-Deadline-Ms", 10_000)) / 1000):
                protocol = int(headers.get("Om-Protocol", 1))
                if abs(protocol - 1) > 1:
                    raise Problem("PROTOCOL_APART", peer=address.split(".")[1], theirs=protocol, ours=1)
                if call["kind"] not in callers:
                    raise Problem("NOT_ALLOWED", method=method, kind=call["kind"], name=address.split(".")[1])
                value = await handler(self.argument(message.data, method), call)
                await self.say(address, {"Om-Items": str(call["items"])}, self.frame(value, method))
        except Problem as problem:
            await self.refuse(call, problem)
        except (asyncio.CancelledError, TimeoutError):
            pass
        except Exception:
            # What it says stays here; the caller learns where to look.
            ref = ".".join(address.split(".")[2:])
            print(f"call {ref} failed", traceback.format_exc(), file=sys.stderr)
            at = {"idc": self.idc, "method": method, "peer": self.name}
            await self.refuse(call, Problem("BUS_FAILED", **at, call=ref))
        finally:
            beat.cancel()
            del self.calls[address]

    async def refuse(self, call, problem):
        headers = {"Om-Items": str(call["items"]), "Om-Problem": problem.code}
        await self.say(call["address"], headers, pack(problem.details))

    def argument(self, data, method):
        try:
            text, _ = unpack(data)
            check(text, method)
            return json.loads(text)
        except (ValueError, struct.error):
            raise Problem("FRAME_UNREADABLE", method=method)

    async def beat(self, call):
        while time.monotonic() - call["heard"] < 15:
            await asyncio.sleep(5)
            await self.say(call["address"], {"Om-Alive": "1"})
        call["task"].cancel()

    async def on_control(self, message):
        call = self.calls.get(".".join(message.subject.split(".")[-4:]))
        if not call:
            return
        call["heard"] = time.monotonic()
        if "Om-Cancel" in message.headers:
            call["task"].cancel()
        else:
            call["upto"] = max(call["upto"], int(message.headers["Om-Upto"]))
            call["more"].set()

    async def emit(self, call, item):
        while call["items"] >= call["upto"]:
            call["more"].clear()
            await call["more"].wait()
        call["items"] += 1
        await self.say(call["address"], {"Om-Item": str(call["items"])}, self.frame(item, call["method"]))

    async def hello(self, _, call):
        known = sorted(m for m, callers in self.methods.items() if call["kind"] in callers and m != "hello")
        return {"name": self.name, "protocol": 1, "methods": known}

    async def ping(self, _, call):
        return None

    async def count(self, to, call):
        if call["upto"] == 0:
            raise Problem("ITEMS_UNWANTED", method="count")
        for n in range(1, to + 1):
            await self.emit(call, n)
        return "done"


if __name__ == "__main__":
    asyncio.run(Controller(sys.argv[1]).run())
