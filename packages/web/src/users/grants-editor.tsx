// Edits grants: patterns of modules × a selector of hosts, with what each covers at this moment.

import { moduleRoutes } from '@omserver/api'
import { moduleMatches } from '@omserver/core'
import { Button, Select } from 'antd'
import { useMemo } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { SelectorInput } from '../ui/index.ts'
import style from './grants-editor.module.css'

export interface GrantDraft {
  readonly modules: readonly string[]
  readonly selector: string
}

interface GrantsEditorProps {
  readonly value: readonly GrantDraft[]
  readonly onChange: (grants: readonly GrantDraft[]) => void
}

/** `service.*` for every first part that several modules share, before the modules themselves. */
const patternsOf = (names: readonly string[]): readonly string[] => {
  const families = new Map<string, number>()
  for (const name of names) {
    const dot = name.indexOf('.')
    if (dot > 0) {
      const family = `${name.slice(0, dot)}.*`
      families.set(family, (families.get(family) ?? 0) + 1)
    }
  }
  return ['*', ...[...families].filter(([, count]) => count > 1).map(([family]) => family)]
}

export const GrantsEditor = ({ value, onChange }: GrantsEditorProps) => {
  const { t, say } = useTexts()
  const items = useAnswer(moduleRoutes.list, {}).data?.items
  const modules = useMemo(() => items ?? [], [items])
  const options = useMemo(
    () => [
      ...patternsOf(modules.map(({ name }) => name)).map((pattern) => ({
        value: pattern,
        label: pattern === '*' ? t('users.everyModule') : pattern,
      })),
      ...modules.map(({ name, title }) => ({ value: name, label: `${name} · ${say(title)}` })),
    ],
    [modules, t, say],
  )
  const edit = (at: number, part: Partial<GrantDraft>) =>
    onChange(value.map((grant, index) => (index === at ? { ...grant, ...part } : grant)))
  return (
    <div className="om-stack">
      {value.map((grant, index) => {
        const covered = modules.filter(({ name }) =>
          grant.modules.some((pattern) => moduleMatches(pattern, name)),
        )
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a grant being written has no identity but its place
          <fieldset key={index} className={style.grant}>
            <legend className="om-unseen">{t('users.grantNumber', { number: index + 1 })}</legend>
            <div className={style.line}>
              <span className={style.name}>{t('users.mayRun')}</span>
              <Select
                mode="tags"
                aria-label={t('users.mayRun')}
                className={style.control}
                placeholder={t('users.modulesWhat')}
                value={[...grant.modules]}
                options={options}
                optionLabelProp="value"
                tokenSeparators={[',', ' ', '，']}
                onChange={(next: string[]) => edit(index, { modules: next })}
              />
            </div>
            <div className={style.line}>
              <span className={style.name}>{t('users.on')}</span>
              <div className={style.control}>
                <SelectorInput
                  label={t('users.onHosts')}
                  placeholder="idc=sz,app=nginx"
                  value={grant.selector}
                  onChange={(selector) => edit(index, { selector })}
                />
              </div>
            </div>
            <div className={style.foot}>
              <span className="om-soft">
                {grant.modules.length === 0
                  ? t('users.grantHelp')
                  : t('users.covers', {
                      count: covered.length,
                      names: covered
                        .slice(0, 3)
                        .map(({ title }) => say(title))
                        .join(t('users.listComma')),
                    })}
              </span>
              <Button
                size="small"
                type="text"
                danger
                onClick={() => onChange(value.filter((_, at) => at !== index))}
              >
                {t('users.dropGrant')}
              </Button>
            </div>
          </fieldset>
        )
      })}
      <div>
        <Button size="small" onClick={() => onChange([...value, { modules: [], selector: '' }])}>
          {t('users.addGrant')}
        </Button>
      </div>
    </div>
  )
}
