#!/usr/bin/env node
// Plain JavaScript that any Node reads, so that an old one gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `onsignup needs Node 24.15 or newer; this is ${process.versions.node}: https://nodejs.org/download`,
  )
  process.exitCode = 2
} else {
  // A reader that has seen enough, as head, closes the pipe.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  const { run } = await import('onsignup/program')
  process.exitCode = await run(process.argv)
}
