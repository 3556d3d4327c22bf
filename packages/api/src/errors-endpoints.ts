// Errors of endpoints of drivers.

import { entry } from './error-entry.ts'

export const endpointErrors = {
  ENDPOINT_MISSING: entry(
    400,
    '主机 {host}（机房 {idc}）的执行通道 {driver} 还没有接入点，未执行任何操作。先登记：om drivers add {driver}。',
    'Host {host} (IDC {idc}) is reached by {driver}, and no endpoint for that is registered; nothing was done. Register one: om drivers add {driver}.',
  ),
  ENDPOINT_UNKNOWN: entry(
    404,
    '没有执行通道接入点：{endpoint}',
    'There is no driver endpoint {endpoint}.',
  ),
  ENDPOINT_EXISTS: entry(
    409,
    '接入点 {endpoint} 已存在。',
    'A driver endpoint named {endpoint} exists already.',
  ),
  ENDPOINT_TAKEN: entry(
    409,
    '接入点 {endpoint} 已经用于同一执行通道的同一机房。请先删除它，或为新的指定其他机房。',
    'The endpoint {endpoint} serves the same driver and IDC. Delete it first, or give the new one another IDC.',
  ),
  ENDPOINT_PEM_BAD: entry(
    400,
    '{field} 无法解读：应为 PEM 格式的证书或私钥（私钥不能有密码）。',
    'The {field} cannot be read: it must be a PEM certificate, or a PEM private key without a passphrase.',
  ),
  ENDPOINT_KEY_OTHER: entry(
    400,
    '证书与私钥不是一对。',
    'The certificate and the private key do not belong together.',
  ),
  ENDPOINT_OVERLORD: entry(
    400,
    'transmit 方式需要一台已登记的主机作为 overlord：{overlord}',
    'The mode transmit needs a registered host as its overlord: {overlord}',
  ),
} as const
