// Output: every byte, in order, as fast as the reader takes it, and nothing after the end.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConformanceCase, carry, folderOf, shell } from './case-kit.ts'

const MIB = 1024 * 1024

const everyByte = 'n=0; while [ $n -lt 256 ]; do printf "\\\\$(printf %03o $n)"; n=$((n+1)); done'

export const outputCases: readonly ConformanceCase[] = [
  {
    name: 'stdout and stderr are told apart',
    run: async (harness) => {
      const { stdout, stderr } = await carry(harness, shell('echo good; echo bad >&2'))
      assert.equal(stdout.toString(), 'good\n')
      assert.equal(stderr.toString(), 'bad\n')
    },
  },
  {
    name: 'the last line on stderr explains a failure',
    needs: 'machine',
    run: async (harness) => {
      const { end } = await carry(harness, shell('echo first >&2; echo no such disk >&2; exit 1'))
      assert.equal(end.message, 'no such disk')
    },
  },
  {
    name: 'bytes arrive as they were written, text or not',
    needs: 'machine',
    run: async (harness) => {
      const { stdout, stderr } = await carry(
        harness,
        shell(`${everyByte}; { ${everyByte}; } >&2; printf '\\303'`),
      )
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
      assert.deepEqual(stdout, Buffer.concat([bytes, Buffer.of(0o303)]))
      assert.deepEqual(stderr, bytes)
    },
  },
  {
    name: 'tens of megabytes to a slow reader arrive whole, with their end',
    needs: 'machine',
    uses: 'whole',
    run: async (harness) => {
      let bytes = 0
      let last = ''
      let inFlight = 0
      let most = 0
      const text = `head -c ${24 * MIB} /dev/zero; echo the end; exit 7`
      const { end } = await carry(harness, shell(text), {
        discard: true,
        output: async (_stream, chunk) => {
          most = Math.max(most, ++inFlight)
          bytes += chunk.length
          last = Buffer.from(chunk.subarray(-8)).toString('latin1')
          await new Promise((resolve) => setImmediate(resolve))
          inFlight--
        },
      })
      assert.equal(bytes, 24 * MIB + 8)
      assert.equal(last, 'the end\n')
      assert.equal(end.exit, 7)
      assert.ok(most <= 4, `${most} chunks were pushed at a reader that had not finished`)
    },
  },
  {
    name: 'a reader that stops, stops the command; nothing piles up here',
    needs: 'machine',
    uses: 'live',
    run: async (harness) => {
      const file = join(folderOf(harness), 'progress')
      const total = 48
      const text = `n=0; while [ $n -lt ${total} ]; do head -c ${MIB} /dev/zero; n=$((n+1)); echo $n >${file}; done`
      const go = Promise.withResolvers<void>()
      const first = Promise.withResolvers<void>()
      let bytes = 0
      const carried = carry(harness, shell(text), {
        discard: true,
        output: (_stream, chunk) => {
          bytes += chunk.length
          first.resolve()
          return go.promise
        },
      })
      await first.promise
      const progress = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
      let before = -1
      let same = 0
      // Until the command has stood still for a while.
      while (same < 5) {
        await sleep(100)
        const now = bytes
        same = now === before ? same + 1 : 0
        before = now
      }
      const stoodAt = progress()
      go.resolve()
      const { end } = await carried
      assert.ok(stoodAt < total / 2, `${stoodAt} of ${total} MiB had left the command`)
      assert.equal(bytes, total * MIB)
      assert.equal(end.state, 'ok')
    },
  },
  {
    name: 'what a command leaves behind does not hold up its end',
    needs: 'machine',
    uses: 'strays',
    run: async (harness) => {
      const from = performance.now()
      const { end, stdout } = await carry(harness, shell('sleep 8 & echo started'))
      assert.equal(end.state, 'ok')
      assert.equal(stdout.toString(), 'started\n')
      assert.ok(performance.now() - from < 7_000)
    },
  },
]
