// The form builder: fields one under the other, each with what its kind needs.

import type { CustomInput } from '@omserver/api'
import { Button } from 'antd'
import { useTexts } from '../i18n/index.ts'
import type { ProblemSays } from './draft-problems.ts'
import { FieldCard } from './field-card.tsx'
import style from './modules.module.css'

type Field = CustomInput['fields'][number]

interface Props {
  readonly fields: readonly Field[]
  readonly says: ProblemSays
  readonly onChange: (fields: readonly Field[]) => void
}

export const FieldBuilder = ({ fields, says, onChange }: Props) => {
  const { t } = useTexts()
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
          <FieldCard
            // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed; the place is the identity
            key={index}
            field={field}
            others={fields.filter((_, at) => at !== index)}
            says={(part) => says('form', part, index)}
            first={index === 0}
            last={index === fields.length - 1}
            onChange={(next) => onChange(fields.map((one, at) => (at === index ? next : one)))}
            onMove={(by) => move(index, by)}
            onRemove={() => onChange(fields.filter((_, at) => at !== index))}
          />
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
        {t('maker.addField')}
      </Button>
    </div>
  )
}
