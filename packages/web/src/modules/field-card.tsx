// One field of the form builder: name, kind, titles, and what its kind needs besides.

import type { CustomInput } from '@omserver/api'
import { type FieldKind, fieldKinds } from '@omserver/core'
import { Button, Checkbox, Input, InputNumber, Select, Space } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { ChoicesEditor, takesChoices } from './choices-editor.tsx'
import { ConditionEditor } from './condition-editor.tsx'
import style from './modules.module.css'

type Field = CustomInput['fields'][number]

interface FieldCardProps {
  readonly field: Field
  readonly others: readonly Field[]
  readonly first: boolean
  readonly last: boolean
  readonly onChange: (field: Field) => void
  readonly onMove: (by: number) => void
  readonly onRemove: () => void
}

/** What another kind cannot have is left behind. */
const ofKind = (field: Field, kind: FieldKind): Field => {
  const { choices, choicesFrom, min, max, integer, default: _preset, ...rest } = field
  return {
    ...rest,
    kind,
    ...(takesChoices(kind) && choices ? { choices } : {}),
    ...(takesChoices(kind) && choicesFrom ? { choicesFrom } : {}),
    ...(kind === 'number' ? { min, max, integer } : {}),
  }
}

const withPreset: ReadonlySet<FieldKind> = new Set(['text', 'textarea', 'hosts', 'select', 'radio'])

export const FieldCard = (props: FieldCardProps) => {
  const { t } = useTexts()
  const { field, onChange } = props
  const set = (part: Partial<Field>) => onChange({ ...field, ...part })
  return (
    <li className={style.field}>
      <Space wrap>
        <Input
          className={`${style.fieldName} om-code`}
          value={field.name}
          aria-label={t('modules.fieldName')}
          placeholder={t('modules.fieldName')}
          onChange={({ target }) => set({ name: target.value })}
        />
        <Select
          className={style.fieldKind}
          // All of them in sight: nobody looks for a kind they do not know of.
          listHeight={400}
          value={field.kind}
          aria-label={t('modules.fieldKind')}
          options={fieldKinds.map((kind) => ({ value: kind, label: t(`modules.kind.${kind}`) }))}
          onChange={(kind: FieldKind) => onChange(ofKind(field, kind))}
        />
        {(['zh', 'en'] as const).map((one) => (
          <Input
            key={one}
            className={style.fieldTitle}
            value={field.title[one]}
            aria-label={t(`modules.titleIn.${one}`)}
            placeholder={t(`modules.titleIn.${one}`)}
            onChange={({ target }) => set({ title: { ...field.title, [one]: target.value } })}
          />
        ))}
      </Space>
      {takesChoices(field.kind) && <ChoicesEditor field={field} onChange={onChange} />}
      {field.kind === 'number' && (
        <Space wrap>
          {(['min', 'max'] as const).map((limit) => (
            <InputNumber
              key={limit}
              className={style.fieldName}
              value={field[limit] ?? null}
              aria-label={t(`modules.${limit}`)}
              placeholder={t(`modules.${limit}`)}
              onChange={(value) => set({ [limit]: value ?? undefined })}
            />
          ))}
          <Checkbox
            checked={field.integer === true}
            onChange={({ target }) => set({ integer: target.checked || undefined })}
          >
            {t('modules.integer')}
          </Checkbox>
        </Space>
      )}
      <Space wrap>
        <Checkbox
          checked={field.required}
          onChange={({ target }) => set({ required: target.checked })}
        >
          {t('modules.required')}
        </Checkbox>
        {withPreset.has(field.kind) && (
          <Input
            className={style.fieldTitle}
            value={typeof field.default === 'string' ? field.default : ''}
            aria-label={t('modules.defaultValue')}
            placeholder={t('modules.defaultValue')}
            onChange={({ target }) =>
              set({ default: target.value === '' ? undefined : target.value })
            }
          />
        )}
        <ConditionEditor
          when={field.when}
          others={props.others}
          onChange={(when) => set({ when })}
        />
        <Button size="small" disabled={props.first} onClick={() => props.onMove(-1)}>
          {t('modules.up')}
        </Button>
        <Button size="small" disabled={props.last} onClick={() => props.onMove(1)}>
          {t('modules.down')}
        </Button>
        <Button size="small" danger onClick={props.onRemove}>
          {t('modules.removeField')}
        </Button>
      </Space>
    </li>
  )
}
