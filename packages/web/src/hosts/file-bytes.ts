// Bytes of a file as base64, as the contract takes them: a GBK or UTF-16 file must arrive unharmed.

export const base64OfFile = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : ''
      resolve(url.slice(url.indexOf(',') + 1))
    }
    reader.onerror = () => reject(reader.error ?? new Error('unreadable file'))
    reader.readAsDataURL(file)
  })

export const base64OfText = (text: string): Promise<string> => base64OfFile(new Blob([text]))
