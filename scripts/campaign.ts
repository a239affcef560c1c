import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { withholdingBars } from '@assay/lab/experiments/withholding-bars.ts'
import { contractCampaign } from './campaign/contracts.ts'
import { UsageError } from './command/usage-error.ts'
import { wholeNumber } from './command/whole-number.ts'
import { type Expectation, expectationText, judge } from './demo/expectations.ts'
import { campaignMixes } from './demo/mixes.ts'
import type { DemoReport } from './demo/report-types.ts'

const USAGE = `npm run campaign -- [options]

Runs the demo with several seeds and mixes of behaviours, each beside the same run without attackers, and checks every run against
what the demo promises. Before, it computes what withheld windows cost with the protocol's functions. Takes some minutes a seed.
Exit code 1 when a promise is broken.

  --seeds N        seeds 1…N (default 3, 1…1000)
  --first-seed N   starts elsewhere (default 1)
  --rounds N       rounds of each run (default 6)
  --mix NAME       this mix only
  --out DIR        reports, charts and logs (default demo-output/campaign)
  --contracts      instead, random calls against models of the contracts, seed after seed; a run that was stopped goes on
  --calls N        how many (default 5000000)
  --help           this text

Mixes:
`

const MIXES = campaignMixes()

/** Options that the run without attackers shares with the mix that it is compared with. */
const SHARED = ['--contributors', '--partition']

interface Plan {
  seeds: number[]
  rounds: string
  mixes: string[]
  out: string
  /** Random calls to the contracts; undefined for runs of the demo. */
  calls: number | undefined
}

async function main(args: string[]): Promise<number> {
  const plan = parsePlan(args)
  if (plan === undefined) {
    const mixes = Object.entries(MIXES).map(([name, options]) => `  ${name.padEnd(10)} ${options.join(' ')}`)
    console.log(USAGE + mixes.join('\n'))
    return 0
  }
  await mkdir(plan.out, { recursive: true })
  if (plan.calls !== undefined) {
    const failed = await contractCampaign({ ...plan, calls: plan.calls, firstSeed: plan.seeds[0]! })
    console.log(failed === 0 ? '\nEvery invariant held.' : `\n${failed} seeds broke an invariant.`)
    return failed === 0 ? 0 : 1
  }
  let broken = report('withheld windows', withholdingBars())
  for (const seed of plan.seeds) {
    const clean = new Map<string, DemoReport>()
    for (const mix of plan.mixes) {
      const shared = sharedOptions(MIXES[mix]!)
      const key = shared.join(' ')
      if (!clean.has(key))
        clean.set(key, await runDemo(plan, seed, `clean-${clean.size}`, [...shared, '--attackers', 'none']))
      const expectations = judge(await runDemo(plan, seed, mix, MIXES[mix]!), clean.get(key))
      broken += report(`seed ${seed}, ${mix}`, expectations)
    }
  }
  console.log(broken === 0 ? '\nEvery promise was kept.' : `\n${broken} promises were broken.`)
  return broken === 0 ? 0 : 1
}

function parsePlan(args: string[]): Plan | undefined {
  const { values } = readArguments(args)
  if (values.help) return undefined
  const { mix } = values
  if (mix !== undefined && !Object.hasOwn(MIXES, mix)) {
    throw new UsageError(
      `--mix is "${mix}", but must be one of ${Object.keys(MIXES).join(', ')}: choose one of them`,
    )
  }
  const first = wholeNumber('first-seed', values['first-seed'], 1, 1_000)
  return {
    seeds: Array.from({ length: wholeNumber('seeds', values.seeds, 1, 1_000) }, (_, i) => first + i),
    rounds: String(wholeNumber('rounds', values.rounds, 1, 1_000)),
    mixes: mix === undefined ? Object.keys(MIXES) : [mix],
    out: values.out,
    calls: values.contracts ? wholeNumber('calls', values.calls, 1, 1_000_000_000) : undefined,
  }
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '3' },
        'first-seed': { type: 'string', default: '1' },
        rounds: { type: 'string', default: '6' },
        mix: { type: 'string' },
        out: { type: 'string', default: 'demo-output/campaign' },
        contracts: { type: 'boolean' },
        calls: { type: 'string', default: '5000000' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new UsageError(`${reason}. See npm run campaign -- --help`)
  }
}

function sharedOptions(options: string[]): string[] {
  return SHARED.flatMap((name) => (options.includes(name) ? [name, options[options.indexOf(name) + 1]!] : []))
}

async function runDemo(plan: Plan, seed: number, name: string, options: string[]): Promise<DemoReport> {
  const out = join(plan.out, `${name}-${seed}`)
  const json = join(plan.out, `${name}-${seed}.json`)
  const common = ['--seed', String(seed), '--rounds', plan.rounds, '--json', json, '--out', out]
  const demo = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts'), ...options, ...common], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stop = () => demo.kill('SIGTERM')
  process.once('exit', stop)
  let said = ''
  demo.stderr.on('data', (part) => (said += part))
  const code = await new Promise<number | null>((ended) => demo.once('close', ended))
  process.removeListener('exit', stop)
  if (code !== 0)
    throw new Error(`The demo (seed ${seed}, ${name}) ended with code ${code}:\n${said.slice(-2_000)}`)
  return JSON.parse(await readFile(json, 'utf8')) as DemoReport
}

/** Prints what is broken, or that nothing is. @returns how many promises are */
function report(run: string, expectations: Expectation[]): number {
  const violated = expectations.filter(({ holds }) => !holds)
  console.log(`${run}: ${expectations.length - violated.length} of ${expectations.length} promises kept`)
  if (violated.length > 0) console.log(expectationText(violated))
  return violated.length
}

process.once('SIGTERM', () => process.exit(143))
process.once('SIGINT', () => process.exit(130))
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
