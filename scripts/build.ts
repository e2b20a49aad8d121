import { access, cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { publishedPackages, type Package } from './packages.ts'
import { outputOf, PNPM, ROOT, timed } from './run.ts'
import { tryOut } from './try-out.ts'

const BUILD = join(ROOT, '.build')
const EMIT = join(BUILD, 'emit')
const TARBALLS = join(BUILD, 'tarballs')
const PROGRAM = join(ROOT, 'app/bin/onsignup.js')

const emit = async (packages: readonly Package[]): Promise<void> => {
  await rm(BUILD, { recursive: true, force: true })
  await outputOf(['tsc', '-p', 'tsconfig.build.json'])
  for (const { folder } of packages) {
    const dist = join(ROOT, folder, 'dist')
    await rm(dist, { recursive: true, force: true })
    await cp(join(EMIT, folder, 'src'), dist, { recursive: true })
  }
}

/** Packs one package and gives the tarball's path. */
const pack = async ({ folder }: Package): Promise<string> => {
  const tarball = join(TARBALLS, `${folder.replaceAll('/', '-')}.tgz`)
  await outputOf([...PNPM, 'pack', '--out', tarball], join(ROOT, folder))
  return tarball
}

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
const packages = await publishedPackages()
const tarballs = new Map<string, string>()

await timed('compile', () => emit(packages))
await timed('pack', async () => {
  for (const published of packages) tarballs.set(published.name, await pack(published))
})
await timed('publint', async () => {
  for (const tarball of tarballs.values()) await assertPublishable(tarball)
})
await timed('install the tarballs elsewhere and start the program', () => tryOut(tarballs))
process.stdout.write(`\nbuilt and tried out: ${[...tarballs.keys()].join(', ')}\n`)
