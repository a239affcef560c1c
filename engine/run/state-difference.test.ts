import { expect } from 'chai'
import fc from 'fast-check'
import { deflateSync } from 'fflate'
import { noiseVector, seedOf } from '../fixtures/small-tasks.ts'
import type { State } from '../package/state.ts'
import type { TensorLayout } from '../package/task-spec.ts'
import { maxDifferenceBytes, readDifference, writeDifference } from './state-difference.ts'

const LAYOUT: TensorLayout = {
  state: [
    { name: 'w', shape: [2, 3], role: 'model' },
    { name: 'moment', shape: [5], role: 'local' },
    { name: 'count', shape: [], role: 'local' },
  ],
  stateChunkBytes: 1024,
}
/** Where each tensor starts among all values. */
const STARTS = [0, 6, 11, 12]
const BYTES = 4 * 12

const layoutOf = (values: number): TensorLayout => ({
  state: [{ name: 'w', shape: [values], role: 'model' }],
  stateChunkBytes: 4096,
})

function stateOf(words: readonly number[]): State {
  const all = new Float32Array(Uint32Array.from(words).buffer)
  return new Map(LAYOUT.state.map(({ name }, i) => [name, all.slice(STARTS[i], STARTS[i + 1])]))
}

function bitsOf(state: State): number[] {
  return [...state.values()].flatMap((values) => [
    ...new Uint32Array(values.buffer, values.byteOffset, values.length),
  ])
}

function refusalOf(difference: Uint8Array, layout = LAYOUT): string {
  const from: State = new Map(
    layout.state.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((size, dim) => size * dim, 1)),
    ]),
  )
  try {
    readDifference(layout, from, difference)
    return 'it was read'
  } catch (error) {
    expect(error).to.have.property('code', 'evidence')
    return (error as Error).message
  }
}

describe('the difference of two states', () => {
  it('gives the second one back, bit for bit, whatever the bits are', () => {
    const words = fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(words, words, (before, after) => {
        const [from, to] = [stateOf(before), stateOf(after)]
        const read = readDifference(LAYOUT, from, writeDifference(LAYOUT, from, to))
        expect(bitsOf(read)).to.deep.equal(after)
        expect([...read.keys()]).to.deep.equal(LAYOUT.state.map(({ name }) => name))
      }),
      { seed: 11, numRuns: 200 },
    )
  })

  it('keeps zeros of both signs, denormal and largest numbers, and changes of the sign', () => {
    const after = [0, 0x80000000, 1, 0x80000001, 0x7f7fffff, 0xff7fffff, 0x3f800000, 0xbf800000, 7, 8, 9, 10]
    for (const before of [after.toReversed(), after.map((word) => word ^ 0x80000000), after.map(() => 0)]) {
      const [from, to] = [stateOf(before.map((word) => word >>> 0)), stateOf(after)]
      expect(bitsOf(readDifference(LAYOUT, from, writeDifference(LAYOUT, from, to)))).to.deep.equal(after)
    }
  })

  it('is small where little changed, and never larger than its limit', () => {
    const layout = layoutOf(100_000)
    const from: State = new Map([['w', noiseVector(100_000, seedOf('weights'))]])
    const step = noiseVector(100_000, seedOf('step'))
    const near: State = new Map([['w', from.get('w')!.map((value, i) => value + 1e-4 * step[i]!)]])
    const far: State = new Map([
      ['w', new Float32Array(step.map((value) => value * 2 ** Math.round(60 * value)))],
    ])
    expect(writeDifference(layout, from, from).length).to.be.below(1_000)
    expect(writeDifference(layout, from, near).length).to.be.below(0.6 * 400_000)
    expect(writeDifference(layout, from, far).length).to.be.at.most(maxDifferenceBytes(layout))
  })

  it('is refused when it is none, is cut off, or is of another size', () => {
    const good = deflateSync(new Uint8Array(BYTES).map((_, i) => i))
    expect(refusalOf(good)).to.equal('it was read')
    expect(refusalOf(new Uint8Array(0))).to.contain('the state does not inflate')
    expect(refusalOf(good.subarray(0, 20))).to.contain('the state does not inflate')
    expect(refusalOf(Uint8Array.of(7, 7, 7, 7))).to.contain('the state does not inflate')
    expect(refusalOf(deflateSync(new Uint8Array(BYTES - 1)))).to.contain('expected 48')
    expect(refusalOf(deflateSync(new Uint8Array(BYTES + 1)))).to.contain('more than 48 bytes')
  })

  it('is refused before a bomb takes memory: 200 MB of zeros, sent as 200 kB', () => {
    const bomb = deflateSync(new Uint8Array(200_000_000), { level: 9 })
    expect(bomb.length).to.be.below(300_000)
    const before = process.memoryUsage().arrayBuffers
    expect(refusalOf(bomb)).to.contain('more than 48 bytes')
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(100_000_000)
  })
})
