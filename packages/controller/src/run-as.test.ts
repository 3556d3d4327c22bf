// The gate: when it opens, when it asks, when it gives up, however the bytes are cut.

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGate, encodeForTerminal, TERMINAL_READER, wrapRunAs } from './run-as.ts'

const options = { hasPassword: true, token: 'abc123' }
const gateOf = (method: 'sudo' | 'su') => {
  const { gate } = wrapRunAs('true', { user: 'root', method }, options)
  if (!gate) throw new Error('no gate')
  return createGate(gate)
}
const prompt = 'om-in-abc123-password:'

/** Feeds a text in pieces and gathers what the gate wants. */
const feed = (gate: ReturnType<typeof createGate>, pieces: readonly string[]) => {
  const answers: string[] = []
  let forwarded = ''
  for (const piece of pieces) {
    const step = gate.push(Buffer.from(piece))
    if (step.answer) answers.push(step.answer)
    if (step.forward) forwarded += Buffer.from(step.forward).toString()
  }
  return { answers, forwarded, open: gate.isOpen() }
}

describe('the gate', () => {
  it('opens at the token, and forwards only what comes after it', () => {
    const text = 'sudo: unable to resolve host x\nom-in-abc123\nthe output\n'
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length]
        const pieces = at.slice(1).map((end, n) => text.slice(at[n], end))
        const { forwarded, open, answers } = feed(gateOf('sudo'), pieces)
        expect([forwarded, open, answers]).toEqual(['the output\n', true, []])
      }),
    )
  })

  it('gives the password once, when asked, and stops at the second question', () => {
    expect(feed(gateOf('sudo'), [prompt, '\nom-in-abc123\n', 'x'])).toEqual({
      answers: ['password'],
      forwarded: 'x',
      open: true,
    })
    const gate = gateOf('sudo')
    expect(feed(gate, ['a lecture:\n', prompt, '\nSorry, try again.\n', prompt]).answers).toEqual([
      'password',
      'stop',
    ])
    feed(gate, ['\nsudo: 1 incorrect password attempt\n'])
    expect(gate.refusal()).toBe('sudo: 1 incorrect password attempt')
  })

  it('knows the question of su in any language', () => {
    for (const asked of ['Password: ', '密码:', '密码:', 'Mot de passe : ']) {
      expect(feed(gateOf('su'), [asked]).answers).toEqual(['password'])
    }
  })

  it('is not deceived by a warning of sudo, and understands a question that PAM asks its own way', () => {
    const warning = 'sudo: unable to resolve host x: Name or service not known\n'
    for (let cut = 0; cut <= warning.length; cut++) {
      expect(feed(gateOf('sudo'), [warning.slice(0, cut), warning.slice(cut)]).answers).toEqual([])
    }
    expect(feed(gateOf('sudo'), [warning, '[sudo] password for ops: ']).answers).toEqual([
      'password',
    ])
    expect(feed(gateOf('sudo'), ['Verification code: ']).answers).toEqual([])
  })

  it('asks nothing of a program that has begun, whatever it says', () => {
    const { answers } = feed(gateOf('su'), ['om-in-abc123\r\n', 'Password: ', 'om-in-abc123\n'])
    expect(answers).toEqual([])
  })

  it('never repeats the password in why we were refused', () => {
    const gate = gateOf('sudo')
    feed(gate, [prompt, '\n'])
    expect(gate.refusal()).toBe('sudo did not let us become root')
  })
})

describe('bytes for a terminal', () => {
  it('arrive as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_200 }), (bytes) => {
        const script = `${TERMINAL_READER}; om_in; printf '|'; cat`
        const input = `${encodeForTerminal(bytes)}rest`
        const out = execFileSync('/bin/sh', ['-c', script], { input })
        expect(out).toEqual(Buffer.concat([bytes, Buffer.from('|rest')]))
      }),
      { numRuns: 40 },
    )
  })

  it('hold nothing that a terminal would act on', () => {
    const all = Uint8Array.from({ length: 256 }, (_, n) => n)
    expect(encodeForTerminal(all)).toMatch(/^[A-Za-z0-9 \\.\n]*$/)
  })
})
