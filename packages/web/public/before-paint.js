// Sets theme and language before the first paint, so that a dark page never flashes white. A file of its own,
// not inline, because the content security policy allows no inline script.

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
