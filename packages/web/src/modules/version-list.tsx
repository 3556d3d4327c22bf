// The versions of a module: who saved what when, the difference to what is in the editor now, which one is published.

import type { CustomInput, CustomView } from '@omserver/api'
import { Button, Tag } from 'antd'
import { useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton } from '../ui/index.ts'
import style from './modules.module.css'
import { VersionDiff } from './version-diff.tsx'

interface VersionListProps {
  readonly module: CustomView
  readonly draft: CustomInput
  readonly onPublish: (version: number) => void
}

export const VersionList = ({ module, draft, onPublish }: VersionListProps) => {
  const { t, exactTime } = useTexts()
  const write = useMay('module.write')
  const [compared, setCompared] = useState<number>()
  return (
    <div>
      <ul className={style.versions}>
        {module.versions.map(({ version, savedAt, savedBy, note, published }) => (
          <li key={version}>
            <strong>{t('maker.version', { version })}</strong>
            <span>{exactTime(savedAt)}</span>
            <span>{savedBy}</span>
            <span className={style.soft}>{note}</span>
            {published && <Tag color="success">{t('maker.publishedTag')}</Tag>}
            <Button
              size="small"
              type={compared === version ? 'primary' : 'default'}
              ghost={compared === version}
              onClick={() => setCompared(compared === version ? undefined : version)}
            >
              {t('maker.compare')}
            </Button>
            {!published && (
              <ActionButton size="small" blocked={write.why} onClick={() => onPublish(version)}>
                {t('maker.publish', { version })}
              </ActionButton>
            )}
          </li>
        ))}
      </ul>
      {compared !== undefined && <VersionDiff id={module.id} version={compared} to={draft} />}
    </div>
  )
}
