// A module that is still being written: what would run, and a try on one host before anybody else may use it.

import { type CustomInput, moduleRoutes, type RunView } from '@omserver/api'
import {
  evaluateModule,
  type Host,
  type Json,
  moduleOfCustom,
  Problem,
  previewAction,
  secretFields,
  secretRef,
} from '@omserver/core'
import type { z } from 'zod'
import type { Actor } from '../actor.ts'
import { type Handler, handle } from '../http/index.ts'
import type { ModuleCatalogue } from './catalogue.ts'
import type { CustomModuleService } from './custom-service.ts'
import { describeModule } from './describe-module.ts'
import { moduleThrew } from './module-threw.ts'

type TriedParams = z.output<(typeof moduleRoutes)['tryCustom']['body']>['params']
type DraftCatalogue = Pick<ModuleCatalogue, 'find' | 'evaluate'>

/** A catalogue of one. The title says what it is, for history and log. */
const draftCatalogue = (content: CustomInput, version: number): DraftCatalogue => {
  const module = moduleOfCustom(content)
  const { zh, en } = content.title
  const title = { zh: `${zh}（试跑版本 ${version}）`, en: `${en} (version ${version} on trial)` }
  const entry = describeModule({ ...module, title }, 'custom', version)
  return {
    find: async (name) => (name === entry.name ? entry : undefined),
    evaluate: async (name, params, { check }) => {
      if (name !== entry.name) throw new Problem('MODULE_UNKNOWN', { module: name })
      try {
        return { entry, ...evaluateModule(module, params, check) }
      } catch (error) {
        throw moduleThrew(name, error)
      }
    },
  }
}

/** Secrets stand as references, as they will when it runs. */
const previewDraft = async (content: CustomInput, params: Readonly<Record<string, Json>>) => {
  const secrets = new Set(secretFields(content.fields))
  const referred = Object.entries(params).map(([name, value]) =>
    secrets.has(name) && value !== '' ? [name, secretRef(`run:preview:${name}`)] : [name, value],
  )
  const answer = await draftCatalogue(content, 0).evaluate(
    content.name,
    Object.fromEntries(referred),
    { check: false },
  )
  return answer.ok
    ? { preview: answer.action && previewAction(answer.action), problems: [] }
    : { preview: null, problems: answer.problems.map((problem) => ({ ...problem })) }
}

interface DraftParts {
  readonly custom: Pick<CustomModuleService, 'version'>
  /** By id or name. */
  readonly host: (idOrName: string) => Promise<Host | undefined>
  readonly tryModule: (
    actor: Actor,
    trial: {
      readonly module: string
      readonly params: TriedParams
      readonly host: Host
      readonly modules: DraftCatalogue
    },
  ) => Promise<RunView>
}

export const draftHandlers = ({ custom, host, tryModule }: DraftParts): Handler[] => [
  handle(moduleRoutes.previewCustom, ({ body }) => previewDraft(body.module, body.params)),
  handle(moduleRoutes.tryCustom, async ({ actor, params, body }) => {
    const content = await custom.version(params.id, body.version)
    const target = await host(body.host)
    if (!target) throw new Problem('HOST_UNKNOWN', { host: body.host })
    const run = await tryModule(actor, {
      module: content.name,
      params: body.params,
      host: target,
      modules: draftCatalogue(content, body.version),
    })
    return { run: run.id, host: target.id }
  }),
]
