import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from '@onsignup/core'
import { sampleEvent, testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { isAlive, printed, runOnce, scripted, type Using } from './test-support.ts'

const hook = (body: string): string => `module.exports = function (user, context, cb) { ${body} }`

const okEvent = () => sampleEvent({ user: { username: 'ok' } })

const strict = { with: { permissions: 'strict' } }

const detailOf = (outcome: Outcome | undefined): unknown =>
  outcome !== undefined && 'detail' in outcome && outcome.detail !== undefined
    ? JSON.parse(outcome.detail)
    : undefined

describe('the process of a script', () => {
  test("has nothing of the service's environment but time zone and certificate authorities", async () => {
    process.env['ONSIGNUP_TEST_SECRET'] = 'of the service'
    try {
      const source = hook(`
        const own = require('fs').readFileSync('/proc/self/environ', 'utf8').split('\\0').filter(Boolean).map((pair) => pair.split('=')[0])
        cb(null, [Object.keys(process.env), own].map((names) => names.filter((name) => !/^(NODE_EXTRA_CA_CERTS|SSL_CERT_(DIR|FILE)|TZ)$/.test(name))))`)
      expect(detailOf(await runOnce(source, { with: { env: { PROXY: 'p' } } }))).toEqual([
        ['PROXY'],
        ['PROXY'],
      ])
    } finally {
      delete process.env['ONSIGNUP_TEST_SECRET']
    }
  })

  test('has no secret in its command line', async () => {
    const source = hook(
      "cb(null, require('fs').readFileSync('/proc/self/cmdline', 'utf8').includes('abcdef'))",
    )
    expect(
      detailOf(await runOnce(source, { with: { secrets: { KEY: 'abcdef' }, env: { OTHER: 'abcdef' } } })),
    ).toBe(false)
  })

  test("holds no file of the service's, only its own channel and what Node makes", async () => {
    const descriptor = openSync(join(import.meta.dirname, 'index.ts'), 'r')
    try {
      const source = hook(`
        const fs = require('fs')
        const all = fs.readdirSync('/proc/self/fd').flatMap((fd) => { try { return [fs.readlinkSync('/proc/self/fd/' + fd)] } catch { return [] } })
        cb(null, all.filter((target) => target.startsWith('/') && target !== '/dev/null'))`)
      expect(detailOf(await runOnce(source))).toEqual([])
    } finally {
      closeSync(descriptor)
    }
  })

  test('has no process.send, and signals nobody else', async () => {
    const source = hook(`
      let answer
      try { process.kill(process.ppid, 0) } catch (error) { answer = error.code }
      cb(null, [typeof process.send, typeof process.channel, answer, typeof process._debugProcess, process.kill(process.pid, 0)])`)
    expect(detailOf(await runOnce(source))).toEqual(['undefined', 'undefined', 'EPERM', 'undefined', true])
  })

  test('makes nobody else wait', async () => {
    const source = hook(`
      const os = require('os')
      let answer
      try { os.setPriority(process.ppid, os.getPriority(process.ppid)) } catch (error) { answer = error.code }
      os.setPriority(os.getPriority())
      os.setPriority(process.pid, os.getPriority())
      cb(null, answer)`)
    expect(detailOf(await runOnce(source))).toBe('EPERM')
  })
})

describe('two connectors', () => {
  test('see their own secrets, storage and globals alone', async () => {
    const source = hook(`
      const { secrets, storage } = context.webtask
      const before = typeof leaked
      leaked = secrets.KEY
      storage.get((error, data) => storage.set(secrets.KEY, { force: true }, () => cb(null, [Object.values(secrets), before, data])))`)
    await using one = await scripted(source, { with: { secrets: { KEY: '1' } } })
    await using two = await scripted(source, { with: { secrets: { KEY: '2' } } })
    const outcomes = [await one.run(), await two.run(), await one.run()]
    expect(outcomes.map(detailOf)).toEqual([
      [['1'], 'undefined', null],
      [['2'], 'undefined', null],
      [['1'], 'undefined', '1'],
    ])
  })
})

describe('a process is used again', () => {
  const PID = 'process.pid'

  test.each<readonly [string, string, Using]>([
    ['a run that only called back', 'cb(null, process.pid)', {}],
    ['globals that a run made', 'const seen = typeof made; made = 1; cb(null, [process.pid, seen])', {}],
    [
      'listeners that a run put on process',
      "const n = process.listenerCount('warning'); process.on('warning', () => {}); cb(null, [process.pid, n])",
      {},
    ],
    ['a caught error', "cb(null, process.pid); throw new Error('late')", {}],
    ['a request that was refused', "fetch('http://127.0.0.1:9').catch(() => cb(null, process.pid))", {}],
  ])('after %s, and looks as it did', async (_what, body, using) => {
    await using script = await scripted(hook(body), using)
    const first = detailOf(await script.run())
    expect(first).toBeDefined()
    expect(detailOf(await script.run())).toEqual(first)
  })

  test.each<readonly [string, string, Using]>([
    ['when it is told not to', '', { with: { reuse: false } }],
    ['after a patch of Array.prototype', 'Array.prototype.push = () => { throw new Error("patched") };', {}],
    [
      'after a patch of what iterates',
      'const first = process.pid; setTimeout(() => { Array.prototype[Symbol.iterator] = function* () {} });',
      {},
    ],
    [
      'after a patch of JSON',
      'setTimeout(() => { JSON.stringify = () => "{}"; JSON.parse = () => ({}) });',
      {},
    ],
    ['after a toJSON of all objects', 'setTimeout(() => { Object.prototype.toJSON = () => "forged" });', {}],
    ['after a change of fetch', 'globalThis.fetch = () => {};', {}],
    ["after a patch of Node's own modules", "require('https').request = () => {};", {}],
    ['after a patch of what hangs on them', "require('http').STATUS_CODES[200] = 'patched';", {}],
    ['after a patch of an agent', "require('https').globalAgent.options.ca = 'patched';", {}],
    [
      'after a patch of a module that it got otherwise',
      "process.getBuiltinModule('https').request = () => {};",
      {},
    ],
    [
      'after a patch of a module that it imported',
      "import('https').then((https) => { https.default.request = () => {} });",
      {},
    ],
    ['after a method of its own on process', 'process.on = () => {};', {}],
    [
      'after a patch of what process inherits',
      'Object.getPrototypeOf(Object.getPrototypeOf(process)).listenerCount = () => 0;',
      {},
    ],
    ['after it froze a prototype', 'Object.freeze(Array.prototype);', {}],
    [
      'after it gave a prototype another',
      'Object.setPrototypeOf(Array.prototype, { __proto__: Object.prototype });',
      {},
    ],
    [
      'after a patch of what no global names',
      'Object.getPrototypeOf(async function* () {}).patched = 1;',
      {},
    ],
    ['after a patch of Intl', 'Intl.DateTimeFormat.prototype.formatToParts = () => {};', {}],
    ['after a change of its arguments', "process.argv.push('left');", {}],
    ['after a change of its umask', 'process.umask(0o777);', {}],
    [
      'after it listened to what others send',
      "require('diagnostics_channel').subscribe('http.client.request.start', () => {});",
      {},
    ],
    [
      'after it left a program behind',
      "require('child_process').spawn('sleep', ['100'], { stdio: 'ignore' }).unref();",
      {},
    ],
    [
      'after a global that cannot be removed',
      "Object.defineProperty(globalThis, 'stuck', { value: 1 });",
      {},
    ],
    ['after a change of its environment', "process.env.LEFT = 'behind';", {}],
    ['after a listener for its end', "process.on('beforeExit', () => {});", {}],
    ['after an error that nobody caught', "setTimeout(() => { throw new Error('late') });", {}],
    ['after much memory', 'globalThis.constructor.kept = Buffer.alloc(100e6);', {}],
  ])('not %s', async (_what, body, using) => {
    await using script = await scripted(hook(`cb(null, ${PID}); ${body}`), using)
    const [first, second] = [detailOf(await script.run()), detailOf(await script.run())]
    expect([typeof first, typeof second]).toEqual(['number', 'number'])
    expect(second).not.toBe(first)
  })

  test('and its modules are evaluated anew in each run', async () => {
    const source =
      "let runs = 0; const lib = require('./lib'); module.exports = (user, context, cb) => cb(null, [++runs, ++lib.runs])"
    await using script = await scripted(source, { files: { 'hooks/lib.js': 'exports.runs = 0' } })
    await script.run()
    expect(detailOf(await script.run())).toEqual([1, 1])
  })
})

test('a timer that an earlier run left unreferenced speaks in no later one, and costs the process', async () => {
  const source = hook(`
    if (user.username === 'ok') setTimeout(() => { console.log('from before'); throw new Error('from before') }, 30).unref()
    else return setTimeout(() => cb(null, process.pid), 100)
    cb(null, process.pid)`)
  await using script = await scripted(source)
  const first = detailOf(await script.run(okEvent()))
  expect(await script.run()).toEqual({ kind: 'delivered', detail: String(first) })
  expect(detailOf(await script.run())).not.toBe(first)
})

describe('a run that dies takes nothing with it', () => {
  test.each<readonly [string, string, object, string]>([
    ['an endless loop', 'for (;;);', { timeout: '300ms' }, 'hook_timeout'],
    [
      'an endless promise',
      'const again = () => Promise.resolve().then(again); again()',
      { timeout: '300ms' },
      'hook_timeout',
    ],
    [
      'a heap that grows',
      'const all = []; for (;;) all.push(new Array(1e5).fill(1.5))',
      { memory: '32MB' },
      'hook_out_of_memory',
    ],
    ['process.exit()', 'process.exit()', {}, 'hook_exited'],
    ['process.exit(3) later', 'setTimeout(() => process.exit(3), 5)', {}, 'hook_exited'],
    ['process.abort()', 'process.abort()', {}, 'hook_exited'],
    ['a signal to itself', "process.kill(process.pid, 'SIGKILL')", {}, 'hook_exited'],
    ['a removed listener of the runner', 'process.removeAllListeners()', {}, 'hook_exited'],
  ])('%s', async (_what, body, options, code) => {
    await using script = await scripted(
      `module.exports = (user, context, cb) => { if (user.username !== 'ok') { ${body} } else cb(null, 'fine') }`,
      { with: options },
    )
    const [died, other] = await Promise.all([script.run(), script.run(okEvent())])
    expect(died).toMatchObject({ kind: 'unknown', code })
    expect(other).toMatchObject({ kind: 'delivered', detail: '"fine"' })
    expect(await script.run(okEvent())).toMatchObject({ kind: 'delivered', detail: '"fine"' })
  })

  test('100 MB of output are cut, and the run is delivered', async () => {
    const source = hook(
      "const mb = 'x'.repeat(1e6); for (let i = 0; i < 100; i += 1) console.log(mb); cb(null, 1)",
    )
    const outcome = await runOnce(source)
    expect(outcome).toMatchObject({ kind: 'delivered', detail: '1' })
    expect(outcome?.output?.length).toBeLessThan(65_000)
  })

  test('what is written to the bare descriptors goes nowhere', async () => {
    const source = hook("const fs = require('fs'); fs.writeSync(1, 'out'); fs.writeSync(2, 'err'); cb()")
    expect(await runOnce(source)).toEqual({ kind: 'delivered' })
  })

  test('a program that it started ends with it', async () => {
    const source = hook(
      "const child = require('child_process').spawn('sleep', ['1000']); console.log(child.pid)",
    )
    const outcome = await runOnce(source, { with: { timeout: '300ms' } })
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'hook_timeout' })
    const pid = Number(printed(outcome)[0]?.replace('log: ', ''))
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })
})

