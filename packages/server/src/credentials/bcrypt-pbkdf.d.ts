// The part of bcrypt-pbkdf we call; the package ships no types.

declare module 'bcrypt-pbkdf' {
  const bcrypt: {
    /** Fills `key`; 0 on success. */
    pbkdf(
      pass: Uint8Array,
      passLength: number,
      salt: Uint8Array,
      saltLength: number,
      key: Uint8Array,
      keyLength: number,
      rounds: number,
    ): number
  }
  export = bcrypt
}
