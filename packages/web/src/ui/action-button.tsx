// A button that, when it cannot be used, stays reachable and says why. The main one of a form says it in sight.

import { Button, type ButtonProps, Tooltip } from 'antd'
import { useId } from 'react'

interface ActionButtonProps extends Omit<ButtonProps, 'disabled'> {
  /** Why it cannot be used now; undefined: it can. */
  readonly blocked?: string | undefined
  /** Whether the reason stands beside the button; else it comes by pointing, focus or a press. */
  readonly inSight?: boolean
}

export const ActionButton = ({
  blocked,
  inSight = false,
  onClick,
  className,
  ...rest
}: ActionButtonProps) => {
  const id = useId()
  if (blocked === undefined) return <Button {...rest} className={className} onClick={onClick} />
  const button = (
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
      {inSight ? null : (
        <span id={id} hidden>
          {blocked}
        </span>
      )}
    </Button>
  )
  if (inSight) {
    return (
      <span className="om-row">
        {button}
        <span id={id} className="om-soft">
          {blocked}
        </span>
      </span>
    )
  }
  return (
    // A thumb cannot point: there a press shows it.
    <Tooltip title={blocked} trigger={['hover', 'focus', 'click']}>
      {button}
    </Tooltip>
  )
}
