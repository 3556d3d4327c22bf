// Asks before what was typed is thrown away: by Cancel or Esc, by Back or a link, by closing the tab.

import { useBlocker } from '@tanstack/react-router'
import { Modal } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTexts } from '../i18n/index.ts'

interface Unsaved {
  /** Goes at once when nothing would be lost, else asks first. */
  readonly leave: (then: () => void) => void
  /** Once it is saved: leaves without a question. */
  readonly saved: (then: () => void) => void
  /** Belongs into the page: the question, while it is open. */
  readonly question: ReactNode
}

const inSearch = (search: object, key: string): unknown => new Map(Object.entries(search)).get(key)

/** `heldBy`: the parameters of the address that keep the form open; others may change under it. */
export const useUnsaved = (dirty: boolean, heldBy: readonly string[] = []): Unsaved => {
  const { t } = useTexts()
  const [pending, setPending] = useState<{ readonly then: () => void } | undefined>()
  const free = useRef(false)
  // Where the form stays, what is typed next is at stake again.
  useEffect(() => {
    if (dirty) free.current = false
  }, [dirty])
  const blocker = useBlocker({
    disabled: !dirty,
    enableBeforeUnload: () => dirty && !free.current,
    withResolver: true,
    shouldBlockFn: ({ current, next }) => {
      // A session that ended must be able to begin again.
      if (free.current || next.pathname === '/login') return false
      return (
        current.pathname !== next.pathname ||
        heldBy.some((key) => inSearch(current.search, key) !== inSearch(next.search, key))
      )
    },
  })
  const go = (then: () => void) => {
    free.current = true
    then()
  }
  const stay = () => {
    setPending(undefined)
    blocker.reset?.()
  }
  const drop = () => {
    const { then } = pending ?? {}
    setPending(undefined)
    if (then !== undefined) go(then)
    else blocker.proceed?.()
  }
  return {
    leave: (then) => (dirty ? setPending({ then }) : then()),
    saved: go,
    question:
      pending === undefined && blocker.status !== 'blocked' ? null : (
        <Modal
          open
          width={420}
          title={t('ui.unsaved.title')}
          okText={t('ui.unsaved.drop')}
          okButtonProps={{ danger: true }}
          cancelText={t('ui.unsaved.stay')}
          cancelButtonProps={{ autoFocus: true }}
          onOk={drop}
          onCancel={stay}
        >
          {t('ui.unsaved.body')}
        </Modal>
      ),
  }
}
