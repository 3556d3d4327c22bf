// `om projects …`.

import { resolve } from 'node:path'
import { type ProjectView, projectRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { lang, say } from '../lang.ts'
import { print, printJson, tableLines } from '../terminal.ts'

interface Json {
  readonly json?: boolean
}

interface PlaceOptions extends Json {
  readonly path?: string
  readonly git?: string
  readonly ref?: string
  readonly credential?: string
}

const timeText = (time: number): string =>
  new Date(time).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { hour12: false })

const short = (commit: string | null): string => commit?.slice(0, 12) ?? '-'

const placeText = ({ path, url, ref }: ProjectView): string =>
  path ?? `${url ?? ''}${ref === null ? '' : ` @ ${ref}`}`

export const list = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(projectRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '项目', en: 'PROJECT' }),
        say({ zh: '来源', en: 'FROM' }),
        say({ zh: '提交', en: 'COMMIT' }),
        'PLAYBOOKS',
        say({ zh: '上次读取', en: 'READ' }),
        say({ zh: '问题', en: 'TROUBLE' }),
      ],
      answer.items.map((item) => [
        item.name,
        placeText(item),
        short(item.commit),
        String(item.playbooks.length),
        timeText(item.refreshedAt),
        item.trouble?.text[lang] ?? '-',
      ]),
    ),
  )
}

export const show = async (name: string, options: Json): Promise<void> => {
  const project = await (await connect()).call(projectRoutes.show, { params: { id: name } })
  if (options.json) return printJson(project)
  print(...linesOf(project))
}

const linesOf = (project: ProjectView): string[] => [
  `${project.name}  ${placeText(project)}`,
  ...(project.credential === null
    ? []
    : [`${say({ zh: '凭据', en: 'credential' })}: ${project.credential}`]),
  ...(project.commit === null ? [] : [`${say({ zh: '提交', en: 'commit' })}: ${project.commit}`]),
  `${say({ zh: '上次读取', en: 'read' })}: ${timeText(project.refreshedAt)}`,
  `${say({ zh: '归档', en: 'archive' })}: sha256 ${project.sha256}  ${project.bytes.toLocaleString('en')} B  ${say(
    { zh: `${project.files} 个文件`, en: `${project.files} files` },
  )}`,
  ...(project.requirements
    ? [
        say({
          zh: '依赖：requirements.yml（执行前由主控端安装）',
          en: 'requirements: requirements.yml (installed by the controller before a run)',
        }),
      ]
    : []),
  ...(project.trouble === null
    ? []
    : [
        `${say({ zh: '问题', en: 'trouble' })}: ${project.trouble.text[lang]} (${timeText(project.trouble.at)})`,
      ]),
  '',
  ...(project.playbooks.length === 0
    ? [say({ zh: '没有找到 playbook。', en: 'No playbook was found in it.' })]
    : project.playbooks),
]

const bothPlaces = () =>
  new ExitError(
    EXIT_USAGE,
    say({
      zh: '请用 --path 目录 或 --git 地址 二者之一给出来源。',
      en: 'Say where it comes from: --path DIR or --git URL, one of the two.',
    }),
  )

/** A path is of the server; one that is not absolute can only be meant as seen from here. */
const bodyOf = (options: PlaceOptions) => ({
  path: options.path === undefined ? undefined : resolve(options.path),
  url: options.git,
  ref: options.ref,
  credential: options.credential,
})

export const add = async (name: string, options: PlaceOptions): Promise<void> => {
  if ((options.path === undefined) === (options.git === undefined)) throw bothPlaces()
  const body = { name, ...bodyOf(options) }
  const project = await (await connect()).call(projectRoutes.add, { body })
  if (options.json) return printJson(project)
  print(say({ zh: `已登记项目 ${name}。`, en: `Registered project ${name}.` }), ...linesOf(project))
}

export const set = async (name: string, options: PlaceOptions): Promise<void> => {
  if (options.path !== undefined && options.git !== undefined) throw bothPlaces()
  const project = await (await connect()).call(projectRoutes.change, {
    params: { id: name },
    body: bodyOf(options),
  })
  if (options.json) return printJson(project)
  print(...linesOf(project))
}

export const refresh = async (name: string, options: Json): Promise<void> => {
  const project = await (await connect()).call(projectRoutes.refresh, { params: { id: name } })
  if (options.json) return printJson(project)
  print(...linesOf(project))
}

export const remove = async (name: string, options: Json): Promise<void> => {
  const answer = await (await connect()).call(projectRoutes.remove, { params: { id: name } })
  if (options.json) return printJson(answer)
  print(say({ zh: `已删除项目 ${name}。`, en: `Removed project ${name}.` }))
}
