// Every colour, shape and measure of the screen: the one place where the look of OMServer is decided.

import type { HostState, RunState } from '@omserver/core'

export type Theme = 'light' | 'dark'

/**
 * Outlines on a 16 × 16 field, for an SVG `path` and for a canvas `Path2D` alike. Told apart by shape alone:
 * circle, ring, square, triangle, diamond and bar stay different in grey and at 10 px.
 */
export const shapes = {
  ring: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 1.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4Z',
  pie: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 1.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4ZM8 5v6a3 3 0 0 0 0-6Z',
  tick: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm3.1 3.6L7 9.3 4.9 7.2 3.7 8.4 7 11.7l5.3-5.4-1.2-1.2Z',
  cross:
    'M3 1.8h10c.7 0 1.2.5 1.2 1.2v10c0 .7-.5 1.2-1.2 1.2H3c-.7 0-1.2-.5-1.2-1.2V3c0-.7.5-1.2 1.2-1.2Zm2.4 2.4L4.2 5.4 6.8 8l-2.6 2.6 1.2 1.2L8 9.2l2.6 2.6 1.2-1.2L9.2 8l2.6-2.6-1.2-1.2L8 6.8 5.4 4.2Z',
  triangle:
    'M8 1.4c.4 0 .7.2.9.5l6 10.9c.4.7-.1 1.5-.9 1.5H2c-.8 0-1.3-.8-.9-1.5l6-10.9c.2-.3.5-.5.9-.5ZM7.1 5.4v4.2h1.8V5.4H7.1Zm0 5.4v1.8h1.8v-1.8H7.1Z',
  clock:
    'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm0 1.7a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6Zm-.8 1.6h1.6v2.9l2.2 1.6-1 1.3-2.8-2.1V4.8Z',
  bar: 'M2.8 6.2h10.4c.6 0 1 .4 1 1v1.6c0 .6-.4 1-1 1H2.8c-.6 0-1-.4-1-1V7.2c0-.6.4-1 1-1Z',
  stop: 'M3 1.8h10c.7 0 1.2.5 1.2 1.2v10c0 .7-.5 1.2-1.2 1.2H3c-.7 0-1.2-.5-1.2-1.2V3c0-.7.5-1.2 1.2-1.2Zm.5 1.7v9h9v-9h-9Zm1.8 1.8h5.4v5.4H5.3V5.3Z',
  question:
    'M7.3 1.1c.4-.4 1-.4 1.4 0l6.2 6.2c.4.4.4 1 0 1.4l-6.2 6.2c-.4.4-1 .4-1.4 0L1.1 8.7c-.4-.4-.4-1 0-1.4l6.2-6.2ZM8 4.3c-1.4 0-2.3.8-2.4 2h1.6c0-.4.3-.7.8-.7s.8.3.8.7c0 .4-.2.6-.7.9-.7.4-1 .9-1 1.7v.3h1.6v-.2c0-.4.2-.6.7-.9.7-.4 1-.9 1-1.7 0-1.3-.9-2.1-2.4-2.1Zm-.9 5.7v1.6h1.7V10H7.1Z',
  pause: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM5.4 5v6h1.8V5H5.4Zm3.4 0v6h1.8V5H8.8Z',
  person:
    'M8 1.8a3 3 0 1 1 0 6 3 3 0 0 1 0-6Zm0 7c3.2 0 5.6 1.8 5.8 4.4.1.6-.4 1-1 1H3.2c-.6 0-1.1-.4-1-1C2.4 10.6 4.8 8.8 8 8.8Z',
} as const
type Shape = keyof typeof shapes

export interface StatusToken {
  readonly shape: Shape
  /** Text and mark: at least 4.5:1 on the page and on a card of that theme. */
  readonly light: string
  readonly dark: string
}

export const hostStatus: Readonly<Record<HostState, StatusToken>> = {
  queued: { shape: 'ring', light: '#6a7480', dark: '#8d98a5' },
  running: { shape: 'pie', light: '#1262c4', dark: '#6cb0ff' },
  ok: { shape: 'tick', light: '#14753f', dark: '#4cc38a' },
  failed: { shape: 'cross', light: '#c4242c', dark: '#ff7a79' },
  unreachable: { shape: 'triangle', light: '#a34a00', dark: '#f5a35c' },
  timedOut: { shape: 'clock', light: '#7a3fc2', dark: '#bf9bf5' },
  skipped: { shape: 'bar', light: '#5c6670', dark: '#98a2ad' },
  aborted: { shape: 'stop', light: '#474f58', dark: '#b4bdc7' },
  lost: { shape: 'question', light: '#a8227d', dark: '#f08ccb' },
}

export const runStatus: Readonly<Record<RunState, StatusToken>> = {
  awaitingApproval: { shape: 'person', light: '#8a5a00', dark: '#e8bd55' },
  queued: hostStatus.queued,
  running: hostStatus.running,
  paused: { shape: 'pause', light: '#8a5a00', dark: '#e8bd55' },
  succeeded: hostStatus.ok,
  failed: hostStatus.failed,
  aborted: hostStatus.aborted,
}

/** Surfaces, text and the one accent; written as `--om-…` on the page (see app/theme.tsx). */
export const palette = {
  light: {
    page: '#f5f6f7',
    card: '#ffffff',
    raised: '#ffffff',
    sunken: '#eef0f2',
    chip: '#eef0f2',
    line: '#dfe3e7',
    lineStrong: '#c3cad1',
    text: '#1c2329',
    textSoft: '#57616b',
    textFaint: '#66707a',
    accent: '#0b6b80',
    accentHover: '#095a6c',
    accentSoft: '#e3f1f4',
    onAccent: '#ffffff',
    danger: '#c4242c',
    dangerSoft: '#fdecec',
    warning: '#8a5a00',
    warningSoft: '#fdf3dc',
    good: '#14753f',
    goodSoft: '#e4f4ea',
    shadow: '0 1px 2px rgb(16 24 32 / 6%), 0 4px 16px rgb(16 24 32 / 8%)',
  },
  dark: {
    page: '#111518',
    card: '#181d21',
    raised: '#20262b',
    sunken: '#14191c',
    chip: '#2a3137',
    line: '#2b3238',
    lineStrong: '#414a52',
    text: '#e3e8ec',
    textSoft: '#a5afb8',
    textFaint: '#8f99a3',
    accent: '#45b8cf',
    accentHover: '#6acbe0',
    accentSoft: '#10343c',
    onAccent: '#06181c',
    danger: '#ff7a79',
    dangerSoft: '#3a1b1d',
    warning: '#e8bd55',
    warningSoft: '#352a10',
    good: '#4cc38a',
    goodSoft: '#12301f',
    shadow: '0 1px 2px rgb(0 0 0 / 40%), 0 6px 20px rgb(0 0 0 / 45%)',
  },
} as const satisfies Record<Theme, Record<string, string>>

/** No web fonts: the system's Latin face first, then the Chinese face that belongs to that system. */
export const fonts = {
  text: 'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif',
  code: 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", "Sarasa Mono SC", "PingFang SC", "Microsoft YaHei", monospace',
} as const

/** Pixels. The rhythm is 8; a row of a dense table is 34. */
export const measures = {
  fontSize: 13,
  control: 30,
  row: 34,
  radius: 5,
  nav: 212,
  navFolded: 52,
  bar: 48,
  /** Below this width the screen is a phone: drawer, bottom bar, rows as cards. */
  phone: 720,
} as const
