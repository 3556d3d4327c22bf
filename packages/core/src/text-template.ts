// Texts with `{{host.name}}` in them: filled in for each host before anything is sent to it.

import { Problem } from './problem.ts'

// `\{{host.name}}` and what is no variable of a host (`{{ .Names }}`, `{{ user }}`) stay the text's own.
const placeholder = /(\\?)\{\{[ \t]*(host\.[A-Za-z0-9_.-]*[A-Za-z0-9_-])[ \t]*\}\}/g

/** Throws Problem VAR_UNSET {name}. */
export const fillTemplate = (text: string, vars: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (whole: string, backslash: string, name: string) => {
    if (backslash !== '') return whole.slice(1)
    const value = Object.hasOwn(vars, name) ? vars[name] : undefined
    if (value === undefined) throw new Problem('VAR_UNSET', { name })
    return value
  })
