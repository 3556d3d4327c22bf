import { problemTexts } from '@omserver/core'
import { describe, expect, it } from 'vitest'
import { allRoutes } from './all-routes.ts'
import { errorEntry, errors, errorText } from './errors.ts'

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted()

describe('the error table', () => {
  it('knows every code that a route declares', () => {
    const declared = new Set(allRoutes.flatMap((route) => route.errors ?? []))
    expect([...declared].filter((code) => errorEntry(code) === undefined)).toEqual([])
  })

  it('says everything in both languages, with the same details', () => {
    for (const [code, { status, text }] of Object.entries(errors)) {
      expect(status, code).toBeGreaterThanOrEqual(400)
      expect(text.zh, code).toMatch(/\p{Script=Han}/u)
      expect(text.en, code).toMatch(/[a-z].*[.)}]$/)
      expect(text.en, code).not.toMatch(/\p{Script=Han}/u)
      expect(placeholders(text.zh), code).toEqual(placeholders(text.en))
    }
  })

  it('speaks with the words of core about what core finds', () => {
    expect(errorEntry('BATCH_SYNTAX')).toEqual({ status: 400, text: problemTexts.BATCH_SYNTAX })
    const twice = Object.keys(errors).filter((code) => code in problemTexts)
    expect(twice).toEqual(['GROUP_UNKNOWN'])
  })

  it('fills in details, in the language of each', () => {
    expect(errorText('HOST_UNKNOWN', { host: 'web-1' })).toEqual({
      zh: '没有这台主机：web-1',
      en: 'There is no host web-1.',
    })
    expect(errorText('PASSWORD_WEAK', { reason: { zh: '太短', en: 'too short' } })).toEqual({
      zh: '密码太弱：太短',
      en: 'The password is too weak: too short',
    })
    expect(errorText('toString', {})).toEqual({ zh: 'toString', en: 'toString' })
  })
})

describe('routes', () => {
  it('have ids, and addresses, of their own', () => {
    const ids = allRoutes.map(({ id }) => id)
    const addresses = allRoutes.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  it('declare the parameters that stand in their path', () => {
    for (const { id, path, params } of allRoutes) {
      const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
      expect(Object.keys(params?.shape ?? {}).toSorted(), id).toEqual(named.toSorted())
    }
  })

  it('change nothing by GET', () => {
    const reading = new Set([
      'host.read',
      'credential.read',
      'file.read',
      'module.read',
      'project.read',
      'run.read',
      'controller.read',
      'endpoint.read',
      'user.read',
      'activity.read',
      'settings.read',
      'token.own',
      'public',
      'signedIn',
    ])
    for (const { id, method, may } of allRoutes) {
      if (method === 'GET') expect(reading, id).toContain(may)
    }
  })
})
