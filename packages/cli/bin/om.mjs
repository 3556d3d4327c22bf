#!/usr/bin/env node
// Starts `om` under the Node it was made for, whatever Node the user's shell finds first.
// Plain JavaScript, and old enough for Node 20: nothing here may need what it is looking for.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const oldestNode = 24

if (Number.parseInt(process.versions.node, 10) >= oldestNode) {
  await start()
} else {
  restartUnderPinnedNode()
}

async function start() {
  const { enableCompileCache } = await import('node:module')
  // Compiling TypeScript takes longer than anything `om hosts list` does itself. The cache lies in
  // the repository, not in the shared temporary folder, where another user could prepare it for us.
  enableCompileCache(fileURLToPath(new URL('../../../.cache/compile', import.meta.url)))
  await import('../src/main.ts')
}

function restartUnderPinnedNode() {
  const package_ = `node-linux-${process.arch}`
  const node = fileURLToPath(new URL(`../../../node_modules/${package_}/bin/node`, import.meta.url))
  if (process.platform !== 'linux' || !existsSync(node)) {
    console.error(`om needs Node.js ${oldestNode} or newer; this is ${process.version}.`)
    console.error('Run `npm ci` in the repository, which brings one, or install it.')
    process.exit(3)
  }
  const self = fileURLToPath(import.meta.url)
  const child = spawn(node, [...process.execArgv, self, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // A terminal sends its signals to both of us: the child decides what they mean, we only wait.
  // From elsewhere they reach us alone and are passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => {
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal)
    })
  }
  child.once('error', (error) => {
    console.error(`om could not start ${node}: ${error.message}`)
    process.exit(3)
  })
  child.once('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal])
  })
}
