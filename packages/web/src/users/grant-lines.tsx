// Grants, each as one line: which modules on which hosts.

import { useTexts } from '../i18n/index.ts'

interface GrantLinesProps {
  readonly grants: readonly { readonly modules: readonly string[]; readonly selector: string }[]
}

export const GrantLines = ({ grants }: GrantLinesProps) => {
  const { t } = useTexts()
  if (grants.length === 0) return <span className="om-faint">{t('users.noGrants')}</span>
  return (
    <span>
      {grants.slice(0, 3).map(({ modules, selector }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one cell never move
        <span key={index} style={{ display: 'block' }} className="om-breakable">
          <code>{modules.join(', ')}</code> <span className="om-faint">{t('users.on')}</span>{' '}
          <code>{selector}</code>
        </span>
      ))}
      {grants.length > 3 ? (
        <span className="om-soft">{t('users.moreGrants', { count: grants.length - 3 })}</span>
      ) : null}
    </span>
  )
}
