// What every key does.

import { Modal } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { useMe } from '../session/index.ts'
import style from './key-help.module.css'
import { allPlaces } from './navigation.ts'

const Keys = ({ keys }: { readonly keys: string }) => (
  <span className={style.keys}>
    {keys.split(' ').map((key) => (
      <kbd key={key}>{key}</kbd>
    ))}
  </span>
)

export const KeyHelp = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTexts()
  const { permissions } = useMe()
  const lists = ['j', 'k', 'x', 'Enter', 'Esc'] as const
  return (
    <Modal open title={t('app.keys')} footer={null} onCancel={onClose} width={560}>
      <div className={style.columns}>
        <section>
          <h3>{t('app.keyGroup.go')}</h3>
          <dl>
            {allPlaces
              .filter(({ needs }) => needs === undefined || permissions.includes(needs))
              .map(({ key, name }) => (
                <div key={key}>
                  <dt>
                    <Keys keys={`g ${key}`} />
                  </dt>
                  <dd>{t(`app.place.${name}`)}</dd>
                </div>
              ))}
          </dl>
        </section>
        <section>
          <h3>{t('app.keyGroup.everywhere')}</h3>
          <dl>
            <div>
              <dt>
                <Keys keys="/" />
              </dt>
              <dd>{t('app.keyDoes.search')}</dd>
            </div>
            <div>
              <dt>
                <Keys keys="g /" />
              </dt>
              <dd>{t('app.keyDoes.find')}</dd>
            </div>
            <div>
              <dt>
                <Keys keys="?" />
              </dt>
              <dd>{t('app.keyDoes.help')}</dd>
            </div>
          </dl>
          <h3>{t('app.keyGroup.lists')}</h3>
          <dl>
            {lists.map((key) => (
              <div key={key}>
                <dt>
                  <Keys keys={key} />
                </dt>
                <dd>{t(`app.keyDoes.${key}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Modal>
  )
}
