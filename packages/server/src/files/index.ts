// Files (文件库): what copies put onto hosts, with versions, kept in the database so that every server has it.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { createContents } from './contents.ts'
import { copySource } from './copy-source.ts'
import { fileHandlers } from './routes.ts'
import { type FileService, type FilesParts, fileService } from './service.ts'

export const createFiles = (services: Services, parts: FilesParts) => {
  const contents = createContents(services)
  const service = fileService(services, contents, parts)
  const slice: Slice<FileService> = {
    service,
    handlers: fileHandlers(service),
    start: () => contents.cleanForgotten(),
  }
  return { ...slice, contents, copySource: copySource(service) }
}
