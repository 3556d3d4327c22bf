// Who is signed in, the way to one's own settings, and the way out.

import { LogoutOutlined, SettingOutlined, UserOutlined } from '@ant-design/icons'
import { authRoutes } from '@omserver/api'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button, Popover } from 'antd'
import { useState } from 'react'
import { client, queryClient } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { dropWork, useMe } from '../session/index.ts'
import style from './user-menu.module.css'

export const UserMenu = () => {
  const { t } = useTexts()
  const me = useMe()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const signOut = async () => {
    // Signed out is signed out: a server that cannot be reached must not keep the screen open.
    await client.call(authRoutes.logout, {}).catch(() => undefined)
    queryClient.clear()
    dropWork()
    await navigate({ to: '/login', search: {} })
  }
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      content={
        <div className={style.menu}>
          <div className={style.who}>
            <strong>{me.displayName === '' ? me.name : me.displayName}</strong>
            <span className="om-soft">
              {me.name} · {t(`app.role.${me.role}`)}
            </span>
          </div>
          <Link to="/settings" className={style.item} onClick={() => setOpen(false)}>
            <SettingOutlined aria-hidden /> {t('app.mySettings')}
          </Link>
          <button type="button" className={style.item} onClick={() => void signOut()}>
            <LogoutOutlined aria-hidden /> {t('app.signOut')}
          </button>
        </div>
      }
    >
      <Button type="text" icon={<UserOutlined />} aria-label={t('app.account', { name: me.name })}>
        <span className={style.name}>{me.displayName === '' ? me.name : me.displayName}</span>
      </Button>
    </Popover>
  )
}
