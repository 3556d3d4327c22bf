// A module that the server carries out itself, as work of several runs (trust). In the catalogue it is one of many.

import type { RunView } from '@omserver/api'
import type { Action, Module, Permission, Strategy } from '@omserver/core'
import type { z } from 'zod'
import type { Actor } from '../actor.ts'

export interface HostedLaunch {
  readonly id: string
  readonly selector: string
  readonly strategy: Partial<Strategy>
  readonly confirmHosts: number | undefined
  /** What was typed into secret fields, by name: in the parameters themselves are references. */
  readonly secrets: ReadonlyMap<string, string>
}

export interface HostedModule<P extends z.ZodObject = z.ZodObject>
  extends Omit<Module<P>, 'action' | 'check'> {
  /** Needed besides a grant. */
  readonly may: Permission
  /** What its first run does on the hosts, for the preview. Rejects with a Problem. */
  firstAction(params: z.output<P>): Promise<Action>
  launch(actor: Actor, params: z.output<P>, launch: HostedLaunch): Promise<RunView>
}

/** Declares one. Its parameters are checked before it sees them, so that elsewhere their types no longer matter. */
export const hostedModule = <P extends z.ZodObject>(definition: HostedModule<P>): HostedModule =>
  definition as unknown as HostedModule
