import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { measureMachine } from '@assay/cli/measure-machine.ts'
import {
  PHASES,
  type Phases,
  phasesFor,
  phasesText,
  TRIAL_ORACLES,
  TRIAL_TERMS,
} from '@assay/cli/trial-phases.ts'
import { type Dataset, writeDataset } from '@assay/engine/package/data.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { buildDigitsTask, partitionDigits } from '@assay/lab/digits.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { keccak256, toHex } from 'viem'
import { readArguments } from './command/read-arguments.ts'
import { reportFailure } from './command/report-failure.ts'
import { UsageError } from './command/usage-error.ts'

const USAGE = `npm run digits -- --out FOLDER [options]

Writes a task to try things with, real handwritten digits: FOLDER/package (what a task owner publishes),
FOLDER/pool.safetensors (the held-out pool, for validators alone), FOLDER/terms.json (for a local network: one contributor and
seven validators are enough, a round takes two minutes or more) and FOLDER/shards/contributor-1.safetensors … (what contributors keep
to themselves).

  --out FOLDER           where to write; made if it is not there
  --contributors N       number of shards, 1 to 64 (default 10)
  --dirichlet A          how unevenly the digits are dealt, 0.01 to 100; left out, evenly. Everybody gets at least 32
  --seed N               of the initial model and the shards (default 1)
  --phases LIST          seconds of the phases submit, open, commit, reveal and aggregate, such as 30,20,60,20,20. Left out,
                         they follow from what this machine needs when it runs seven oracles, which is measured and printed
  --help                 this text

Example:
  npm run digits -- --out digits`

/** A phase of more than a day is a typing mistake: this is for trying things out. */
const LONGEST_PHASE_SECONDS = 86_400

async function main(args: string[]): Promise<void> {
  const values = readArguments({
    args,
    options: {
      out: { type: 'string' },
      contributors: { type: 'string', default: '10' },
      dirichlet: { type: 'string' },
      seed: { type: 'string', default: '1' },
      phases: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values
  if (values.help) {
    console.log(USAGE)
    return
  }
  if (values.out === undefined) throw new UsageError('--out FOLDER is missing')
  const contributors = numberIn('--contributors', values.contributors, 1, 64)
  if (!Number.isInteger(contributors)) throw new UsageError('--contributors must be a whole number')
  const partition =
    values.dirichlet === undefined
      ? 'iid'
      : { dirichlet: numberIn('--dirichlet', values.dirichlet, 0.01, 100) }
  const givenPhases = values.phases === undefined ? undefined : parsePhases(values.phases)
  const seed = deriveSeed(keccak256(toHex(values.seed)), 'digits')

  const poolFile = join(values.out, POOL_FILE)
  const task = await buildDigitsTask({ dir: join(values.out, 'package'), poolFile, seed })
  const { spec, specHash } = task
  const shards = await partitionDigits({ seed, contributors, partition })
  const folder = join(values.out, 'shards')
  await mkdir(folder, { recursive: true })
  for (const [i, shard] of shards.entries()) {
    await writeWholeFile(join(folder, `contributor-${i + 1}.safetensors`), writeDataset(shard, spec))
  }
  const terms = join(values.out, 'terms.json')
  const phases = givenPhases ?? (await measurePhases(task, shards[0]!))
  await writeWholeFile(terms, `${JSON.stringify({ ...TRIAL_TERMS, ...phases }, undefined, 2)}\n`)
  console.log(`${join(values.out, 'package')}: task package, spec hash ${specHash}`)
  console.log(`${poolFile}: held-out pool of ${spec.pool.samples} samples, for validators alone`)
  console.log(`${terms}: terms to create the task with`)
  console.log(`${folder}: ${shards.length} shards, ${shards.map(({ n }) => n).join(', ')} samples`)
}

/** Phases that this machine can meet with all oracles on it. Says what they follow from. */
async function measurePhases(task: TaskPackage, samples: Dataset): Promise<Phases> {
  const measured = await measureMachine(task, samples)
  const plan = phasesFor(task.spec, TRIAL_TERMS, measured, TRIAL_ORACLES)
  console.log(phasesText(plan, measured, TRIAL_ORACLES))
  return plan.phases
}

function parsePhases(text: string): Phases {
  const parts = text.split(',')
  if (parts.length !== PHASES.length)
    throw new UsageError(
      `--phases is "${text}", but must be ${PHASES.length} numbers of seconds, for ${PHASES.join(', ')}: such as 30,20,60,20,20`,
    )
  return Object.fromEntries(
    PHASES.map((name, i) => {
      const seconds = numberIn(`--phases: ${name}`, parts[i]!, 1, LONGEST_PHASE_SECONDS)
      if (!Number.isInteger(seconds))
        throw new UsageError(`--phases: ${name} must be whole seconds, not "${parts[i]}"`)
      return [`${name}Seconds`, seconds]
    }),
  ) as Phases
}

function numberIn(name: string, text: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`${name} must be a number from ${least} to ${most}, not "${text}"`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  reportFailure(error, 'npm run digits')
}
