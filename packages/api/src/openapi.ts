// The OpenAPI 3.1 document of the contract, derived from the routes; nothing in it is written twice.

import type { Json } from '@omserver/core'
import { z } from 'zod'
import { activitySchema } from './activity.ts'
import { actorSchema, grantSchema } from './auth.ts'
import { credentialInput, credentialSchema } from './credentials.ts'
import { errorEntry } from './errors.ts'
import { fileSchema, fileVersionSchema } from './files.ts'
import { groupSchema, hostInput, hostKeySchema, hostSchema, importPreviewSchema } from './hosts.ts'
import {
  customInput,
  customSchema,
  fieldProblemSchema,
  formFieldSchema,
  moduleSchema,
  tableSpecSchema,
} from './modules.ts'
import type { Route } from './route.ts'
import { errorsOfRoute } from './route-errors.ts'
import {
  answerClusterSchema,
  hostResultSchema,
  launchInput,
  launchPreviewSchema,
  runDetailSchema,
  runEventSchema,
  runSchema,
  strategyInput,
} from './run-schemas.ts'
import { healthSchema, settingsSchema } from './settings.ts'
import { textSchema } from './text-schema.ts'
import { teamSchema, tokenSchema, userSchema } from './users.ts'

/** What is named in the document; everything else is written where it is used. */
const named: Readonly<Record<string, z.ZodType>> = {
  Activity: activitySchema,
  Actor: actorSchema,
  AnswerCluster: answerClusterSchema,
  Credential: credentialSchema,
  CredentialInput: credentialInput,
  CustomModule: customSchema,
  CustomModuleInput: customInput,
  FieldProblem: fieldProblemSchema,
  File: fileSchema,
  FileVersion: fileVersionSchema,
  FormField: formFieldSchema,
  Grant: grantSchema,
  Group: groupSchema,
  Health: healthSchema,
  Host: hostSchema,
  HostInput: hostInput,
  HostKey: hostKeySchema,
  HostResult: hostResultSchema,
  ImportPreview: importPreviewSchema,
  LaunchInput: launchInput,
  LaunchPreview: launchPreviewSchema,
  Module: moduleSchema,
  Run: runSchema,
  RunDetail: runDetailSchema,
  RunEvent: runEventSchema,
  Settings: settingsSchema,
  StrategyInput: strategyInput,
  TableSpec: tableSpecSchema,
  Team: teamSchema,
  Text: textSchema,
  Token: tokenSchema,
  User: userSchema,
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly 'x-summary-zh': string
  /** `public`, `signedIn` or a permission. */
  readonly 'x-may': string
  readonly tags: readonly string[]
  readonly security: readonly Json[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: Json
  readonly responses: Readonly<Record<string, Json>>
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: Json
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, Json>>>>
}

/** Plain JSON, ready to be sent. */
export const openapiDocument = (routes: readonly Route[], version = '0.1.0'): OpenApiDocument => {
  const schemas = new Components()
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const operations = paths[path] ?? {}
    paths[path] = operations
    operations[route.method.toLowerCase()] = operationOf(route, schemas)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OMServer',
      version,
      description:
        'Change something with a session: send the header x-om-csrf with the value of `csrf` that sign-in and auth.me answer. API tokens need none.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas.all, Error: errorSchema },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'om_…' },
        session: { type: 'apiKey', in: 'cookie', name: 'om_session' },
      },
    },
  }
}

const tagOf = (route: Route): string => route.id.split('.')[0] ?? route.id

const operationOf = (route: Route, schemas: Components): Operation => ({
  operationId: route.id,
  summary: route.summary.en,
  'x-summary-zh': route.summary.zh,
  'x-may': route.may,
  tags: [tagOf(route)],
  security: route.may === 'public' ? [] : [{ token: [] }, { session: [] }],
  parameters: [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
  ],
  ...(route.body
    ? {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemas.of(route.body, 'input') } },
        },
      }
    : {}),
  ...(route.bodyKind === 'stream'
    ? {
        requestBody: {
          required: true,
          content: {
            'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
          },
        },
      }
    : {}),
  responses: {
    200: {
      description:
        route.answerKind === 'events' ? 'Server-sent events; `data` is JSON of this schema' : 'OK',
      content: { [mediaTypeOf(route)]: { schema: schemas.of(route.answer, 'output') } },
    },
    ...errorsOf(route),
  },
})

const mediaTypeOf = (route: Route): string => {
  if (route.answerKind === 'events') return 'text/event-stream'
  if (route.answerKind === 'file') return route.mediaType ?? 'application/octet-stream'
  return 'application/json'
}

const parametersOf = (
  schema: z.ZodObject | undefined,
  where: 'path' | 'query',
  schemas: Components,
): Parameter[] =>
  Object.entries(schema?.shape ?? {}).map(([name, part]) => ({
    name,
    in: where,
    required: where === 'path' || !z.safeParse(part as z.ZodType, undefined).success,
    schema: schemas.of(part as z.ZodType, 'input'),
  }))

const errorsOf = (route: Route): Record<string, Json> => {
  const byStatus = new Map<number, string[]>()
  for (const code of errorsOfRoute(route)) {
    const status = errorEntry(code)?.status ?? 400
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes
          .map((code) => `${code}: ${errorEntry(code)?.text.en ?? ''}`.trim())
          .join('\n\n'),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  )
}

const errorSchema: Json = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'details'],
      properties: {
        code: { type: 'string' },
        message: { $ref: '#/components/schemas/Text' },
        details: { type: 'object' },
      },
    },
  },
}

/** Collects the named schemas that are met, and refers to them. */
class Components {
  readonly all: Record<string, Json> = {}
  readonly #registry = z.registry<{ id: string }>()

  constructor() {
    for (const [id, schema] of Object.entries(named)) this.#registry.add(schema, { id })
    this.of(textSchema, 'output')
  }

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs,
      ...root
    } = z.toJSONSchema(schema, {
      io,
      metadata: this.#registry,
      unrepresentable: 'any',
    }) as { $schema?: string; $defs?: Record<string, Json>; [key: string]: unknown }
    for (const [name, part] of Object.entries($defs ?? {})) this.#add(name, part)
    const { id, ...plain } = root
    const self = typeof id === 'string' && Object.hasOwn(named, id) ? id : undefined
    if (self === undefined) return lifted(plain as Json)
    this.#add(self, plain as Json)
    return { $ref: `#/components/schemas/${self}` }
  }

  #add(name: string, part: Json): void {
    if (anyJson.test(name)) return
    const { id: _, ...plain } = part as { readonly [key: string]: Json }
    this.all[name] ??= lifted(plain)
  }
}

/** What Zod calls a schema that is nameless and refers to itself. Here that is `z.json()` only: any value. */
const anyJson = /__schema\d+$/

/** Definitions that Zod puts beside a schema stand in `components` here. */
const lifted = (json: Json): Json => {
  if (Array.isArray(json)) return json.map(lifted)
  if (typeof json !== 'object' || json === null) return json
  const object = json as { readonly [key: string]: Json }
  if (typeof object.$ref === 'string' && anyJson.test(object.$ref)) return {}
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : lifted(value),
    ]),
  )
}
