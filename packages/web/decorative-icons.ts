// Keeps antd's icons from naming what they stand in: each says its English name ("thunderbolt") to screen readers, so
// that a link of the navigation was called “thunderbolt 发起执行”. An icon of ours stands beside words or inside a named
// button, so it is decoration; one that was given a label of its own, or is clicked itself, stays an image.

import type { Plugin } from 'vite'

const found = /\(\{\s*role: "img",\s*"aria-label": icon\.name\s*\}, restProps/
const instead = `(restProps['aria-label'] === undefined && onClick === undefined
    ? { 'aria-hidden': true }
    : { role: 'img', 'aria-label': icon.name }, restProps`

/** Throws when antd's source is no longer what it was: an upgrade must not bring the names back unseen. */
export const hideIcon = (source: string): string => {
  if (!found.test(source)) {
    throw new Error(
      'An icon of antd is built otherwise than it was; see packages/web/decorative-icons.ts',
    )
  }
  return source.replace(found, () => instead)
}

/**
 * Here and not in a component around each icon: antd draws its own (arrows, alerts, spinners) by the same file. While
 * the page is being written (`npm run dev`), Vite bundles dependencies apart and they keep their names.
 */
export const decorativeIcons = (): Plugin => ({
  name: 'decorative-icons',
  enforce: 'pre',
  apply: 'build',
  transform: (source, id) =>
    /@ant-design\/icons\/es\/components\/AntdIcon(?:Light)?\.js$/.test(id.replaceAll('\\', '/'))
      ? { code: hideIcon(source), map: null }
      : undefined,
})
