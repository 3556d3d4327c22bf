// A button that, when it cannot be used, stays reachable and says why.

import { Button, type ButtonProps, Tooltip } from 'antd'
import { useId } from 'react'

interface ActionButtonProps extends Omit<ButtonProps, 'disabled'> {
  /** Why it cannot be used now; undefined: it can. */
  readonly blocked?: string | undefined
}

export const ActionButton = ({ blocked, onClick, className, ...rest }: ActionButtonProps) => {
  const id = useId()
  if (blocked === undefined) return <Button {...rest} className={className} onClick={onClick} />
  return (
    <Tooltip title={blocked}>
      <Button
        {...rest}
        type={rest.type === 'text' ? 'text' : 'default'}
        danger={false}
        htmlType="button"
        className={`om-blocked ${className ?? ''}`}
        aria-disabled
        aria-describedby={id}
        onClick={(event) => event.preventDefault()}
      >
        {rest.children}
        <span id={id} hidden>
          {blocked}
        </span>
      </Button>
    </Tooltip>
  )
}
