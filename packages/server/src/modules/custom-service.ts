// Modules made in the web page: save versions, publish one, go back to another, export.

import type { CustomInput, CustomView } from '@omserver/api'
import { exportCustom, finishCustom, Problem, secretFields, templateParams } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import type { ModuleService } from './service.ts'
import {
  type CustomRow,
  type CustomVersionRow,
  deleteCustom,
  insertCustom,
  insertNextVersion,
  listCustom,
  listVersions,
  readCustom,
  setPublished,
} from './table.ts'

export interface CustomModuleService {
  list(): Promise<CustomView[]>
  add(actor: Actor, input: CustomInput): Promise<CustomView>
  save(
    actor: Actor,
    id: string,
    input: CustomInput,
    save: { note: string; basedOn: number },
  ): Promise<CustomView>
  version(id: string, version: number): Promise<CustomInput>
  publish(actor: Actor, id: string, version: number): Promise<CustomView>
  remove(actor: Actor, id: string): Promise<void>
  export(id: string, version?: number): Promise<{ fileName: string; content: string }>
}

type Deps = Pick<Services, 'db' | 'clock' | 'newId' | 'activity'>

export const createCustomModules = (
  services: Deps,
  modules: ModuleService,
): CustomModuleService => {
  const { db, clock, newId, activity } = services

  const rowOf = async (id: string): Promise<CustomRow> => {
    const row = await readCustom(db, id)
    if (!row) throw new Problem('MODULE_UNKNOWN', { module: id })
    return row
  }

  const viewOf = async (row: CustomRow): Promise<CustomView> => {
    const versions = await listVersions(db, row.id)
    const draft = versions.find((one) => one.version === row.draftVersion)
    if (!draft) throw new Error(`draft of module ${row.name} is missing`)
    return {
      id: row.id,
      name: row.name,
      publishedVersion: row.publishedVersion,
      draft: draft.content,
      draftVersion: row.draftVersion,
      versions: versions.map((one) => ({
        version: one.version,
        savedAt: one.savedAt,
        savedBy: one.savedBy,
        note: one.note,
        published: one.version === row.publishedVersion,
      })),
      updatedAt: row.updatedAt,
    }
  }

  const versionOf = async (id: string, version: number): Promise<CustomVersionRow> => {
    const found = (await listVersions(db, id)).find((one) => one.version === version)
    if (!found) throw new Problem('VERSION_UNKNOWN', { version })
    return found
  }

  /** As it is to be stored. */
  const checked = async (input: CustomInput, ownId?: string): Promise<CustomInput> => {
    if (!/^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*$/.test(input.name)) {
      throw new Problem('MODULE_NAME_BAD', { name: input.name })
    }
    const taken = await modules.find(input.name)
    const same = (await listCustom(db)).find((row) => row.name === input.name)
    if ((taken && taken.source !== 'custom') || (same && same.id !== ownId)) {
      throw new Problem('MODULE_EXISTS', { module: input.name })
    }
    const names = input.fields.map((field) => field.name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new Problem('FIELD_BAD', { field: twice, part: 'name' })
    for (const field of input.fields) {
      const other = field.when?.field
      if (other !== undefined && (other === field.name || !names.includes(other))) {
        throw new Problem('FIELD_BAD', { field: field.name, part: 'when' })
      }
    }
    for (const name of templateParams(input.script.content)) {
      if (!names.includes(name))
        throw new Problem('TEMPLATE_PARAM_UNKNOWN', { name, line: lineOf(input, name) })
    }
    // Building it finds what only the whole can show, e.g. a pattern that is no regular expression.
    return finishCustom(input)
  }

  return {
    list: async () => Promise.all((await listCustom(db)).map(viewOf)),
    add: async (actor, given) => {
      const input = await checked(given)
      const now = clock.now()
      const id = newId()
      const row: CustomRow = {
        id,
        name: input.name,
        publishedVersion: null,
        draftVersion: 1,
        updatedAt: now,
      }
      await insertCustom(db, row, {
        moduleId: id,
        version: 1,
        content: input,
        note: '',
        savedAt: now,
        savedBy: actor.name,
      })
      await activity.record(actor, {
        what: 'customModules.add',
        subject: input.name,
        after: shown(input),
      })
      return viewOf(row)
    },
    save: async (actor, id, given, { note, basedOn }) => {
      const row = await rowOf(id)
      const input = await checked(given, id)
      // Grants and saved links are by name: a published module keeps it.
      if (row.publishedVersion !== null && input.name !== row.name) {
        throw new Problem('MODULE_NAME_BAD', { name: input.name })
      }
      const before = await versionOf(id, row.draftVersion)
      const written = await insertNextVersion(db, basedOn, {
        moduleId: id,
        version: basedOn + 1,
        content: input,
        note,
        savedAt: clock.now(),
        savedBy: actor.name,
      })
      if (!written) throw new Problem('VERSION_CONFLICT', { version: row.draftVersion })
      await activity.record(actor, {
        what: 'customModules.save',
        subject: input.name,
        before: shown(before.content),
        after: shown(input),
      })
      return viewOf(await rowOf(id))
    },
    version: async (id, version) => {
      await rowOf(id)
      return (await versionOf(id, version)).content
    },
    publish: async (actor, id, version) => {
      const row = await rowOf(id)
      const { content } = await versionOf(id, version)
      await setPublished(db, id, version, clock.now())
      await activity.record(actor, {
        what: 'customModules.publish',
        subject: content.name,
        before: { version: row.publishedVersion },
        after: { version },
      })
      return viewOf(await rowOf(id))
    },
    remove: async (actor, id) => {
      const row = await rowOf(id)
      await deleteCustom(db, id)
      await activity.record(actor, { what: 'customModules.remove', subject: row.name })
    },
    export: async (id, version) => {
      const row = await rowOf(id)
      const { content } = await versionOf(id, version ?? row.draftVersion)
      return { fileName: `${content.name}.ts`, content: exportCustom(content) }
    },
  }
}

/** Defaults of secret fields stay out of the log. */
const shown = (input: CustomInput): CustomInput => {
  const secrets = new Set(secretFields(input.fields))
  return {
    ...input,
    fields: input.fields.map((field) =>
      secrets.has(field.name) ? { ...field, default: undefined } : field,
    ),
  }
}

const lineOf = (input: CustomInput, name: string): number =>
  input.script.content.split('\n').findIndex((line) => line.includes(`{{${name}}}`)) + 1
