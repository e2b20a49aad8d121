import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/** How a page is looked at. */
export interface View {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
  readonly isPhone?: boolean
}

/** A browser without a window. */
export interface Browser extends AsyncDisposable {
  /** A picture (PNG) of an HTML page. */
  shoot(html: string, view: View): Promise<Buffer>
}

const answerSchema = z.object({
  id: z.int().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
})

/** Starts Chromium, which must be installed, and speaks its DevTools protocol. */
export const openBrowser = async (program = 'chromium'): Promise<Browser> => {
  const folder = await mkdtemp(join(tmpdir(), 'onsignup-browser-'))
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--remote-debugging-port=0',
  ]
  const child = spawn(program, [...flags, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  const endpoint = async (): Promise<URL> => {
    for await (const line of createInterface(child.stderr)) {
      const found = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1]
      if (found !== undefined) return new URL(found)
    }
    throw new Error(`${program} did not start`)
  }
  const { host } = await Promise.race([endpoint(), failed])
  const pages = z
    .array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }))
    .parse(await (await fetch(`http://${host}/json`)).json())
  const socket = new WebSocket(pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '')
  await once(socket, 'open')
  let last = 0
  const waiting = new Map<number, (answer: z.output<typeof answerSchema>) => void>()
  socket.addEventListener('message', ({ data }) => {
    const answer = answerSchema.parse(JSON.parse(String(data)))
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  const call = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    last += 1
    const id = last
    const { result, error } = await new Promise<z.output<typeof answerSchema>>((resolve) => {
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ id, method, params }))
    })
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }
  return {
    async shoot(html, { width, height, scheme, isPhone = false }) {
      const scale = isPhone ? 2 : 1
      await call('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: scale,
        mobile: isPhone,
      })
      await call('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      })
      const { frameTree } = z
        .object({ frameTree: z.object({ frame: z.object({ id: z.string() }) }) })
        .parse(await call('Page.getFrameTree'))
      await call('Page.setDocumentContent', { frameId: frameTree.frame.id, html })
      return Buffer.from(z.string().parse((await call('Page.captureScreenshot'))['data']), 'base64')
    },
    async [Symbol.asyncDispose]() {
      socket.close()
      const gone = once(child, 'exit')
      child.kill()
      await gone
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
