// A button that, when it cannot be used, stays reachable and says why.

import { Button, type ButtonProps, Tooltip } from 'antd'
import { useId } from 'react'

interface ActionButtonProps extends Omit<ButtonProps, 'disabled'> {
  /** Why it cannot be used now; undefined: it can. */
  readonly blocked?: string | undefined
  /** The reason stands beside it: at the one button of a form, and a phone has no hover. */
  readonly saysWhy?: boolean
}

export const ActionButton = ({
  blocked,
  saysWhy = false,
  onClick,
  className,
  ...rest
}: ActionButtonProps) => {
  const id = useId()
  if (blocked === undefined) return <Button {...rest} className={className} onClick={onClick} />
  const button = (
    <Tooltip title={saysWhy ? undefined : blocked}>
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
        {saysWhy ? null : (
          <span id={id} hidden>
            {blocked}
          </span>
        )}
      </Button>
    </Tooltip>
  )
  if (!saysWhy) return button
  return (
    <span className="om-row">
      {button}
      <span id={id} className="om-soft">
        {blocked}
      </span>
    </span>
  )
}
