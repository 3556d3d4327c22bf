// Lets a `style` prop set custom properties, which is how tokens reach the style sheets.

import 'react'

declare module 'react' {
  interface CSSProperties {
    [custom: `--${string}`]: string | number | undefined
  }
}
