import { expect, it } from 'vitest'
import { z } from 'zod'
import { allRoutes } from './all-routes.ts'
import { openapiDocument } from './openapi.ts'

const document = openapiDocument(allRoutes)

// The rules of the OpenAPI 3.1 specification for the parts used here; unknown fields must begin with `x-`.
const schema = z.union([z.boolean(), z.record(z.string(), z.unknown())])
const media = z.record(z.string().regex(/^[\w.+-]+\/[\w.+-]+$/), z.strictObject({ schema }))
const operation = z
  .object({
    operationId: z.string(),
    summary: z.string().min(1),
    tags: z.array(z.string()),
    security: z.array(z.record(z.string(), z.array(z.string()))),
    parameters: z.array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        schema,
      }),
    ),
    requestBody: z.strictObject({ required: z.boolean(), content: media }).optional(),
    responses: z.record(
      z.string().regex(/^[1-5]\d\d$/),
      z.strictObject({ description: z.string().min(1), content: media }),
    ),
  })
  .catchall(z.unknown())
const openapi = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'put', 'post', 'delete', 'patch']), operation),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), schema),
    securitySchemes: z.record(z.string(), z.object({ type: z.enum(['http', 'apiKey']) }).loose()),
  }),
})

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, entry]) => ({ path, method, ...entry })),
)

/** Every value of a JSON tree. */
function* walk(value: unknown): Generator<unknown> {
  yield value
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) yield* walk(inner)
  }
}

it('has the structure of OpenAPI 3.1', () => {
  expect(openapi.safeParse(JSON.parse(JSON.stringify(document))).error).toBeUndefined()
  for (const entry of operations) {
    expect(
      Object.keys(entry)
        .filter((key) => key.startsWith('x-'))
        .toSorted(),
    ).toEqual(['x-may', 'x-summary-zh'])
  }
})

it('holds every route once', () => {
  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(
    allRoutes.map(({ id }) => id).toSorted(),
  )
  const launch = operations.find(({ operationId }) => operationId === 'runs.launch')
  expect(launch).toMatchObject({ path: '/api/runs', method: 'post', 'x-may': 'run.launch' })
  expect(Object.keys(launch?.responses ?? {})).toEqual(
    expect.arrayContaining(['200', '400', '401', '403', '404', '409']),
  )
})

it('declares each parameter of a path, and marks as required what has no default', () => {
  for (const { path, parameters } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = parameters.filter((parameter) => parameter.in === 'path')
    expect(declared.map(({ name }) => name).toSorted()).toEqual(named.toSorted())
    expect(declared.every(({ required }) => required)).toBe(true)
  }
  const search = operations.find(({ operationId }) => operationId === 'runs.search')
  expect(search?.parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual([
    'id',
    'text',
  ])
})

it('refers only to schemas that it holds, and uses those it holds', () => {
  const references = new Set<string>()
  for (const value of walk(document)) {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) continue
    references.add(String(value.$ref).replace('#/components/schemas/', ''))
  }
  const held = Object.keys(document.components.schemas ?? {})
  expect([...references].filter((name) => !held.includes(name))).toEqual([])
  expect(held.filter((name) => !references.has(name))).toEqual([])
})

it('says how to prove who asks, and asks nobody for public routes', () => {
  for (const { operationId, security } of operations) {
    const isPublic = allRoutes.find(({ id }) => id === operationId)?.may === 'public'
    expect(security, operationId).toEqual(isPublic ? [] : [{ token: [] }, { session: [] }])
  }
})