describe('with permissions: strict a script', () => {
  test('runs, with the files and the modules of its folder', async () => {
    const files = {
      'hooks/node_modules/kit/index.js': 'module.exports = 1',
      'hooks/lib.js': 'module.exports = 2',
    }
    const outcome = await runOnce(hook("cb(null, [require('kit'), require('./lib')])"), { ...strict, files })
    expect(detailOf(outcome)).toEqual([1, 2])
  })

  test.each([
    ['reads no other file', "require('fs').readFileSync('/etc/hostname')"],
    [
      'does not see the environment of the service',
      "require('fs').readFileSync('/proc/' + process.ppid + '/environ')",
    ],
    ['requires nothing outside of its folder', "require('../outside')"],
    ['writes nothing', "require('fs').writeFileSync(__dirname + '/x', '')"],
    ['opens no database', "new (require('node:sqlite').DatabaseSync)(__dirname + '/../x.db')"],
    ['starts no program', "require('child_process').execSync('true')"],
    ['starts no thread', "new (require('worker_threads').Worker)('1', { eval: true })"],
    ['loads no addon', "process.dlopen({ exports: {} }, __dirname + '/x.node')"],
  ])('%s', async (_what, body) => {
    const files = { 'outside.js': '' }
    expect(await runOnce(hook(`${body}; cb()`), { ...strict, files })).toMatchObject({
      kind: expect.stringMatching(/retry|misconfigured/),
      code: expect.stringMatching(/^ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|hook_module_missing$/),
    })
  })

  test('keeps its storage and its output all the same', async () => {
    const source = hook(
      "context.webtask.storage.set(1, { force: true }, (error) => { console.log('kept', error); cb(error) })",
    )
    expect(await runOnce(source, strict)).toEqual({ kind: 'delivered', output: 'log: kept null\n' })
  })
})

