// The navigation: every place the person has the right to, in groups.

import { Link } from '@tanstack/react-router'
import { Tooltip } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { useMe } from '../session/index.ts'
import { placeGroups } from './navigation.ts'
import style from './shell.module.css'

interface PlacesProps {
  /** Icons only. */
  readonly folded: boolean
  readonly onGo?: () => void
}

export const Places = ({ folded, onGo }: PlacesProps) => {
  const { t } = useTexts()
  const { permissions } = useMe()
  return (
    <nav aria-label={t('app.navigation')} className={style.places}>
      {placeGroups.map((group) => {
        const places = group.places.filter(
          ({ needs }) => needs === undefined || permissions.includes(needs),
        )
        if (places.length === 0) return null
        return (
          <section key={group.name}>
            <h2 className={folded ? 'om-unseen' : style.groupName}>
              {t(`app.group.${group.name}`)}
            </h2>
            <ul>
              {places.map(({ name, to, icon: Icon }) => (
                <li key={name}>
                  <Tooltip title={folded ? t(`app.place.${name}`) : undefined} placement="right">
                    <Link
                      to={to}
                      className={style.place}
                      activeProps={{ className: `${style.place} ${style.here}` }}
                      aria-label={folded ? t(`app.place.${name}`) : undefined}
                      onClick={onGo}
                    >
                      <Icon aria-hidden />
                      {folded ? null : <span>{t(`app.place.${name}`)}</span>}
                    </Link>
                  </Tooltip>
                </li>
              ))}
            </ul>
          </section>
        )
      })}
    </nav>
  )
}
