import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import { expect } from 'chai'
import { tolerant } from '../fixtures/inexact.ts'
import { packageOf, smallTask } from '../fixtures/small-tasks.ts'
import { createTask } from '../node/task-package.ts'
import { computeUnits, DEFAULT_TOLERANCE, toleranceOf } from './mode.ts'
import { checkTaskSpec, type TaskSpec } from './task-spec.ts'

describe('the mode of a task', () => {
  it('is exact unless the author says otherwise', async () => {
    const { spec, programRoot } = await packageOf(smallTask())
    expect(spec.mode).to.equal('exact')
    expect(toleranceOf(spec)).to.equal(undefined)
    expect(programRoot).to.not.equal(NO_PROGRAM)
  })

  it('names no program in a tolerant task: no contract shall check its steps', async () => {
    const { spec, programRoot } = await packageOf(tolerant(smallTask(), 500))
    expect(spec.mode).to.deep.equal({ kind: 'tolerant', relativeL2Ppm: 500, tolerantBps: 8_000 })
    expect(programRoot).to.equal(NO_PROGRAM)
  })

  it('refuses tolerances that prove nothing, pay as much as exact ones, or are unknown', async () => {
    const { spec } = await packageOf(smallTask())
    const modes: [unknown, RegExp][] = [
      [{ ...DEFAULT_TOLERANCE, relativeL2Ppm: 0 }, /mode/],
      [{ ...DEFAULT_TOLERANCE, relativeL2Ppm: 250_001 }, /mode/],
      [{ ...DEFAULT_TOLERANCE, relativeL2Ppm: 1.5 }, /mode/],
      [{ ...DEFAULT_TOLERANCE, tolerantBps: 10_000 }, /mode/],
      [{ ...DEFAULT_TOLERANCE, tolerantBps: 0 }, /mode/],
      [{ ...DEFAULT_TOLERANCE, cosine: 1 }, /mode/],
      ['tolerant', /mode/],
    ]
    for (const [mode, refusal] of modes)
      expect(() => checkTaskSpec({ ...spec, mode }), JSON.stringify(mode)).to.throw(refusal)
    for (const relativeL2Ppm of [1, 250_000])
      expect(checkTaskSpec({ ...spec, mode: { ...DEFAULT_TOLERANCE, relativeL2Ppm } }).mode).to.include({
        relativeL2Ppm,
      })
  })

  it('makes steps of tolerant tasks count for less', async () => {
    const { spec } = await packageOf(smallTask({ unitsPerStep: 7 }))
    expect(computeUnits(spec)).to.equal(12 * 7)
    const of = (changes: Partial<TaskSpec>) => computeUnits({ ...spec, ...changes })
    expect(of({ mode: DEFAULT_TOLERANCE })).to.equal(Math.floor(0.8 * 12 * 7))
    const least = { ...DEFAULT_TOLERANCE, tolerantBps: 1 }
    expect(of({ mode: least, steps: 1, unitsPerStep: 1 })).to.equal(1)
    expect(
      of({ mode: { ...least, tolerantBps: 9_999 }, steps: 65_535, unitsPerStep: 1_000_000_000 }),
    ).to.equal(65_528_446_500_000)
  })

  it('is part of the spec hash', async () => {
    const hashes = await Promise.all(
      [smallTask(), tolerant(smallTask(), 100), tolerant(smallTask(), 101)].map(
        async (contents) => (await createTask(contents)).specHash,
      ),
    )
    expect(new Set(hashes).size).to.equal(3)
  })
})
