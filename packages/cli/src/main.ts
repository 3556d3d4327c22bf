// `om`: the command line. Each command's code is loaded only when it is called, so that start-up stays short.

import { Command, CommanderError } from 'commander'
import about from '../package.json' with { type: 'json' }
import { speak } from './commander-texts.ts'
import { describeCommands } from './commands.ts'
import { EXIT_SERVER, EXIT_USAGE } from './exit.ts'
import { say } from './lang.ts'

const program = speak(new Command('om'))
  .description(
    say({
      zh: 'OMServer 命令行：选任务模块与主机，执行，看每台主机的回答',
      en: 'OMServer on the command line: pick a module and hosts, run, watch every host answer',
    }),
  )
  .version(about.version, '-V, --version', say({ zh: '显示版本', en: 'show the version' }))
  .option(
    '--direct <url>',
    say({
      zh: '不经服务端，直接让该 nats-server 所在机房的主控端执行（run、runs show|follow|abort）',
      en: 'without the server: have it done by the controllers of the IDC of this nats-server (run, runs show|follow|abort)',
    }),
  )
  .option(
    '--pki <dir>',
    say({
      zh: '--direct 所用的客户端身份目录',
      en: 'folder of the client’s identity, for --direct',
    }),
  )
  // So that `om server --pki DIR` stays what it was.
  .enablePositionalOptions()
  .showHelpAfterError(say({ zh: '（加 --help 查看用法）', en: '(add --help for usage)' }))
  .exitOverride()

describeCommands(program)

// `om hosts list | head` closes the pipe early: that is how pipes end, not an error.
// Of a run it ends the watching: the code then says that nobody has seen every host be ok.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    if (stream === process.stdout) console.error(error.message)
    process.exit(EXIT_SERVER)
  })
}

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are not errors; everything else commander throws is a matter of usage.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE
  } else {
    const { exitErrorOf } = await import('./connection.ts')
    const { readAccount } = await import('./account.ts')
    const failure = exitErrorOf(error, (await readAccount().catch(() => undefined))?.url)
    const { warn } = await import('./terminal.ts')
    warn(failure.message)
    process.exitCode = failure.exitCode
  }
}
