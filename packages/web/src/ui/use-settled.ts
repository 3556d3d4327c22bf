// A value that has stood still for a moment: what a preview is asked for while somebody types.

import { useEffect, useState } from 'react'

export const useSettled = <T>(value: T, ms = 350): T => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
