// The form of a module, made from its fields. The server checks again by the module's own schema.

import { hostRoutes, moduleRoutes } from '@omserver/api'
import type { FormField, Json } from '@omserver/core'
import { AutoComplete, Checkbox, Input, Radio, Select, Switch } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { Field, NumberInput, type NumberLimits, useNumberProblem } from '../ui/index.ts'
import style from './modules.module.css'
import { isVisible } from './visible-fields.ts'

export type FormValues = Readonly<Record<string, Json>>

interface Props {
  /** Name of the module, for choices that come from its hosts; absent while a module is being made. */
  readonly module?: string
  readonly fields: readonly FormField[]
  readonly values: FormValues
  readonly onChange: (values: FormValues) => void
  readonly problems: readonly {
    readonly field: string
    readonly message: { readonly zh: string; readonly en: string }
  }[]
  /** Hosts the run is for, for choices that come from them. */
  readonly selector: string
}

export const ModuleForm = ({ module, fields, values, onChange, problems, selector }: Props) => {
  const { t, say } = useTexts()
  const numberWrong = useNumberProblem()
  if (fields.length === 0) return <p className={style.soft}>{t('modules.noFields')}</p>
  return (
    <div className={style.moduleForm}>
      {fields
        .filter((field) => isVisible(field, fields, values))
        .map((field) => {
          const value = values[field.name]
          const found = problems.filter((problem) => problem.field === field.name)
          const wrong =
            (field.kind === 'number' ? numberWrong(numberOf(value), limitsOf(field)) : undefined) ??
            (found.length > 0 ? found.map((problem) => say(problem.message)).join(' ') : undefined)
          return (
            <Field
              key={field.name}
              id={`param-${field.name}`}
              label={say(field.title)}
              required={field.required}
              help={field.help === undefined ? undefined : say(field.help)}
              error={wrong}
            >
              {(control) => (
                <FieldControl
                  control={control}
                  wrong={wrong !== undefined}
                  module={module}
                  field={field}
                  selector={selector}
                  value={value}
                  values={values}
                  onChange={(next) => {
                    const { [field.name]: _old, ...rest } = values
                    // What was emptied is left out, so that the module's own default holds.
                    onChange(
                      next === undefined || next === '' ? rest : { ...rest, [field.name]: next },
                    )
                  }}
                />
              )}
            </Field>
          )
        })}
    </div>
  )
}

interface ControlProps {
  readonly control: { readonly id: string; readonly 'aria-describedby': string }
  readonly wrong: boolean
  readonly module: string | undefined
  readonly field: FormField
  readonly selector: string
  readonly value: Json | undefined
  /** Of all fields: choices may depend on another one. */
  readonly values: FormValues
  readonly onChange: (value: Json | undefined) => void
}

/** A text in the place of a number is what was typed and is none. */
const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : value === undefined ? undefined : Number.NaN
/** Whether it must be filled in is for the server to say: not before anything was typed. */
const limitsOf = ({ min, max, integer }: FormField): NumberLimits => ({ min, max, integer })
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const listOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

