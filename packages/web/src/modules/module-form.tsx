// The form of a module, made from its fields. The server checks again by the module's own schema.

import { hostRoutes, moduleRoutes } from '@omserver/api'
import type { FormField, Json } from '@omserver/core'
import { Checkbox, Form, Input, InputNumber, Radio, Select, Switch } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
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
  if (fields.length === 0) return <p className={style.soft}>{t('modules.noFields')}</p>
  return (
    <Form layout="vertical" component="div">
      {fields
        .filter((field) => isVisible(field, fields, values))
        .map((field) => {
          const found = problems.filter((problem) => problem.field === field.name)
          const id = `param-${field.name}`
          return (
            <Form.Item
              key={field.name}
              label={say(field.title)}
              htmlFor={id}
              required={field.required}
              extra={field.help === undefined ? undefined : say(field.help)}
              validateStatus={found.length > 0 ? 'error' : undefined}
              help={
                found.length > 0
                  ? found.map((problem) => say(problem.message)).join(' ')
                  : undefined
              }
            >
              <FieldControl
                id={id}
                module={module}
                field={field}
                selector={selector}
                value={values[field.name]}
                onChange={(value) => {
                  const { [field.name]: _old, ...rest } = values
                  // What was emptied is left out, so that the module's own default holds.
                  onChange(
                    value === undefined || value === '' ? rest : { ...rest, [field.name]: value },
                  )
                }}
              />
            </Form.Item>
          )
        })}
    </Form>
  )
}

interface ControlProps {
  readonly id: string
  readonly module: string | undefined
  readonly field: FormField
  readonly selector: string
  readonly value: Json | undefined
  readonly onChange: (value: Json | undefined) => void
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const listOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

const FieldControl = (props: ControlProps) => {
  const { id, field, value, onChange } = props
  const { say } = useTexts()
  const shown = value ?? field.default
  switch (field.kind) {
    case 'text':
      return field.choicesFrom === undefined ? (
        <Input
          id={id}
          value={textOf(shown)}
          placeholder={field.placeholder}
          maxLength={field.maxLength}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <ChoiceFromHosts {...props} many={false} />
      )
    case 'textarea':
      return (
        <Input.TextArea
          id={id}
          className={style.code}
          autoSize={{ minRows: 3, maxRows: 24 }}
          value={textOf(shown)}
          placeholder={field.placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'number':
      return (
        <InputNumber
          id={id}
          className={style.wide}
          value={typeof shown === 'number' ? shown : null}
          min={field.min}
          max={field.max}
          precision={field.integer ? 0 : undefined}
          placeholder={field.placeholder}
          onChange={(next) => onChange(next ?? undefined)}
        />
      )
    case 'select':
      return field.choicesFrom === undefined ? (
        <Select
          id={id}
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
        <ChoiceFromHosts {...props} many={false} />
      )
    case 'multiSelect':
      return field.choicesFrom === undefined ? (
        <Select
          id={id}
          mode="multiple"
          value={listOf(shown)}
          options={(field.choices ?? []).map((choice) => ({
            value: choice.value,
            label: say(choice.title),
          }))}
          onChange={(next: string[]) => onChange(next)}
        />
      ) : (
        <ChoiceFromHosts {...props} many />
      )
    case 'hosts':
      return <HostsControl id={id} field={field} value={textOf(shown)} onChange={onChange} />
    case 'list':
      return (
        <Select
          id={id}
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
          id={id}
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
          id={id}
          checked={shown === true}
          onChange={(event) => onChange(event.target.checked)}
        >
          {say(field.title)}
        </Checkbox>
      )
    case 'switch':
      return <Switch id={id} checked={shown === true} onChange={(next) => onChange(next)} />
    case 'secret':
      return (
        <Input.Password
          id={id}
          autoComplete="new-password"
          value={textOf(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'date':
      return (
        <Input
          id={id}
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
  id,
  field,
  value,
  onChange,
}: Pick<ControlProps, 'id' | 'field' | 'onChange'> & { readonly value: string }) => {
  const { t } = useTexts()
  const hosts = useAnswer(hostRoutes.brief, {}, { staleTime: 60_000 })
  return (
    <Select
      id={id}
      mode="tags"
      loading={hosts.isFetching}
      tokenSeparators={[' ', '\n', '\t']}
      value={value.split(/\s+/).filter((term) => term !== '')}
      placeholder={field.placeholder ?? t('modules.pickHosts')}
      options={(hosts.data?.items ?? []).map(({ name }) => ({ value: name, label: name }))}
      onChange={(next: string[]) => onChange(next.join(' '))}
    />
  )
}

const ChoiceFromHosts = ({
  id,
  module,
  field,
  selector,
  value,
  onChange,
  many,
}: ControlProps & { readonly many: boolean }) => {
  const { t } = useTexts()
  const choices = useAnswer(
    moduleRoutes.choices,
    { params: { name: module ?? '' }, body: { field: field.name, selector } },
    { enabled: module !== undefined && selector.trim() !== '', staleTime: 60_000 },
  )
  return (
    <Select
      id={id}
      showSearch
      mode={many ? 'multiple' : 'tags'}
      maxCount={many ? undefined : 1}
      loading={choices.isFetching}
      value={many ? listOf(value) : textOf(value) === '' ? [] : [textOf(value)]}
      placeholder={selector.trim() === '' ? t('modules.choicesNeedHosts') : field.placeholder}
      notFoundContent={choices.error === null ? undefined : t('modules.choicesFailed')}
      options={(choices.data?.choices ?? []).map((choice) => ({
        value: choice.value,
        label: choice.title,
      }))}
      onChange={(next: string[]) => onChange(many ? next : next.at(-1))}
    />
  )
}
