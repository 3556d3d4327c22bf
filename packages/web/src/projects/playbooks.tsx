// The playbooks of a project: the first few, and the others on demand.

import { useTexts } from '../i18n/index.ts'

const SHOWN = 6

export const Playbooks = ({ names }: { readonly names: readonly string[] }) => {
  const { t } = useTexts()
  if (names.length === 0) return <span className="om-soft">{t('projects.noPlaybooks')}</span>
  const rest = names.slice(SHOWN)
  return (
    <div>
      <Names names={names.slice(0, SHOWN)} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{t('projects.more', { count: rest.length })}</summary>
          <Names names={rest} />
        </details>
      )}
    </div>
  )
}

const Names = ({ names }: { readonly names: readonly string[] }) => (
  <>
    {names.map((name) => (
      <div key={name} className="om-code om-breakable">
        {name}
      </div>
    ))}
  </>
)
