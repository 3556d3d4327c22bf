// A module file as a user writes one: fields that depend on each other, and take choices from labels and hosts.

export const fileModule = (title: string): string => `
import { field, module, schemaOfForm, sh } from '@omserver/core'

const text = (en) => ({ zh: en, en })
const params = schemaOfForm([
  { name: 'how', kind: 'radio', title: text('How'), required: true, default: 'soft',
    choices: [{ value: 'soft', title: text('Soft') }, { value: 'hard', title: text('Hard') }] },
  { name: 'why', kind: 'text', title: text('Why'), required: true, when: { field: 'how', in: ['hard'] } },
  { name: 'app', kind: 'select', title: text('App'), required: true, choicesFrom: { from: 'label', label: 'app' } },
  { name: 'account', kind: 'select', title: text('Account'), required: false,
    choicesFrom: { from: 'command', command: 'echo from-$(echo the)-host' } },
])
export const kick = module({
  name: 'app.kick',
  title: text('${title}'),
  summary: text('Kicks an application'),
  category: 'custom',
  params,
  action: ({ how, why, app }) => sh\`echo kicked \${app} \${how} \${why ?? '-'}\`,
})
`
