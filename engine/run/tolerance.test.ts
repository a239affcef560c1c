import { expect } from 'chai'
import fc from 'fast-check'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { farFrom, type WindowEnds, windowDistance } from './tolerance.ts'

type Role = TaskSpec['state'][number]['role']

const layout = (...tensors: [name: string, values: number, role?: Role][]) => ({
  commitEvery: 5,
  state: tensors.map(([name, values, role = 'model']) => ({ name, shape: [values], role })),
})
const stateOf = (tensors: Record<string, number[]>): State =>
  new Map(Object.entries(tensors).map(([name, values]) => [name, Float32Array.from(values)]))
const accepting = (relativeL2Ppm: number) =>
  ({ kind: 'tolerant', relativeL2Ppm, tolerantBps: 8_000 }) as const

describe('the distance of a window from its replay', () => {
  const one = layout(['w', 2])
  const ends = (before: number[], replayed: number[], committed: number[]): WindowEnds => ({
    before: stateOf({ w: before }),
    replayed: stateOf({ w: replayed }),
    committed: stateOf({ w: committed }),
  })

  it('is the length of the difference by that of the change', () => {
    expect(windowDistance(one, ends([0, 0], [3, 4], [3, 4]))).to.equal(0)
    expect(windowDistance(one, ends([0, 0], [3, 4], [3, 4.5]))).to.be.closeTo(0.1, 1e-6)
    expect(windowDistance(one, ends([1, 1], [4, 5], [4.3, 5.4]))).to.be.closeTo(0.1, 1e-6)
  })

  it('is accepted up to the limit, and told beyond it', () => {
    const near = ends([0, 0], [3, 4], [3, 4.05])
    expect(farFrom(one, near, accepting(10_001))).to.equal(undefined)
    expect(farFrom(one, near, accepting(9_900))).to.equal(
      'the model differs by 10000 millionths of what the window changes, the task accepts 9900',
    )
  })

  it('leaves out what float32 rounds in the additions of a window, value by value', () => {
    const [before, ulp] = [1024, 2 ** -13]
    // Ten additions of half an ulp on each side: what changes less than that can't be told from rounding.
    const still = ends([before, 0], [before, 0], [before + 5 * ulp, 0])
    expect(windowDistance(one, still)).to.equal(0)
    expect(windowDistance(one, ends([before, 0], [before, 0], [before + 11 * ulp, 0]))).to.equal(Infinity)
  })

  it('does not let one large value excuse the others', () => {
    const huge = 1e30
    const stolen = ends([huge, 0], [huge, 1], [huge, -1])
    expect(farFrom(one, stolen, accepting(250_000))).to.match(/^the model differs by 1999999 millionths/)
  })

  it('accepts no change where there is one, and none where nothing changes', () => {
    expect(farFrom(one, ends([1, 1], [1, 1], [1, 1]), accepting(1))).to.equal(undefined)
    expect(farFrom(one, ends([1, 1], [1, 1], [1, 2]), accepting(250_000))).to.contain('Infinity')
    expect(farFrom(one, ends([1, 1], [1, 2], [1, 1]), accepting(250_000))).to.contain('999999 millionths')
  })

  it('is far where a replay is not finite', () => {
    expect(farFrom(one, ends([1, 1], [Number.NaN, 1], [1, 1]), accepting(250_000))).to.be.a('string')
    expect(farFrom(one, ends([1, 1], [Infinity, 1], [1, 1]), accepting(250_000))).to.be.a('string')
  })

  it('can be told of the largest values that there are', () => {
    const most = 3.4e38
    const wild = ends([-most, 0], [most, 0], [-most, 0])
    expect(farFrom(one, wild, accepting(250_000))).to.contain('millionths')
  })

  it('takes model tensors together, and local ones whose names begin alike', () => {
    const spec = layout(
      ['w1', 1],
      ['w2', 1],
      ['mean.w1', 1, 'local'],
      ['mean.w2', 1, 'local'],
      ['count', 1, 'local'],
    )
    const still = { w1: [0], w2: [0], 'mean.w1': [0], 'mean.w2': [0], count: [1] }
    const to = { w1: [1], w2: [1e-3], 'mean.w1': [1], 'mean.w2': [1e-3], count: [2] }
    const found = (changes: Record<string, number[]>) =>
      farFrom(
        spec,
        { before: stateOf(still), replayed: stateOf(to), committed: stateOf({ ...to, ...changes }) },
        accepting(10_000),
      )
    // By themselves these differ by all that they change.
    expect(found({ w2: [2e-3], 'mean.w2': [0] })).to.equal(undefined)
    expect(found({ w2: [0.1] })).to.match(/^the model differs/)
    expect(found({ 'mean.w2': [0.1] })).to.match(/^the local mean differs/)
    expect(found({ count: [3] })).to.match(/^the local count differs by 999999 millionths/)
  })

  it('is the relative L2 distance of vectors that are no rounding', () => {
    const value = fc.float({ min: -8, max: 8, noNaN: true, noDefaultInfinity: true })
    const vector = fc.array(value, { minLength: 4, maxLength: 4 })
    const spec = layout(['w', 4])
    fc.assert(
      fc.property(vector, vector, vector, (before, replayed, committed) => {
        const length = (values: number[]) => Math.hypot(...values)
        const change = length(replayed.map((value, i) => value - before[i]!))
        fc.pre(change > 1e-2)
        const expected = length(committed.map((value, i) => value - replayed[i]!)) / change
        const found = windowDistance(spec, {
          before: stateOf({ w: before }),
          replayed: stateOf({ w: replayed }),
          committed: stateOf({ w: committed }),
        })
        // Ten roundings of 8 are 5e-6, by a change of a hundredth at least.
        expect(found).to.be.closeTo(expected, 2e-3 + 1e-6 * expected)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})
