// The exit codes other programs rely on, and the one error class that carries them.

export const EXIT_OK = 0
/** Some host is not ok. */
export const EXIT_HOSTS = 1
/** Usage, validation, an empty selection, or a confirmation that was needed and not given. */
export const EXIT_USAGE = 2
/** The server cannot be reached, or it denies permission. */
export const EXIT_SERVER = 3

export type ExitCode = 0 | 1 | 2 | 3

/** Ends the command with a message on standard error and a code. */
export class ExitError extends Error {
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