const FieldControl = (props: ControlProps) => {
  const { control, wrong, field, value, onChange } = props
  const { say } = useTexts()
  const status = wrong ? 'error' : undefined
  const shown = value ?? field.default
  switch (field.kind) {
    case 'text':
      return field.choicesFrom === undefined ? (
        <Input
          {...control}
          status={status}
          value={textOf(shown)}
          placeholder={field.placeholder}
          maxLength={field.maxLength}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <FoundChoice {...props} many={false} />
      )
    case 'textarea':
      return (
        <Input.TextArea
          {...control}
          status={status}
          className={style.code}
          autoSize={{ minRows: 3, maxRows: 24 }}
          value={textOf(shown)}
          placeholder={field.placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...control}
          className={style.wide}
          value={numberOf(shown)}
          {...limitsOf(field)}
          wrong={wrong}
          placeholder={field.placeholder ?? field.default?.toString()}
          // JSON has no word for what is no number and says null, which is “not filled in”: as a text it is refused.
          onNumber={(next) => onChange(Number.isNaN(next) ? 'NaN' : next)}
        />
      )
    case 'select':
      return field.choicesFrom === undefined ? (
        <Select
          {...control}
          className={style.pick}
          status={status}
          showSearch
          allowClear={!field.required}
          value={textOf(shown) || null}
          placeholder={field.placeholder}
          options={(field.choices ?? []).map((choice) => ({
            value: choice.value,
            label: say(choice.title),
          }))}
          onChange={(next: string | null) => onChange(next ?? undefined)}
        />
      ) : (
        <FoundChoice {...props} many={false} />
      )
    case 'multiSelect':
      return field.choicesFrom === undefined ? (
        <Select
          {...control}
          className={style.pick}
          status={status}
          mode="multiple"
          value={listOf(shown)}
          options={(field.choices ?? []).map((choice) => ({
            value: choice.value,
            label: say(choice.title),
          }))}
          onChange={(next: string[]) => onChange(next)}
        />
      ) : (
        <FoundChoice {...props} many />
      )
    case 'hosts':
      return <HostsControl {...props} text={textOf(shown)} />
    case 'list':
      return (
        <Select
          {...control}
          className={style.pick}
          status={status}
          mode="tags"
          open={false}
          suffixIcon={null}
          tokenSeparators={[',', ' ', '\n']}
          value={listOf(shown)}
          placeholder={field.placeholder}
          onChange={(next: string[]) => onChange(next)}
        />
      )
    case 'radio':
      return (
        <Radio.Group
          {...control}
          value={textOf(shown)}
          options={(field.choices ?? []).map((choice) => ({
            value: choice.value,
            label: say(choice.title),
          }))}
          onChange={(event) => onChange(String(event.target.value))}
        />
      )
    case 'checkbox':
      return field.choices !== undefined && field.choices.length > 0 ? (
        <Checkbox.Group
          // antd gives the group no id; the label of the field names it.
          aria-label={say(field.title)}
          value={listOf(shown)}
          options={field.choices.map((choice) => ({
            value: choice.value,
            label: say(choice.title),
          }))}
          onChange={(next) => onChange(next)}
        />
      ) : (
        <Checkbox
          {...control}
          checked={shown === true}
          onChange={(event) => onChange(event.target.checked)}
        >
          {say(field.title)}
        </Checkbox>
      )
    case 'switch':
      return <Switch {...control} checked={shown === true} onChange={(next) => onChange(next)} />
    case 'secret':
      return (
        <Input.Password
          {...control}
          status={status}
          autoComplete="new-password"
          value={textOf(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'date':
      return (
        <Input
          {...control}
          status={status}
          type="date"
          className={style.wide}
          value={textOf(shown)}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    default:
      return field.kind satisfies never
  }
}

/** A selector: hosts picked by name, or any terms typed, with spaces between. */
const HostsControl = ({
  control,
  wrong,
  field,
  text,
  onChange,
}: ControlProps & { readonly text: string }) => {
  const { t } = useTexts()
  const status = wrong ? 'error' : undefined
  const hosts = useAnswer(hostRoutes.brief, {}, { staleTime: 60_000 })
  return (
    <Select
      {...control}
      className={style.pick}
      status={status}
      mode="tags"
      loading={hosts.isFetching}
      tokenSeparators={[' ', '\n', '\t']}
      value={text.split(/\s+/).filter((term) => term !== '')}
      placeholder={field.placeholder ?? t('modules.pickHosts')}
      options={(hosts.data?.items ?? []).map(({ name }) => ({ value: name, label: name }))}
      onChange={(next: string[]) => onChange(next.join(' '))}
    />
  )
}

/** What choices are asked with, and whether they can be asked for already. */
const askOf = ({ field, selector, values }: ControlProps) => {
  const from = field.choicesFrom
  if (from?.from === 'projects') return { body: { field: field.name }, needs: undefined }
  if (from?.from === 'playbooks') {
    const project = textOf(values[from.project])
    const body = { field: field.name, params: { [from.project]: project } }
    return { body, needs: project === '' ? ('modules.choicesNeedProject' as const) : undefined }
  }
  const needs = selector.trim() === '' ? ('modules.choicesNeedHosts' as const) : undefined
  return { body: { field: field.name, selector }, needs }
}

const FoundChoice = (props: ControlProps & { readonly many: boolean }) => {
  const { control, wrong, module, field, value, onChange, many } = props
  const { t } = useTexts()
  const status = wrong ? 'error' : undefined
  const { body, needs } = askOf(props)
  const choices = useAnswer(
    moduleRoutes.choices,
    { params: { name: module ?? '' }, body },
    { enabled: module !== undefined && needs === undefined, staleTime: 60_000 },
  )
  const options = (choices.data?.choices ?? []).map((choice) => ({
    value: choice.value,
    label: choice.title,
  }))
  const placeholder = needs === undefined ? field.placeholder : t(needs)
  // The server knows them all; a playbook may be one that it did not take for one.
  if (field.choicesFrom?.from === 'projects') {
    return (
      <Select
        {...control}
        className={style.pick}
        status={status}
        showSearch
        loading={choices.isFetching}
        value={textOf(value) || null}
        placeholder={placeholder}
        options={options}
        onChange={(next: string) => onChange(next)}
      />
    )
  }
  if (field.choicesFrom?.from === 'playbooks') {
    return (
      <AutoComplete
        {...control}
        className={style.pick}
        status={status}
        value={textOf(value)}
        placeholder={placeholder}
        options={options}
        onChange={(next: string) => onChange(next)}
      />
    )
  }
  return (
    <Select
      {...control}
      className={style.pick}
      status={status}
      showSearch
      mode={many ? 'multiple' : 'tags'}
      maxCount={many ? undefined : 1}
      loading={choices.isFetching}
      value={many ? listOf(value) : textOf(value) === '' ? [] : [textOf(value)]}
      placeholder={placeholder}
      notFoundContent={choices.error === null ? undefined : t('modules.choicesFailed')}
      options={options}
      onChange={(next: string[]) => onChange(many ? next : next.at(-1))}
    />
  )
}
