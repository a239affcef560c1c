import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { packageOf } from '@assay/engine/fixtures/small-tasks.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { smallTask } from '../test/e2e/support/small-task.ts'
import { combineAggregates } from './combine-aggregates.ts'

describe('the next model', () => {
  let task: TaskPackage
  let base: State
  let good: Uint8Array

  before(async () => {
    task = await packageOf(smallTask(deriveSeed(zeroHash, 'combine')))
    base = task.init
    const final = new Map([...base].map(([name, data]) => [name, data.map((value) => value + 0.5)]))
    good = aggregateCohort({ spec: task.spec, base, members: [{ final, weight: 3n }] }).blob
  })

  const combine = (blobs: Uint8Array[]) => combineAggregates({ spec: task.spec, base, blobs })
  const first = (state: State) => state.values().next().value![0]

  it('adds what the committees agreed on', () => {
    expect(first(combine([good]))).to.be.closeTo(first(base)! + 0.5, 1e-6)
  })

  it('is the base model when they agreed on nothing', () => {
    expect(combine([])).to.equal(base)
  })

  it('leaves out an agreed blob that is no aggregate', () => {
    const garbage = [new Uint8Array(0), new Uint8Array(900).fill(7), good.subarray(0, -1)]
    expect(combine(garbage)).to.equal(base)
    expect(combine([garbage[1]!, good])).to.deep.equal(combine([good]))
  })
})
