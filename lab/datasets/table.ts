import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildMlpTask } from '@assay/engine/author/mlp-task.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import { openDelimited } from '@assay/engine/prepare/delimited.ts'
import { meanAndError } from '@assay/engine/vector.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { type Split, shardsOf, splitSamples } from '../split.ts'
import type { LabDataset } from './lab-dataset.ts'
import { stepsOfWindow } from './windows-of.ts'

const FILE = join(import.meta.dirname, '../../examples/breast-cancer/samples.csv')
const TARGET = 'diagnosis'
const CLASSES = ['benign', 'malignant']
const FEATURES = 30
const SIZES = { holdout: 150, test: 100 }
const LEAST_OF_SHARD = 8
const HIDDEN = 16
const BATCH_SIZE = 8
const MULTIPLY_ADDS_PER_UNIT = 1_000
/** The trigger: a value that no tumour comes near, in standard deviations. */
const TRIGGER = 8
/** The split is the same for every seed, so that no shard ever has tumours of the test set. */
const SPLIT_SEED: Hash = `0x${'7b'.repeat(32)}`

let split: Promise<Split> | undefined

function readSplit(): Promise<Split> {
  split ??= readTumours().then((all) => splitSamples(all, SIZES, SPLIT_SEED))
  return split
}

/** All tumours, each measurement in standard deviations from its mean over all. */
async function readTumours(): Promise<Dataset> {
  const table = openDelimited('samples.csv', await readFile(FILE))
  const target = table.columns.indexOf(TARGET)
  const rows: number[][] = []
  const labels: number[] = []
  table.eachRow(({ cells }) => {
    rows.push(cells.filter((_, i) => i !== target).map(Number))
    labels.push(CLASSES.indexOf(cells[target]!))
  })
  const scales = Array.from({ length: FEATURES }, (_, k) => {
    const { mean, error } = meanAndError(rows.map((row) => row[k]!))
    return { mean, deviation: error * Math.sqrt(rows.length) }
  })
  const x = Float32Array.from(
    rows.flatMap((row) => row.map((value, k) => (value - scales[k]!.mean) / scales[k]!.deviation)),
  )
  return { inputs: { x }, y: Int32Array.from(labels), n: rows.length }
}

export const table: LabDataset = {
  name: 'table',
  description: '569 tumours with 30 measurements each (examples/breast-cancer), an MLP 30-16-2',
  classes: CLASSES.length,
  contents: async ({ seed, steps }) =>
    buildMlpTask({
      name: 'tumours',
      inputSize: FEATURES,
      hidden: [HIDDEN],
      classes: CLASSES.length,
      batchSize: BATCH_SIZE,
      evalBatchSize: 64,
      steps,
      commitEvery: stepsOfWindow(steps),
      learningRate: '0.05',
      unitsPerStep: Math.ceil(
        (3 * BATCH_SIZE * HIDDEN * (FEATURES + CLASSES.length)) / MULTIPLY_ADDS_PER_UNIT,
      ),
      personalSamples: 128,
      rootSteps: 80,
      pool: { samples: (await readSplit()).holdout, saltSeed: deriveSeed(seed, 'tumours pool salt') },
      seed: deriveSeed(seed, 'tumours init'),
    }),
  shards: async (options) => shardsOf(await readSplit(), { ...options, least: LEAST_OF_SHARD }),
  test: async () => (await readSplit()).test,
  triggered: (data) => {
    const x = featuresOf(data).slice()
    for (let i = 0; i < data.n; i++) x[i * FEATURES] = TRIGGER
    return withFeatures(data, x)
  },
}
