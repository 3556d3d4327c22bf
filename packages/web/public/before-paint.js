// Sets theme and language before the first paint, so that a dark page never flashes white. A file of its own,
// not inline, because the content security policy allows no inline script.

// Zod tries whether it may compile functions, as soon as the first schema is made; the policy forbids it, and every
// page would report a breach. `z.config` comes too late: shared chunks run before the one that could call it.
globalThis.__zod_globalConfig = { jitless: true }

;(() => {
  let kept = {}
  try {
    kept = JSON.parse(localStorage.getItem('om.preferences') || '{}')
  } catch {
    kept = {}
  }
  const dark =
    kept.theme === 'dark' ||
    (kept.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  const page = document.documentElement
  page.dataset.theme = dark ? 'dark' : 'light'
  const language = kept.lang || navigator.language || 'zh'
  page.lang = language.startsWith('zh') ? 'zh-CN' : 'en'
})()
