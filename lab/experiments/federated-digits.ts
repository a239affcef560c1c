/**
 * How far does a federation of ten fall behind training on all digits in one place, with the demo's constants?
 *
 *     node lab/experiments/federated-digits.ts [--seeds 5] [--steps 60] [--lr 0.1]
 *
 * Dirichlet 0.5, six rounds; the same with three of ten contributors excluded, as attackers would be. Ends with exit code
 * 1 when a federation is more than three points behind.
 */
import { parseArgs } from 'node:util'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { DIGITS, digitsTestSet, digitsTrainingSet, partitionDigits } from '../digits.ts'
import { centralAccuracy, federatedAccuracy, openDigits } from './federation.ts'

const ROUNDS = 6
const CONTRIBUTORS = 10
const EXCLUDED = 3
const MOST_POINTS_BEHIND = 3
const SEED: Hash = `0x${'0d'.repeat(32)}`

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    steps: { type: 'string', default: String(DIGITS.steps) },
    lr: { type: 'string', default: DIGITS.learningRate },
  },
})
const constants = { steps: Number(options.steps), learningRate: options.lr }
const test = await digitsTestSet()
const data = await digitsTrainingSet()

console.log(
  `${ROUNDS} rounds of ${constants.steps} steps at ${constants.learningRate}, ${CONTRIBUTORS} contributors`,
)
console.log(' seed  central  all ten  seven of ten')
let worst = 0
for (let s = 0; s < Number(options.seeds); s++) {
  const seed = deriveSeed(SEED, 'federated digits', BigInt(s))
  const digits = await openDigits(seed, constants)
  const shards = await partitionDigits({ seed, contributors: CONTRIBUTORS, partition: { dirichlet: 0.5 } })
  const common = { ...digits, seed, rounds: ROUNDS, test }
  const central = await centralAccuracy({ ...common, data })
  const all = await federatedAccuracy({ ...common, shards })
  const seven = await federatedAccuracy({ ...common, shards: shards.slice(EXCLUDED) })
  worst = Math.max(worst, 100 * (central - Math.min(all, seven)))
  const percent = (accuracy: number) => `${(100 * accuracy).toFixed(2)} %`
  console.log(`${String(s).padStart(5)}  ${percent(central)}  ${percent(all)}       ${percent(seven)}`)
  await digits.engine.close()
}
console.log(`worst: ${worst.toFixed(2)} points behind central training, the limit is ${MOST_POINTS_BEHIND}`)
process.exitCode = worst > MOST_POINTS_BEHIND ? 1 : 0
