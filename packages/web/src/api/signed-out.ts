// Tells the application, once, that the session is over, whichever call found out.

let onSignedOut: () => void = () => {}

export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener
}

export const tellSignedOut = (): void => onSignedOut()
