// What the other side of a call said is wrong, and where that was.

import { Problem, type ProblemDetails } from '@omserver/core'
import type { Idc } from '../ports.ts'

export interface Place {
  readonly idc: Idc
  readonly method: string
  /** Who answered. */
  readonly peer: string
}

export class RemoteProblem extends Problem {
  readonly place: Place

  constructor(code: string, details: ProblemDetails, place: Place) {
    super(code, details)
    this.place = place
    this.message = `${this.message} (${place.method} of ${place.peer} in ${place.idc})`
  }
}
