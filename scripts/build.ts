import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packAll } from './pack.ts'
import { ROOT, timed } from './run.ts'
import { tryOut } from './try-out.ts'

const PROGRAM = join(ROOT, 'app/bin/onsignup.js')

/** Throws when what package.json promises is not what the tarball holds. */
const assertPublishable = async (tarball: string): Promise<void> => {
  const file = new Blob([await readFile(tarball)])
  const { messages, pkg } = await publint({ pack: { tarball: file.stream() }, strict: true })
  if (messages.length === 0) return
  const said = messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
  throw new Error(`publint on ${tarball}:\n${said.join('\n')}`)
}

await access(PROGRAM).catch((cause: unknown) => {
  throw new Error(`${PROGRAM} is not there: without it there is no program to build and start`, { cause })
})
const tarballs = await packAll()
await timed('publint', async () => {
  for (const tarball of tarballs.values()) await assertPublishable(tarball)
})
await timed('install the tarballs elsewhere and start the program', () => tryOut(tarballs))
process.stdout.write(`\nbuilt and tried out: ${[...tarballs.keys()].join(', ')}\n`)
