// The form builder: fields one under the other, each with what its kind needs.

import type { CustomInput } from '@omserver/api'
import { type FieldKind, fieldKinds } from '@omserver/core'
import { Button, Checkbox, Input, Select, Space } from 'antd'
import { useTexts } from '../i18n/index.ts'
import style from './modules.module.css'

type Field = CustomInput['fields'][number]

interface Props {
  readonly fields: readonly Field[]
  readonly onChange: (fields: readonly Field[]) => void
}

const withChoices: ReadonlySet<FieldKind> = new Set(['select', 'multiSelect', 'radio'])

/** `value` or `value = title`, one a line. */
const choicesText = (field: Field): string =>
  (field.choices ?? [])
    .map((choice) =>
      choice.title.zh === choice.value ? choice.value : `${choice.value} = ${choice.title.zh}`,
    )
    .join('\n')

const parseChoices = (text: string): NonNullable<Field['choices']> =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [value = '', title] = line.split('=').map((part) => part.trim())
      return { value, title: { zh: title || value, en: title || value } }
    })

export const FieldBuilder = ({ fields, onChange }: Props) => {
  const { t } = useTexts()
  const replace = (index: number, part: Partial<Field>) =>
    onChange(fields.map((field, at) => (at === index ? { ...field, ...part } : field)))
  const move = (index: number, by: number) => {
    const next = [...fields]
    const [taken] = next.splice(index, 1)
    if (taken !== undefined) next.splice(index + by, 0, taken)
    onChange(next)
  }
  const freeName = () => {
    let n = fields.length + 1
    while (fields.some((field) => field.name === `param${n}`)) n += 1
    return `param${n}`
  }
  return (
    <div className={style.side}>
      <ol className={style.fields}>
        {fields.map((field, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed; the place is the identity
          <li key={index} className={style.field}>
            <Space wrap>
              <Input
                className={style.fieldName}
                value={field.name}
                aria-label={t('modules.fieldName')}
                placeholder={t('modules.fieldName')}
                onChange={(event) => replace(index, { name: event.target.value })}
              />
              <Select
                className={style.fieldKind}
                value={field.kind}
                aria-label={t('modules.fieldKind')}
                options={fieldKinds.map((kind) => ({
                  value: kind,
                  label: t(`modules.kind.${kind}`),
                }))}
                onChange={(kind: FieldKind) => replace(index, { kind })}
              />
              <Input
                className={style.fieldTitle}
                value={field.title.zh}
                aria-label={t('modules.titleIn.zh')}
                placeholder={t('modules.titleIn.zh')}
                onChange={(event) =>
                  replace(index, { title: { ...field.title, zh: event.target.value } })
                }
              />
              <Input
                className={style.fieldTitle}
                value={field.title.en}
                aria-label={t('modules.titleIn.en')}
                placeholder={t('modules.titleIn.en')}
                onChange={(event) =>
                  replace(index, { title: { ...field.title, en: event.target.value } })
                }
              />
              <Checkbox
                checked={field.required}
                onChange={(event) => replace(index, { required: event.target.checked })}
              >
                {t('modules.required')}
              </Checkbox>
            </Space>
            {withChoices.has(field.kind) && (
              <Input.TextArea
                autoSize={{ minRows: 2 }}
                defaultValue={choicesText(field)}
                aria-label={t('modules.choices')}
                placeholder={t('modules.choicesHelp')}
                onBlur={(event) => replace(index, { choices: parseChoices(event.target.value) })}
              />
            )}
            <Space wrap>
              <Input
                className={style.fieldTitle}
                value={field.when?.field ?? ''}
                aria-label={t('modules.whenField')}
                placeholder={t('modules.whenField')}
                onChange={(event) =>
                  replace(index, {
                    when:
                      event.target.value === ''
                        ? undefined
                        : { field: event.target.value, in: field.when?.in ?? [] },
                  })
                }
              />
              {field.when !== undefined && (
                <Input
                  className={style.fieldTitle}
                  value={field.when.in.join(',')}
                  aria-label={t('modules.whenValues')}
                  placeholder={t('modules.whenValues')}
                  onChange={(event) =>
                    replace(index, {
                      when: { field: field.when?.field ?? '', in: event.target.value.split(',') },
                    })
                  }
                />
              )}
              <Button size="small" disabled={index === 0} onClick={() => move(index, -1)}>
                {t('modules.up')}
              </Button>
              <Button
                size="small"
                disabled={index === fields.length - 1}
                onClick={() => move(index, 1)}
              >
                {t('modules.down')}
              </Button>
              <Button
                size="small"
                danger
                onClick={() => onChange(fields.filter((_, at) => at !== index))}
              >
                {t('modules.removeField')}
              </Button>
            </Space>
          </li>
        ))}
      </ol>
      <Button
        onClick={() =>
          onChange([
            ...fields,
            { name: freeName(), kind: 'text', title: { zh: '', en: '' }, required: false },
          ])
        }
      >
        {t('modules.addField')}
      </Button>
    </div>
  )
}