describe('close', () => {
  test('ends the processes, those that are at work too', async () => {
    const script = await scripted(
      hook(
        'console.log(process.pid); if (user.username === "ok") cb(null, process.pid); else setInterval(() => {}, 5)',
      ),
    )
    const idle = detailOf(await script.run(okEvent()))
    const running = script.run()
    await script.connector.close?.()
    await script[Symbol.asyncDispose]()
    expect(await running).toMatchObject({ kind: expect.stringMatching(/unknown|retry/) })
    expect(isAlive(Number(idle))).toBe(false)
  })

  test.each([
    ['delivered when it had called back', okEvent(), { kind: 'delivered', detail: '1' }],
    ['unknown when it had not', sampleEvent(), { kind: 'unknown', code: 'hook_timeout' }],
  ])('an abort ends the run: %s', async (_what, event, outcome) => {
    const controller = new AbortController()
    const { state } = testServices()
    // What the script writes when it is at work is what aborts it.
    const aborting = { ...state, set: async () => controller.abort() }
    const source = hook(
      'if (user.username === "ok") cb(null, 1); context.webtask.storage.set(1, { force: true }, () => {}); setInterval(() => {}, 5)',
    )
    await using script = await scripted(source, { services: { state: aborting } })
    expect(await script.run(event, { signal: controller.signal })).toMatchObject(outcome)
  })
})
