import { milliseconds } from '@onsignup/core'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { LEVELS } from './logger.ts'
import { EXIT, type Output } from './output.ts'

/** The file that is read when none is named. */
const DEFAULT_FILE = './onsignup.yaml'

const port = (value: string): number => {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number
  throw new InvalidArgumentError('a port is a number from 0 to 65535')
}

const duration = (value: string): number => {
  try {
    return milliseconds(value)
  } catch {
    throw new InvalidArgumentError('a duration is a number and a unit, as 10s or 5m')
  }
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ onsignup ${line}`).join('\n')}\n`

const EXIT_CODES = `
Exit codes:
  0  done
  1  something failed: a delivery, a check, a request that the service refused
  2  the command line or the configuration is wrong
  3  no service answers, and its store does not stand in
`

const config = () => new Option('-c, --config <file>', 'the configuration').default(DEFAULT_FILE)
const json = () => new Option('--json', 'print JSON, for scripts').default(false)
const url = () =>
  new Option('--url <url>', 'the service; default: as the configuration says, or http://127.0.0.1:8080')
const token = () =>
  new Option('--token <token>', "the service's token; default: the configuration's, or ONSIGNUP_TOKEN")

const createProgram = (output: Output, end: (code: number) => void): Command => {
  const program = new Command('onsignup')
    .description('Runs every connector on every sign-up, durably and visibly.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.stdout.write(text),
      writeErr: (text) => output.stderr.write(text),
    })
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', EXIT_CODES)

  /** A command that talks to a running service: how the service is found comes after the command's own options. */
  const serviceCommand = (name: string, description: string, ...own: readonly Option[]): Command => {
    const command = program.command(name).description(description)
    for (const option of [...own, config(), url(), token(), json()]) command.addOption(option)
    return command
  }

  program
    .command('start')
    .description('run the service: HTTP server and dispatcher')
    .addOption(config())
    .addOption(new Option('-p, --port <port>', "instead of the configuration's").argParser(port))
    .addOption(
      new Option('--log-level <level>', 'of the JSON lines on standard error')
        .choices(LEVELS)
        .default('info'),
    )
    .addHelpText('after', examples('start', 'start --config ./onsignup.yaml --port 8080'))
    .action(async (options) => end(await (await import('./commands/start.ts')).start(options, output)))

  serviceCommand(
    'send',
    'publish registrations to a running service',
    new Option('--historical', 'they registered before: no connector runs until a backfill').default(false),
    new Option('--wait', 'until each delivery has ended, and say how').default(false),
    new Option('--timeout <duration>', 'how long --wait waits').argParser(duration).default(30_000, '30s'),
  )
    .argument('<file>', 'JSON, an array, NDJSON, or - for standard input')
    .addHelpText('after', examples('send signup.json --wait', 'send - < signups.ndjson'))
    .action(async (file, options) =>
      end(await (await import('./commands/send.ts')).send(file, options, output)),
    )

  program
    .command('preview')
    .argument('<file>', 'a registration, as for send')
    .description('print exactly what each connector would send; nothing is sent')
    .addOption(config())
    .addOption(new Option('--connector <name>', 'of this one only'))
    .addOption(json())
    .addHelpText('after', examples('preview signup.json', 'preview signup.json --connector team-slack'))
    .action(async (file, options) =>
      end(await (await import('./commands/preview.ts')).preview(file, options, output)),
    )

  program
    .command('check')
    .description('prove the configuration, then credentials and far sides')
    .addOption(config())
    .addOption(json())
    .addHelpText('after', examples('check', 'check --config ./onsignup.yaml --json'))
    .action(async (options) => end(await (await import('./commands/check.ts')).check(options, output)))

  const hooks = program.command('hooks').description('look after Auth0 scripts')
  hooks
    .command('install')
    .description('install the modules that the scripts of auth0-hook connectors require')
    .addOption(config())
    .addOption(
      new Option('--package-manager <name>', 'default: as the folder of the scripts has it, or npm').choices([
        'npm',
        'pnpm',
        'yarn',
      ]),
    )
    .addHelpText('after', examples('hooks install', 'hooks install --package-manager pnpm'))
    .action(async (options) => end(await (await import('./commands/hooks.ts')).installHooks(options, output)))

  program
    .command('run')
    .argument('<script>', 'an Auth0 Hook or Action')
    .description("run one Auth0 script once, on Auth0's sample event, without a service")
    .addOption(new Option('--event <file>', 'a registration, as for send, or the event of an Action'))
    .addOption(
      new Option('--secret <name=value>', 'a secret of the script; once for each')
        .argParser((value, before: readonly string[]) => [...before, value])
        .default([]),
    )
    .addOption(new Option('--secrets-file <file>', 'secrets, NAME=VALUE a line'))
    .addOption(new Option('--network <on|off>', 'off: connections fail').choices(['on', 'off']).default('on'))
    .addOption(new Option('--timeout <duration>', 'how long the script may run').default('20s'))
    .addOption(
      new Option(
        '--listen <port>',
        "run it for each call of Auth0's extensibility point, and answer as it does",
      )
        .argParser(port)
        .conflicts('event'),
    )
    .addOption(new Option('--token <token>', 'with --listen: what callers bear; default: none'))
    .addOption(config())
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'run ./hooks/post-registration.js',
        'run ./hooks/a.js --network off --secret SLACK_HOOK=x',
        'run ./hooks/a.js --listen 8081',
      ),
    )
    .action(async (script, options) =>
      end(
        options.listen === undefined
          ? await (await import('./commands/run.ts')).runScript(script, options, output)
          : await (await import('./commands/listen.ts')).listen(script, options, output),
      ),
    )

  serviceCommand(
    'deliveries',
    'list deliveries, the newest first',
    new Option(
      '--state <state>',
      'pending, waiting, running, paused, parked, orphaned, delivered, skipped, unknown or dead',
    ),
    new Option('--connector <name>', 'of this one only'),
    new Option('--user <id or e-mail>', 'of this user only'),
    new Option('--limit <number>', 'at most this many, up to 200'),
    new Option('--after <id>', 'the next page'),
  )
    .addHelpText('after', examples('deliveries --state dead', 'deliveries --user ada@example.com'))
    .action(async (options) =>
      end(await (await import('./commands/deliveries.ts')).deliveries(options, output)),
    )

  serviceCommand('delivery', 'show one delivery: every attempt, and what it printed')
    .argument('<id>', 'as deliveries lists them')
    .addHelpText('after', examples('delivery 1002'))
    .action(async (id, options) =>
      end(await (await import('./commands/delivery.ts')).delivery(id, options, output)),
    )

  serviceCommand(
    'retry',
    'put deliveries back, to be tried at once',
    new Option('--state <state>', 'all of this state').choices(['dead', 'unknown', 'skipped']),
    new Option('--connector <name>', 'with --state: of this one only'),
    new Option('--again', 'send also what was delivered').default(false),
  )
    .argument('[ids...]', 'deliveries')
    .addHelpText('after', examples('retry 12 13', 'retry --state dead --connector crm'))
    .action(async (ids, options) =>
      end(await (await import('./commands/retry.ts')).retry(ids, options, output)),
    )

  serviceCommand(
    'refused',
    'list what identity providers sent and no registration came of; with ids: try it again',
    new Option('--limit <number>', 'at most this many, up to 200'),
    new Option('--after <id>', 'the next page'),
  )
    .argument('[ids...]', 'those to try again')
    .addHelpText('after', examples('refused', 'refused 3 4'))
    .action(async (ids, options) =>
      end(await (await import('./commands/refused.ts')).refused(ids, options, output)),
    )

  serviceCommand('connectors', 'list the connectors, and whether their gates are open')
    .addHelpText('after', examples('connectors'))
    .action(async (options) =>
      end(await (await import('./commands/connectors.ts')).connectors(options, output)),
    )

  program
    .command('backup')
    .argument('<file>', 'a new file')
    .description('copy the store, whether or not a service uses it')
    .addOption(config())
    .addHelpText('after', examples('backup ./onsignup-2026-11-25.db'))
    .action(async (file, options) =>
      end(await (await import('./commands/backup.ts')).backup(file, options, output)),
    )

  for (const [change, description] of [
    ['pause', 'let the deliveries of connectors wait, over restarts too'],
    ['resume', 'go on with paused or parked connectors, now'],
  ] as const) {
    serviceCommand(change, description, new Option('--all', 'all that are configured').default(false))
      .argument('[connectors...]', 'their names')
      .addHelpText('after', examples(`${change} team-slack`, `${change} --all`))
      .action(async (names, options) =>
        end(await (await import('./commands/connectors.ts')).changeGates(names, change, options, output)),
      )
  }

  serviceCommand(
    'backfill',
    'give connectors the stored registrations that they were never given',
    new Option('--since <time>', 'who registered then or later: 2026-01-31, or with a time'),
    new Option('--until <time>', 'who registered before'),
    new Option('--yes', 'do it without asking').default(false),
  )
    .argument('<connectors...>', 'their names')
    .addHelpText('after', examples('backfill crm', 'backfill crm welcome --since 2026-01-01 --yes'))
    .action(async (connectors, options) =>
      end(await (await import('./commands/backfill.ts')).backfill(connectors, options, output)),
    )

  serviceCommand('drop', 'give up what waits of a connector that is configured no more')
    .argument('<connector>', 'the name of one that is configured no more')
    .addHelpText('after', examples('drop crm'))
    .action(async (connector, options) =>
      end(await (await import('./commands/drop.ts')).drop(connector, options, output)),
    )

  program
    .command('rename')
    .argument('<old>', 'the name that the store has')
    .argument('<new>', 'the name that the configuration has, or is to have')
    .description(
      'give a connector another name: its deliveries, history and keys follow; the service is stopped',
    )
    .addOption(new Option('--uses <plugin>', 'where the store has several of the name: of which plugin'))
    .addOption(config())
    .addHelpText('after', examples('rename team-slack sign-ups'))
    .action(async (from, to, options) =>
      end(await (await import('./commands/rename.ts')).rename(from, to, options, output)),
    )

  serviceCommand('forget', 'take everything personal of a user out of the store')
    .argument('<user>', "the user's id or e-mail address")
    .addHelpText('after', examples('forget ada@example.com', "forget 'auth0|507f1f77bcf86cd799439011'"))
    .action(async (user, options) =>
      end(await (await import('./commands/forget.ts')).forget(user, options, output)),
    )

  program
    .command('import')
    .description('take over what another system has')
    .command('auth0')
    .argument('<path>', 'an export: a folder, or its file')
    .description('take over the post-user-registration Hooks and Actions of an Auth0 export')
    .addOption(new Option('--into <dir>', "where hooks/ goes; default: the configuration's folder"))
    .addOption(new Option('-c, --config <file>', 'the configuration; default: onsignup.yaml in that folder'))
    .addOption(
      new Option(
        '--mappings <file or json>',
        'for ##KEY## and @@KEY@@; default: AUTH0_KEYWORD_REPLACE_MAPPINGS',
      ),
    )
    .addOption(new Option('--force', 'overwrite scripts that are there and differ').default(false))
    .addOption(new Option('--dry-run', 'write nothing, and say what would be written').default(false))
    .addHelpText('after', examples('import auth0 ./auth0-export --dry-run', 'import auth0 ./main.tf'))
    .action(async (path, options) =>
      end(await (await import('./commands/import.ts')).importAuth0(path, options, output)),
    )

  return program
}

/** Runs the command line and resolves to the exit code. */
export const run = async (argv: readonly string[], output: Output = process): Promise<number> => {
  let code: number = EXIT.ok
  const program = createProgram(output, (ended) => {
    code = ended
  })
  try {
    await program.parseAsync([...argv])
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return (await import('./report.ts')).report(error, output)
  }
}
