import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { packageOf } from '@assay/engine/fixtures/small-tasks.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { smallTask } from '../test/e2e/support/small-task.ts'
import { type AgreedAggregate, combineAggregates } from './combine-aggregates.ts'

describe('the next model', () => {
  let task: TaskPackage
  let base: State
  let good: Uint8Array
  const helped = { outcome: 'audited', qualityBps: 5_000 } as const
  const failed = { outcome: 'failed', qualityBps: 0 } as const

  before(async () => {
    task = await packageOf(smallTask(deriveSeed(zeroHash, 'combine')))
    base = task.init
    const final = new Map([...base].map(([name, data]) => [name, data.map((value) => value + 0.5)]))
    good = aggregateCohort({ spec: task.spec, base, members: [{ final, weight: 3n }, { weight: 0n }] }).blob
  })

  /** The model, and of which cohorts it was made. */
  const combine = (
    blobs: Uint8Array[],
    results: readonly AgreedAggregate['results'][number][] = [helped, failed],
  ) => {
    const aggregates = blobs.map((blob, cohort) => ({ cohort, blob, results }))
    return combineAggregates({ spec: task.spec, base, aggregates })
  }
  const first = (state: State) => state.values().next().value![0]

  it('adds what the committees agreed on, and says of which cohorts', () => {
    const { full, cohorts } = combine([good])
    expect(first(full)).to.be.closeTo(first(base)! + 0.5, 1e-6)
    expect(cohorts).to.deep.equal([true])
    const late = { cohort: 2, blob: good, results: [helped, failed] }
    expect(combineAggregates({ spec: task.spec, base, aggregates: [late] })).to.deep.equal({
      full,
      cohorts: [false, false, true],
    })
  })

  it('is the base model when they agreed on nothing', () => {
    const { full, cohorts } = combine([])
    expect(full).to.equal(base)
    expect(cohorts).to.deep.equal([])
  })

  it('leaves out an agreed blob that is no aggregate', () => {
    const garbage = [new Uint8Array(0), new Uint8Array(900).fill(7), good.subarray(0, -1)]
    expect(combine(garbage).full).to.equal(base)
    const { full, cohorts } = combine([garbage[1]!, good])
    expect(full).to.deep.equal(combine([good]).full)
    expect(cohorts).to.deep.equal([false, true])
  })

  it('leaves out an aggregate of another cohort size, or with a member that has no weight', () => {
    const others: [string, (typeof helped | typeof failed)[]][] = [
      ['smaller', [helped]],
      ['larger', [helped, helped, helped]],
      ['failed', [failed, helped]],
    ]
    for (const [why, results] of others) expect(combine([good], results).full, why).to.equal(base)
    const unhelpful = { outcome: 'unaudited', qualityBps: 0 } as const
    expect(combine([good], [unhelpful, helped]).full).to.equal(base)
    const faulty = { outcome: 'taskFault', qualityBps: 5_000 } as const
    expect(combine([good], [faulty, helped]).full).to.equal(base)
    expect(combine([good], [helped, helped]).cohorts, 'one may be left out').to.deep.equal([true])
  })
})
