// `om modules …`.

import { moduleRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { lang, say } from '../lang.ts'
import { bold, dim, print, printJson, tableLines, warn } from '../terminal.ts'

interface Json {
  readonly json?: boolean
}

export const list = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(moduleRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '任务模块', en: 'MODULE' }),
        say({ zh: '名称', en: 'TITLE' }),
        say({ zh: '说明', en: 'SUMMARY' }),
      ],
      answer.items.map((item) => [item.name, item.title[lang], item.summary[lang]]),
    ),
  )
  for (const broken of answer.broken) {
    warn(
      say({
        zh: `未载入 ${broken.file}${broken.line ? `:${broken.line}` : ''}：${broken.message}`,
        en: `Not loaded: ${broken.file}${broken.line ? `:${broken.line}` : ''}: ${broken.message}`,
      }),
    )
  }
}

export const show = async (name: string, options: Json): Promise<void> => {
  const module = await (await connect()).call(moduleRoutes.show, { params: { name } })
  if (options.json) return printJson(module)
  print(`${bold(module.name)}  ${module.title[lang]}`, module.summary[lang])
  if (module.needs) print(dim(module.needs[lang]))
  if (module.dangerous) print(say({ zh: '危险：', en: 'Dangerous: ' }) + module.dangerous[lang])
  if (module.fields.length === 0) return
  print('')
  print(
    ...tableLines(
      [
        say({ zh: '参数', en: 'PARAM' }),
        say({ zh: '类型', en: 'KIND' }),
        say({ zh: '必填', en: 'REQUIRED' }),
        say({ zh: '默认', en: 'DEFAULT' }),
        say({ zh: '说明', en: 'MEANING' }),
      ],
      module.fields.map((field) => [
        field.name,
        field.choices ? field.choices.map((choice) => choice.value).join('|') : field.kind,
        field.required ? say({ zh: '是', en: 'yes' }) : '',
        field.default === undefined ? '' : JSON.stringify(field.default),
        field.title[lang],
      ]),
    ),
  )
}
