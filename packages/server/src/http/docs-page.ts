// The page to read the contract: made here from the OpenAPI document, without script, so that no policy need bend.

import type { OpenApiDocument } from '@omserver/api'

/** `theme`: of the page that led here; undefined follows the system. */
export const docsPage = (document: OpenApiDocument, theme?: 'light' | 'dark'): string => {
  const tags = document.tags.map(({ name }) => name)
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const section = (tag: string) =>
    `<section id="${escapeHtml(tag)}"><h2>${escapeHtml(tag)}</h2>${operations
      .filter(({ operation }) => operation.tags.includes(tag))
      .map(operationHtml)
      .join('')}</section>`
  const schemas = Object.entries(document.components.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary>${json(schema)}</details>`,
  )
  return `<!doctype html>
<html lang="en"${theme === undefined ? '' : ` data-theme="${theme}"`}><head><meta charset="utf-8"><title>OMServer API</title><link rel="icon" href="/favicon.svg" type="image/svg+xml">
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>
<body><nav aria-label="API"><a href="/">OMServer</a> <strong>API</strong> ${tags
    .map((tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`)
    .join(' ')} <a href="#schemas">schemas</a> <a href="/api/openapi.json">openapi.json</a></nav>
<main><h1>OMServer API</h1><p>${escapeHtml(document.info.description)}</p>
<p lang="zh">用会话修改数据时，须在请求头 <code>x-om-csrf</code> 中带上登录或 <code>auth.me</code> 返回的 <code>csrf</code>；API 令牌（<code>Authorization: Bearer om_…</code>）不需要。</p>
${tags.map(section).join('')}
<section id="schemas"><h2>schemas</h2>${schemas.join('')}</section></main></body></html>`
}

type Operation = OpenApiDocument['paths'][string][string]

const operationHtml = (entry: {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}): string => {
  const { path, method, operation } = entry
  const parameters = operation.parameters.map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${parameter.in}${parameter.required ? ', required' : ''}</td><td>${json(parameter.schema)}</td></tr>`,
  )
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const { description, content } = response as {
      description: string
      content: Record<string, { schema: unknown }>
    }
    const body = Object.entries(content)
      .map(([type, { schema }]) => `<p><code>${escapeHtml(type)}</code></p>${json(schema)}`)
      .join('')
    return `<h4>${escapeHtml(status)}</h4><p class="errors">${escapeHtml(description)}</p>${status === '200' ? body : ''}`
  })
  return `<details id="${escapeHtml(operation.operationId)}"><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code> <span>${escapeHtml(operation.summary)}</span> <span lang="zh">${escapeHtml(operation['x-summary-zh'])}</span> <i>${escapeHtml(operation['x-may'])}</i></summary>
${parameters.length > 0 ? `<table>${parameters.join('')}</table>` : ''}
${operation.requestBody ? `<h4>body</h4>${json(operation.requestBody)}` : ''}${responses.join('')}</details>`
}

const json = (value: unknown): string => `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`

const escapeHtml = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (sign) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign] ?? sign,
  )

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882 }
:root[data-theme=light] { color-scheme: light } :root[data-theme=dark] { color-scheme: dark }
body { font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0 }
nav { position: sticky; top: 0; background: Canvas; border-bottom: 1px solid var(--line); padding: 8px 16px }
nav a { margin-left: 8px } main { max-width: 1000px; margin: 0 auto; padding: 0 16px 64px }
details { border-bottom: 1px solid var(--line); padding: 4px 0 } summary { cursor: pointer }
summary b { display: inline-block; width: 4.5em } summary span { margin-left: 8px; opacity: .8 }
summary i { margin-left: 8px; padding: 0 6px; border: 1px solid var(--line); border-radius: 4px }
pre { background: var(--soft); padding: 8px; overflow: auto; max-height: 320px; margin: 4px 0 }
td { vertical-align: top; padding-right: 16px } .errors { white-space: pre-line }
`
