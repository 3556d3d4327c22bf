// Tells a service to restart, reload or stop, and says what became of it: with systemd, or with init scripts.

import { raw, type ShellAction, sh } from '@omserver/core'

// Sorted by name, so that each pattern is a whole answer. A oneshot unit is inactive when its work is done; any
// other that is inactive does not run. The exit code 3 is that of `systemctl is-active`.
const runs = `
    'ActiveState=active '*|'ActiveState=reloading '*) echo active ;;
    'ActiveState=inactive Result=success Type=oneshot ') echo 'done, as a oneshot unit is' ;;`

// A unit that a signal ended (a JVM: 143) is called failed, and does not run either.
const rests = `
    'ActiveState=inactive '*) echo inactive ;;
    'ActiveState=failed '*) echo 'not running; it ended with an error' ;;`

const good = { restart: runs, reload: runs, stop: rests } as const

// No `systemctl show --value`: systemd 219 of RHEL 7 does not know it. Accounts other than root do not look into
// sbin, where `service` is.
export const tellUnit = (verb: keyof typeof good, service: string): ShellAction =>
  sh`if [ -d /run/systemd/system ]; then
  failed() { systemctl --no-pager -l -n 10 status ${service} >&2; exit "$1"; }
  systemctl ${raw(verb)} ${service} || failed $?
  case $(systemctl --no-pager show ${service} -p Type -p Result -p ActiveState | LC_ALL=C sort | tr '\n' ' ') in${raw(good[verb])}
    *) failed 3 ;;
  esac
else PATH=$PATH:/usr/sbin:/sbin; service ${service} ${raw(verb)}; fi`
