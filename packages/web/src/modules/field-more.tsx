// What few fields need: a help text, an example in the empty field, a pattern its text must match.

import type { CustomInput } from '@omserver/api'
import type { FieldKind } from '@omserver/core'
import { Input } from 'antd'
import { useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { Field as Labelled } from '../ui/index.ts'
import type { DraftProblem } from './draft-problems.ts'
import style from './modules.module.css'
import { TwoTexts } from './two-texts.tsx'

type Field = CustomInput['fields'][number]

interface FieldMoreProps {
  readonly field: Field
  readonly says: (part: DraftProblem['part']) => string | undefined
  readonly onChange: (part: Partial<Field>) => void
}

const withPattern: ReadonlySet<FieldKind> = new Set(['text', 'textarea'])
const withExample: ReadonlySet<FieldKind> = new Set([
  'text',
  'textarea',
  'number',
  'select',
  'hosts',
  'list',
])

const none = { zh: '', en: '' }
const some = (text: string): string | undefined => (text === '' ? undefined : text)

export const FieldMore = ({ field, says, onChange }: FieldMoreProps) => {
  const { t } = useTexts()
  const used = [field.help, field.placeholder, field.pattern].some((part) => part !== undefined)
  const [open, setOpen] = useState(used)
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className={style.more}>{t('maker.more')}</summary>
      <div className="om-stack">
        <TwoTexts
          labels={{ zh: t('maker.helpIn.zh'), en: t('maker.helpIn.en') }}
          value={field.help ?? none}
          onChange={(help) =>
            onChange({ help: help.zh === '' && help.en === '' ? undefined : help })
          }
        />
        <div className={style.two}>
          {withExample.has(field.kind) && (
            <Labelled label={t('maker.placeholder')} help={t('maker.placeholderHelp')}>
              {(control) => (
                <Input
                  {...control}
                  maxLength={500}
                  value={field.placeholder ?? ''}
                  onChange={({ target }) => onChange({ placeholder: some(target.value) })}
                />
              )}
            </Labelled>
          )}
          {withPattern.has(field.kind) && (
            <Labelled
              label={t('maker.pattern')}
              help={t('maker.patternHelp')}
              error={says('pattern')}
            >
              {(control) => (
                <Input
                  {...control}
                  className="om-code"
                  maxLength={500}
                  spellCheck={false}
                  autoCapitalize="off"
                  placeholder="[a-z]+-[0-9]+"
                  value={field.pattern ?? ''}
                  onChange={({ target }) =>
                    onChange({
                      pattern: some(target.value),
                      // Words for a pattern that is not there would be said of nothing.
                      ...(target.value === '' ? { format: undefined } : {}),
                    })
                  }
                />
              )}
            </Labelled>
          )}
        </div>
        {withPattern.has(field.kind) && field.pattern !== undefined && (
          <TwoTexts
            labels={{ zh: t('maker.formatIn.zh'), en: t('maker.formatIn.en') }}
            help={t('maker.formatHelp')}
            value={field.format ?? none}
            onChange={(format) =>
              onChange({ format: format.zh === '' && format.en === '' ? undefined : format })
            }
          />
        )}
      </div>
    </details>
  )
}
