// What a person reads before it runs: the exact text of an action, in no language.

import type {
  Action,
  CopyAction,
  CopySource,
  LeafAction,
  PlaybookAction,
  ProcessOptions,
  RunAs,
  StepCondition,
} from './action.ts'
import { isSecretRef, type SecretRef } from './secret.ts'
import { previewCommand, quote } from './shell.ts'

/**
 * Lines that begin with `#` say how it runs (account, folder, environment, input); below them stands what runs,
 * word for word. Secrets are `***`, host variables `{host.name}`. Steps are numbered.
 */
export const previewAction = (action: Action): string =>
  action.kind === 'steps'
    ? action.steps
        .map((step, index) => {
          const head = `# ${index + 1}/${action.steps.length} ${oneLine(step.name)}`
          return `${head}${step.when ? `  [${conditionText(step.when)}]` : ''}\n${leafText(step.action)}`
        })
        .join('\n\n')
    : leafText(action)

const leafText = (leaf: LeafAction): string => {
  switch (leaf.kind) {
    case 'shell':
      return lines([
        ...processLines(leaf),
        leaf.endsBy === 'disconnect' ? '# ends by: disconnect' : undefined,
        previewCommand(leaf.command),
      ])
    case 'script':
      return lines([
        ...processLines(leaf),
        `# ${[leaf.interpreter, ...(leaf.args ?? []).map(shown)].join(' ')}`,
        leaf.content,
      ])
    case 'copy':
      return lines([
        accountLine(leaf.runAs),
        copyLine(leaf),
        'text' in leaf.source ? leaf.source.text : undefined,
      ])
    case 'fetch':
      return lines([accountLine(leaf.runAs), `# fetch ${shown(leaf.path)} (≤ ${leaf.maxBytes} B)`])
    case 'playbook':
      return lines([
        accountLine(leaf.runAs),
        ...playbookLines(leaf),
        ...Object.entries(leaf.vars).map(
          ([name, given]) =>
            `${shown(name)}: ${isSecretRef(given) ? '***' : JSON.stringify(given)}`,
        ),
      ])
    case 'state':
      return lines([
        leaf.saltenv === undefined ? undefined : `# saltenv: ${shown(leaf.saltenv)}`,
        leaf.pillar && `# pillar: ${JSON.stringify(leaf.pillar)}`,
        `state.apply ${leaf.sls.map(shown).join(',')}`,
      ])
    case 'call':
      return [
        leaf.function,
        ...leaf.args.map((argument) => JSON.stringify(argument)),
        ...Object.entries(leaf.kwargs ?? {}).map(
          ([name, given]) => `${name}=${JSON.stringify(given)}`,
        ),
      ].join(' ')
  }
}

const lines = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join('\n')

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

/** A value on a `#` line: quoted where a shell would need it, and never more than that line. */
const shown = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control sign would break out of its line
  /[\x00-\x1f\x7f]/.test(text) ? JSON.stringify(text) : quote(text)

const value = (given: string | SecretRef): string => (isSecretRef(given) ? '***' : shown(given))

const accountLine = (runAs: RunAs | undefined): string | undefined =>
  runAs &&
  `# ${runAs.method === 'sudo' ? 'sudo -u' : 'su'} ${shown(runAs.user)}${runAs.password ? ' ***' : ''}`

const processLines = (options: ProcessOptions): (string | undefined)[] => [
  accountLine(options.runAs),
  options.cwd === undefined ? undefined : `# cd ${shown(options.cwd)}`,
  ...Object.entries(options.env ?? {}).map(([name, given]) => `# ${shown(name)}=${value(given)}`),
  options.stdin === undefined ? undefined : `# stdin: ${value(options.stdin)}`,
  options.okExit && `# ok: exit ${options.okExit.join(', ')}`,
  options.changedExit && `# changed: exit ${options.changedExit.join(', ')}`,
]

const copyLine = (copy: CopyAction): string => {
  const source = sourceText(copy.source)
  const extras = [
    copy.template ? 'template' : undefined,
    copy.mode,
    copy.owner && shown(copy.owner),
    copy.backup ? `${shown(copy.dest)}.<time>~` : undefined,
  ]
  return `# copy (${source}) → ${[shown(copy.dest), ...extras.filter((extra) => extra)].join('  ')}`
}

const sourceText = (source: CopySource): string => {
  if ('text' in source) return `${new TextEncoder().encode(source.text).length} B`
  if ('blob' in source) return `sha256:${source.blob} ${source.size} B`
  const { file, version, content } = source
  if (!content) return shown(file) + (version === undefined ? '' : ` v${version}`)
  const kind = content.folder ? 'tar, ' : ''
  return `${shown(file)} v${content.version}, ${kind}${content.size} B, sha256:${content.blob.slice(0, 12)}`
}

const playbookLines = (leaf: PlaybookAction): (string | undefined)[] => [
  `# project: ${shown(leaf.project)}${leaf.source?.commit ? ` @ ${leaf.source.commit}` : ''}`,
  leaf.limit === undefined ? undefined : `# limit: ${shown(leaf.limit)}`,
  leaf.tags && `# tags: ${leaf.tags.map(shown).join(', ')}`,
  leaf.skipTags && `# skip tags: ${leaf.skipTags.map(shown).join(', ')}`,
  leaf.vaultPassword && '# vault password: ***',
  `ansible-playbook ${shown(leaf.playbook)}`,
]

const conditionText = (when: StepCondition): string =>
  [
    shown(when.step),
    when.exit && `exit ${when.exit.join('|')}`,
    when.outputIncludes === undefined ? undefined : `∋ ${shown(when.outputIncludes)}`,
    when.changed === undefined ? undefined : `changed=${when.changed}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ')
