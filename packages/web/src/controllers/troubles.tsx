// What is wrong, and beside it what to do about it.

import type { Trouble } from '@omserver/api'
import { useTexts } from '../i18n/index.ts'
import { Notice } from '../ui/index.ts'

export const Troubles = ({ list }: { readonly list: readonly Trouble[] }) => {
  const { say } = useTexts()
  return list.map((trouble) => (
    <Notice key={trouble.what.en} tone="warning" title={say(trouble.what)}>
      <div className="om-soft om-breakable">{say(trouble.todo)}</div>
    </Notice>
  ))
}
