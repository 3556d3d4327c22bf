// Errors of projects of playbooks.

import { entry } from './error-entry.ts'

export const projectErrorEntries = {
  PROJECT_UNKNOWN: entry(
    404,
    '没有项目 {project}。已登记的项目：{known}',
    'There is no project {project}. Registered: {known}.',
  ),
  PROJECT_EXISTS: entry(
    409,
    '项目 {project} 已存在。',
    'A project named {project} exists already.',
  ),
  PROJECT_PLACE: entry(
    400,
    '项目要么来自服务器上的文件夹（path），要么来自 Git 仓库（url），二者选一；版本和凭据只用于 Git。',
    'A project comes either from a folder of the server (path) or from a Git repository (url); a ref and a credential are for Git only.',
  ),
  PROJECT_PATH_BAD: entry(
    400,
    '不能用文件夹 {path} 作为项目：{why}',
    'The folder {path} cannot be a project: {why}.',
  ),
  PROJECT_URL_BAD: entry(
    400,
    '不能用这个 Git 地址：{why}',
    'This Git address cannot be used: {why}.',
  ),
  PROJECT_REF_UNKNOWN: entry(
    400,
    'Git 仓库 {url} 里没有分支、标签或提交 {ref}。',
    'The Git repository {url} has no branch, tag or commit {ref}.',
  ),
  PROJECT_UNREACHABLE: entry(
    422,
    '无法读取 Git 仓库 {url}：{message}。最后一次已知的提交：{commit}',
    'The Git repository {url} could not be read: {message}. Last known commit: {commit}.',
  ),
  PROJECT_GIT_MISSING: entry(
    422,
    '服务器上没有 git 命令，无法读取 Git 仓库。请安装 git。',
    'There is no git on the server, so that no Git repository can be read. Install git.',
  ),
  PROJECT_LINK: entry(
    422,
    '项目里的符号链接 {path} 指向项目之外（{target}），未打包。',
    'The symbolic link {path} leaves the project (it points to {target}); nothing was packed.',
  ),
  PROJECT_FILE_SPECIAL: entry(
    422,
    '项目里的 {path} 不是普通文件（{what}），未打包。',
    '{path} in the project is not a plain file ({what}); nothing was packed.',
  ),
  PROJECT_UNREADABLE: entry(
    422,
    '读不了项目里的 {path}：{message}',
    '{path} in the project cannot be read: {message}.',
  ),
  PROJECT_TOO_LARGE: entry(
    422,
    '项目太大：{what}超过 {limit}。把大文件移出项目，或用文件库分发。',
    'The project is too large: {what} above {limit}. Keep large files out of it, or send them from the file library.',
  ),
  PROJECT_ARCHIVE_GONE: entry(
    409,
    '项目 {project} 在那次执行时的归档已被清理，无法原样重跑；请重新发起。',
    'What project {project} was at that run is not kept any more, so that it cannot be run again as it was; launch it anew.',
  ),
  PLAYBOOK_MISSING: entry(
    400,
    '项目 {project} 里没有 playbook {playbook}。{similar}',
    'The project {project} has no playbook {playbook}. {similar}',
  ),
  PLAYBOOK_OUTSIDE: entry(
    400,
    'playbook 的路径必须在项目之内：{playbook}',
    'The path of a playbook must stay within its project: {playbook}',
  ),
} as const
