// What a controller tells whoever looks after it.

/** The part of a pino logger that a controller needs. */
export interface ControllerLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}
