// Opens the file chooser; what is chosen is uploaded at once.

import { UploadOutlined } from '@ant-design/icons'
import { useRef } from 'react'
import { ActionButton } from '../ui/index.ts'

export const UploadButton = (props: {
  readonly label: string
  readonly blocked: string | undefined
  readonly small?: boolean
  readonly onFile: (file: File) => void
}) => {
  const input = useRef<HTMLInputElement>(null)
  const size = props.small === true ? ({ size: 'small', type: 'text' } as const) : undefined
  return (
    <>
      <ActionButton
        {...(size ?? { type: 'primary', icon: <UploadOutlined aria-hidden /> })}
        blocked={props.blocked}
        onClick={() => input.current?.click()}
      >
        {props.label}
      </ActionButton>
      <input
        ref={input}
        hidden
        type="file"
        aria-label={props.label}
        onChange={({ target }) => {
          const file = target.files?.[0]
          // The same file may be chosen again.
          target.value = ''
          if (file) props.onFile(file)
        }}
      />
    </>
  )
}
