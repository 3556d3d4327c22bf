// One field of the form builder: name, kind, titles, what its kind needs besides, and the rest behind “more”.

import type { CustomInput } from '@omserver/api'
import { type FieldKind, fieldKinds } from '@omserver/core'
import { Button, Checkbox, Input, Select } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Field as Labelled, NumberInput } from '../ui/index.ts'
import { takesChoices } from './choice-kinds.ts'
import { ChoicesEditor } from './choices-editor.tsx'
import { ConditionEditor } from './condition-editor.tsx'
import type { DraftProblem } from './draft-problems.ts'
import { FieldMore } from './field-more.tsx'
import style from './modules.module.css'
import { TwoTexts } from './two-texts.tsx'

type Field = CustomInput['fields'][number]

interface FieldCardProps {
  readonly field: Field
  readonly others: readonly Field[]
  readonly first: boolean
  readonly last: boolean
  readonly says: (part: DraftProblem['part']) => string | undefined
  readonly onChange: (field: Field) => void
  readonly onMove: (by: number) => void
  readonly onRemove: () => void
}

/** What another kind cannot have is left behind. */
const ofKind = (field: Field, kind: FieldKind): Field => {
  const {
    choices,
    choicesFrom,
    min,
    max,
    integer,
    pattern,
    format,
    default: _preset,
    ...rest
  } = field
  return {
    ...rest,
    kind,
    ...(takesChoices(kind) && choices ? { choices } : {}),
    ...(takesChoices(kind) && choicesFrom ? { choicesFrom } : {}),
    ...(kind === 'number' ? { min, max, integer } : {}),
    ...(kind === 'text' || kind === 'textarea' ? { pattern, format } : {}),
  }
}

const withPreset: ReadonlySet<FieldKind> = new Set(['text', 'textarea', 'hosts', 'select', 'radio'])

export const FieldCard = (props: FieldCardProps) => {
  const { t } = useTexts()
  const { field, onChange, says } = props
  const set = (part: Partial<Field>) => onChange({ ...field, ...part })
  const limits = says('limits')
  return (
    <li className={style.field}>
      <div className={style.two}>
        <Labelled label={t('maker.fieldName')} required error={says('name')}>
          {(control) => (
            <Input
              {...control}
              className="om-code"
              spellCheck={false}
              autoCapitalize="off"
              value={field.name}
              onChange={({ target }) => set({ name: target.value.trim() })}
            />
          )}
        </Labelled>
        <Labelled label={t('maker.fieldKind')}>
          {(control) => (
            <Select
              {...control}
              className={style.full}
              // All of them in sight: nobody looks for a kind they do not know of.
              listHeight={400}
              value={field.kind}
              options={fieldKinds.map((kind) => ({
                value: kind,
                label: t(`maker.kind.${kind}`),
              }))}
              onChange={(kind: FieldKind) => onChange(ofKind(field, kind))}
            />
          )}
        </Labelled>
      </div>
      <TwoTexts
        required
        labels={{ zh: t('maker.titleIn.zh'), en: t('maker.titleIn.en') }}
        value={field.title}
        error={says('title')}
        onChange={(title) => set({ title })}
      />
      {takesChoices(field.kind) && (
        <ChoicesEditor field={field} error={says('choices')} onChange={onChange} />
      )}
      {field.kind === 'number' && (
        <div className={style.three}>
          {(['min', 'max'] as const).map((limit) => (
            <Labelled
              key={limit}
              label={t(`maker.${limit}`)}
              error={limit === 'min' ? limits : undefined}
            >
              {(control) => (
                <NumberInput
                  {...control}
                  value={field[limit]}
                  wrong={limits !== undefined}
                  onNumber={(value) => set({ [limit]: value })}
                />
              )}
            </Labelled>
          ))}
          <Checkbox
            checked={field.integer === true}
            onChange={({ target }) => set({ integer: target.checked || undefined })}
          >
            {t('maker.integer')}
          </Checkbox>
        </div>
      )}
      <div className={style.two}>
        <ConditionEditor
          when={field.when}
          others={props.others}
          error={says('when')}
          onChange={(when) => set({ when })}
        />
        {withPreset.has(field.kind) && (
          <Labelled label={t('maker.defaultValue')}>
            {(control) => (
              <Input
                {...control}
                value={typeof field.default === 'string' ? field.default : ''}
                onChange={({ target }) =>
                  set({ default: target.value === '' ? undefined : target.value })
                }
              />
            )}
          </Labelled>
        )}
      </div>
      <FieldMore field={field} says={says} onChange={set} />
      <div className={style.foot}>
        <Checkbox
          checked={field.required}
          onChange={({ target }) => set({ required: target.checked })}
        >
          {t('maker.required')}
        </Checkbox>
        <span className={style.spread} />
        <Button size="small" disabled={props.first} onClick={() => props.onMove(-1)}>
          {t('maker.up')}
        </Button>
        <Button size="small" disabled={props.last} onClick={() => props.onMove(1)}>
          {t('maker.down')}
        </Button>
        <Button size="small" danger onClick={props.onRemove}>
          {t('maker.removeField')}
        </Button>
      </div>
    </li>
  )
}
