// Which labels make the levels of the tree, in order. Apart, because few open it and it brings a whole picker.

import { Select } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { useLabelWord } from '../ui/index.ts'
import style from './label-tree-panel.module.css'

interface TreeOrderProps {
  readonly names: readonly string[]
  readonly order: readonly string[]
  readonly onOrder: (order: readonly string[]) => void
}

export const TreeOrder = ({ names, order, onOrder }: TreeOrderProps) => {
  const { t } = useTexts()
  const wordOf = useLabelWord()
  return (
    <Select
      mode="multiple"
      className={style.order}
      aria-label={t('hosts.treeBy')}
      value={[...order]}
      options={names.map((name) => ({
        value: name,
        // The key is what selectors are written with, so it stays beside its word.
        label: wordOf(name) === name ? name : `${wordOf(name)} ${name}`,
      }))}
      onChange={(next: string[]) => onOrder(next)}
    />
  )
}
