/**
 * Does junk between audits pay? Whole tasks, played by the contracts' rules for held pay, by contributors that train only some rounds.
 *
 *     node lab/experiments/held-junk.ts [--times 4000]
 *
 * Prints the table of docs/decisions/0018-held-pay-where-no-audit-decides.md: pay for each trained round, as a share of what an honest
 * contributor gets for one, and the same as if the last audit looked at its own round alone. Ends with exit code 1 when somebody gets more than the honest one.
 */
import { parseArgs } from 'node:util'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type Behaviour, playTasks, type Task } from '../held-pay.ts'

const SEED: Hash = `0x${'4e'.repeat(32)}`
/** Room for chance: the means of some thousand tasks. */
const TOLERANCE = 0.01

const { values } = parseArgs({ options: { times: { type: 'string', default: '4000' } } })
const times = Number(values.times)

const TASKS: [string, Task][] = [10, 20, 40].flatMap((rounds) =>
  [1, 0.5].map((computeShare): [string, Task] => [
    `${rounds} rounds, ${100 * computeShare} % for compute`,
    { rounds, windowsDrawn: 6, computeShare, qualityBps: 6_000, rarityBps: 10_000 },
  ]),
)

const share =
  (junk: number): Behaviour =>
  ({ isLast, random }) =>
    isLast || random() >= junk

const BEHAVIOURS: [string, Behaviour][] = [
  ['a tenth is junk', share(0.1)],
  ['a third is junk', share(1 / 3)],
  ['half is junk', share(0.5)],
  ['all but the last', ({ isLast }) => isLast],
  ['all after the first six but the last', ({ number, isLast }) => isLast || number <= 6],
  ['all after the first twelve but the last', ({ number, isLast }) => isLast || number <= 12],
]

let isDear = true
for (const [name, task] of TASKS) {
  const honest = playTasks(task, () => true, SEED, times)
  console.log(`\n${name}`)
  for (const [what, behaviour] of BEHAVIOURS) {
    const found = playTasks(task, behaviour, SEED, times)
    const blind = playTasks({ ...task, isLastAuditBlind: true }, behaviour, SEED, times)
    const each = ({ pay, trained }: typeof honest) => pay / trained / (honest.pay / honest.trained)
    if (each(found) > 1 + TOLERANCE) isDear = false
    const trained = `${((100 * found.trained) / task.rounds).toFixed(1)} % trained`
    const shares = `${each(found).toFixed(3)} a trained round (blind: ${each(blind).toFixed(3)})`
    console.log(`  ${what.padEnd(40)} ${trained.padStart(14)}: ${shares}`)
  }
}
process.exitCode = isDear ? 0 : 1
