// Plain JSON values: the only thing that crosses a process, a wire or a table as "data".

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }
