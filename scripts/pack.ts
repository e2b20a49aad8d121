import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { publishedPackages, type Package } from './packages.ts'
import { outputOf, PNPM, ROOT, timed } from './run.ts'

const BUILD = join(ROOT, '.build')
const EMIT = join(BUILD, 'emit')
const TARBALLS = join(BUILD, 'tarballs')

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

/** Compiles and packs everything that is published; tarballs by package name. */
export const packAll = async (): Promise<ReadonlyMap<string, string>> => {
  const packages = await publishedPackages()
  const tarballs = new Map<string, string>()
  await timed('compile', () => emit(packages))
  await timed('pack', async () => {
    for (const published of packages) tarballs.set(published.name, await pack(published))
  })
  return tarballs
}
