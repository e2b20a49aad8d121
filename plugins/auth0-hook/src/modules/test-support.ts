import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files of a folder of its own, by their paths; objects are written as JSON. */
export const folderOf = (
  files: Readonly<Record<string, string | object>>,
): Disposable & { readonly path: string; at(name: string): string } => {
  const path = mkdtempSync(join(tmpdir(), 'onsignup-modules-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return {
    path,
    at: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A package as an installation leaves it. */
export const packageOf = (name: string, version: string): Readonly<Record<string, string | object>> => ({
  [`node_modules/${name}/package.json`]: { name, version, main: 'index.js' },
  [`node_modules/${name}/index.js`]: `module.exports = '${name} ${version}'`,
  [`node_modules/${name}/sub/inner.js`]: '',
})
