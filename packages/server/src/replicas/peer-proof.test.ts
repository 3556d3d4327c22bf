import { describe, expect, it } from 'vitest'
import { peerProver, peerVerifier } from './peer-proof.ts'

const key = Buffer.alloc(32, 1)
const asked = { method: 'POST', url: '/api/runs?x=1' }
const prove = peerProver(key, 'web-b')
const refused = expect.objectContaining({ code: 'PEER_REFUSED' })
const throws = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return 'taken'
}

describe('a proof', () => {
  it('says where the request came from, and who hands it on', () => {
    const claim = peerVerifier(key, 'drive-1')(asked, prove(asked, 'drive-1', '10.0.0.7'))
    expect(claim).toMatchObject({ from: '10.0.0.7', name: 'web-b' })
  })

  it('is taken once', () => {
    const verify = peerVerifier(key, 'drive-1')
    const proof = prove(asked, 'drive-1', '10.0.0.7')
    verify(asked, proof)
    expect(throws(() => verify(asked, proof))).toEqual(refused)
  })

  it('may overtake another', () => {
    const verify = peerVerifier(key, 'drive-1')
    const [first, second] = [prove(asked, 'drive-1', 'a'), prove(asked, 'drive-1', 'b')]
    expect(verify(asked, second).from).toBe('b')
    expect(verify(asked, first).from).toBe('a')
  })

  it('is remembered for a long time, and one that is older than that is refused', () => {
    const verify = peerVerifier(key, 'drive-1')
    const early = prove(asked, 'drive-1', 'a')
    const kept = prove(asked, 'drive-1', 'a')
    verify(asked, kept)
    for (let n = 0; n < 12_000; n++) verify(asked, prove(asked, 'drive-1', 'a'))
    expect(throws(() => verify(asked, early))).toEqual(refused)
    expect(throws(() => verify(asked, kept))).toEqual(refused)
  })

  it('holds for this request alone', () => {
    const verify = peerVerifier(key, 'drive-1')
    const proof = prove(asked, 'drive-1', '10.0.0.7')
    for (const other of [
      { ...asked, method: 'DELETE' },
      { ...asked, url: '/api/runs?x=2' },
    ]) {
      expect(throws(() => verify(other, proof))).toEqual(refused)
    }
  })

  it('holds for this time at the wheel alone', () => {
    const proof = prove(asked, 'drive-1', '10.0.0.7')
    expect(throws(() => peerVerifier(key, 'drive-2')(asked, proof))).toMatchObject({
      code: 'NOT_DRIVING',
    })
  })

  it('of a stranger is refused, whatever it says', () => {
    const verify = peerVerifier(key, 'drive-1')
    const [claim = '', mac = ''] = prove(asked, 'drive-1', '10.0.0.7').split('.')
    const lie = Buffer.from(JSON.stringify({ by: 'x', name: 'x', n: 1, to: 'drive-1', from: 'y' }))
    for (const header of [
      peerProver(Buffer.alloc(32, 2), 'web-b')(asked, 'drive-1', '10.0.0.7'),
      `${lie.toString('base64url')}.${mac}`,
      `${claim}.${mac.slice(0, -4)}`,
      `${claim}.`,
      claim,
      '',
      '.',
    ]) {
      expect(
        throws(() => verify(asked, header)),
        header,
      ).toEqual(refused)
    }
  })
})
