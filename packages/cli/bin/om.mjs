#!/bin/sh
':' //; self=$(PATH="$PATH:/usr/bin:/bin" readlink -f -- "$0"); root=${self%/packages/*}; for node in "$root/runtime/node" "$root/node_modules/.bin/node" node; do [ -x "$node" ] && break; done; export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"; exec "$node" --max-semi-space-size=8 --heap-growing-percent=150 "$self" "$@"
// Starts `om` under the Node it was made for, whatever Node the user's shell finds first.
// The line above is a comment to JavaScript and everything to the shell, which replaces itself by
// the pinned Node: signals and exit code are om's own, and the machine's older Node is not started
// only to find the right one (measured: 188 ms that way, 75 ms this way).
//
// A young generation of 8 MiB a half, two malloc arenas, and a heap that is cleaned when it has grown to two and a
// half times what was in use (V8 waits for four times) keep a server that has carried out large runs at 350 MB
// instead of 440-600 (bench/README.md); all three can only be said before Node starts.

import module from 'node:module'
import { fileURLToPath } from 'node:url'

const oldestNode = 24

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  console.error(`om needs Node.js ${oldestNode} or newer; this is ${process.version}.`)
  console.error('`npm ci` in the repository brings one.')
  process.exit(2)
}

// Compiling takes longer than anything a short command does itself (151 ms without the cache, 70 with).
// The cache lies in the repository, not in the shared temporary folder, where another user could
// prepare it for us.
module.enableCompileCache?.(fileURLToPath(new URL('../../../.cache/compile', import.meta.url)))
await import('../src/main.ts')
