// Fetch that tells how far an upload is, which the browser's own does not.

export const tellingFetch =
  (onSent: (bytes: number) => void): typeof globalThis.fetch =>
  (input, init) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      const { signal } = init ?? {}
      const stop = () => request.abort()
      const over = () => signal?.removeEventListener('abort', stop)
      request.open(init?.method ?? 'GET', String(input))
      new Headers(init?.headers).forEach((value, name) => {
        request.setRequestHeader(name, value)
      })
      request.upload.onprogress = ({ loaded }) => onSent(loaded)
      request.onload = () => {
        over()
        resolve(new Response(request.responseText, { status: request.status }))
      }
      // A file that changed on the disk while it was read ends like a connection that broke.
      request.onerror = () => {
        over()
        reject(new TypeError('network'))
      }
      request.onabort = () => {
        over()
        reject(new DOMException('aborted', 'AbortError'))
      }
      signal?.addEventListener('abort', stop)
      const body = init?.body
      request.send(body instanceof Blob ? body : null)
    })
