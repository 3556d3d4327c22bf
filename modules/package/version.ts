// package.version: which version of a package each host has.

import { field, module, sh } from '@omserver/core'
import { z } from 'zod'

export const packageVersion = module({
  name: 'package.version',
  title: { zh: '软件包版本', en: 'Package version' },
  summary: { zh: '查询软件包的已安装版本', en: 'The installed version of packages' },
  category: 'package',
  idempotent: true,
  params: z.object({
    packages: z
      .array(
        z
          .string()
          .max(200)
          .regex(/^[A-Za-z0-9][A-Za-z0-9+._:-]*$/),
      )
      .min(1)
      .max(50)
      .meta(
        field({
          title: { zh: '软件包', en: 'Packages' },
          placeholder: 'openssl',
          format: {
            zh: '软件包名只含字母、数字和 . _ - + :，以字母或数字开头',
            en: 'names of letters, digits and . _ - + :, beginning with a letter or digit',
          },
        }),
      ),
  }),
  // Both are asked where both are there: each family packages the other's tool. A held package is installed (hi);
  // of two architectures the first one speaks.
  action: ({ packages }) => sh`has() { command -v "$1" >/dev/null 2>&1; }
has dpkg-query || has rpm || { echo 'this host has neither dpkg nor rpm' >&2; exit 127; }
for p in ${packages}; do
  v=
  if has dpkg-query; then v=$(dpkg-query -W -f='\${db:Status-Abbrev}\${Version}\n' -- "$p" 2>/dev/null | sed -n 's/^[a-z]i *//p' | head -n 1); fi
  if [ -z "$v" ] && has rpm; then v=$(rpm -q --qf '%{VERSION}-%{RELEASE}\n' -- "$p" 2>/dev/null | tail -n 1); case $v in *' '*) v= ;; esac; fi
  printf '%s %s\n' "$p" "\${v:--}"
done`,
  table: {
    columns: [
      { key: 'package', title: { zh: '软件包', en: 'Package' }, type: 'text' },
      { key: 'version', title: { zh: '版本', en: 'Version' }, type: 'text' },
    ],
    rows: { by: 'split' },
  },
  needs: { zh: 'Debian 或 RHEL 系（dpkg 或 rpm）', en: 'Debian or RHEL family (dpkg or rpm)' },
})
