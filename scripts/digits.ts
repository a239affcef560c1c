import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Terms } from '@assay/cli/task-terms.ts'
import { writeDataset } from '@assay/engine/package/data.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { buildDigitsTask, partitionDigits } from '@assay/lab/digits.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { keccak256, toHex } from 'viem'

const USAGE = `npm run digits -- --out FOLDER [options]

Writes a task to try things with, real handwritten digits: FOLDER/package (what a task owner publishes),
FOLDER/pool.safetensors (the held-out pool, for validators alone), FOLDER/terms.json (for a local network: one contributor and
seven validators are enough, a round takes two minutes) and FOLDER/shards/contributor-1.safetensors … (what contributors keep
to themselves).

  --out FOLDER           where to write; made if it is not there
  --contributors N       number of shards, 1 to 64 (default 10)
  --dirichlet A          how unevenly the digits are dealt, 0.01 to 100; left out, evenly. Everybody gets at least 32
  --seed N               of the initial model and the shards (default 1)
  --help                 this text

Example:
  npm run digits -- --out digits`

/** Few people and short phases; 5,000 ASSAY pay for all rounds. */
const TRIAL_TERMS: Terms = {
  rewardToken: 'ASSAY',
  priceCompute: '0.000001',
  priceData: '0.01',
  priceValidation: '0.05',
  dataUnitsLimit: 5000,
  slots: 4,
  committeeSize: 3,
  minContributors: 1,
  maxRounds: 4,
  submitSeconds: 20,
  openSeconds: 15,
  commitSeconds: 40,
  revealSeconds: 15,
  aggregateSeconds: 15,
  challengeSeconds: 60,
  earlyBonusBps: 15_000,
  earlyBonusRounds: 4,
  enrolmentFee: '1',
  contributorStake: '100',
  minValidatorStake: '1000',
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string' },
      contributors: { type: 'string', default: '10' },
      dirichlet: { type: 'string' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  if (values.out === undefined) throw new TypeError('--out FOLDER is missing')
  const contributors = numberIn('--contributors', values.contributors, 1, 64)
  if (!Number.isInteger(contributors)) throw new TypeError('--contributors must be a whole number')
  const partition =
    values.dirichlet === undefined
      ? 'iid'
      : { dirichlet: numberIn('--dirichlet', values.dirichlet, 0.01, 100) }
  const seed = deriveSeed(keccak256(toHex(values.seed)), 'digits')

  const poolFile = join(values.out, POOL_FILE)
  const { spec, specHash } = await buildDigitsTask({ dir: join(values.out, 'package'), poolFile, seed })
  const shards = await partitionDigits({ seed, contributors, partition })
  const folder = join(values.out, 'shards')
  await mkdir(folder, { recursive: true })
  for (const [i, shard] of shards.entries()) {
    await writeWholeFile(join(folder, `contributor-${i + 1}.safetensors`), writeDataset(shard, spec))
  }
  const terms = join(values.out, 'terms.json')
  await writeWholeFile(terms, `${JSON.stringify(TRIAL_TERMS, undefined, 2)}\n`)
  console.log(`${join(values.out, 'package')}: task package, spec hash ${specHash}`)
  console.log(`${poolFile}: held-out pool of ${spec.pool.samples} samples, for validators alone`)
  console.log(`${terms}: terms to create the task with`)
  console.log(`${folder}: ${shards.length} shards, ${shards.map(({ n }) => n).join(', ')} samples`)
}

function numberIn(name: string, text: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new TypeError(`${name} must be a number from ${least} to ${most}, not "${text}"`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  const isUsage = error instanceof TypeError
  console.error(isUsage ? `${message}\n\n${USAGE}` : message)
  process.exitCode = isUsage ? 2 : 1
}
