// What another version of OMServer has written, and this one cannot read.

export class UnreadableVersion extends RangeError {
  override readonly name = 'UnreadableVersion'
  readonly version: number

  /** @param what it is, as `a message` */
  constructor(what: string, version: number, ours: number) {
    super(`${what} of version ${version}; this OMServer reads ${ours}`)
    this.version = version
  }
}

/** What a board shows in the place of such a value. */
export interface UnreadableValue {
  readonly unreadableVersion: number
}
