import { drawIndices } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { seedOf } from '../fixtures/small-tasks.ts'
import type { Grid } from '../package/sample-spec.ts'
import { spectraOf } from './spectra.ts'

const plain = (height: number, width: number, channels = 1): Grid => ({
  height,
  width,
  channels,
  order: 'channels-last',
})

/** Values 1 … 1,000 in the middle of a grid, zeros in the margin around it; moved down and to the right. */
function blot(
  { height, width }: Grid,
  margin: number,
  [down, right]: readonly [number, number] = [0, 0],
): Float32Array {
  const draws = drawIndices(seedOf('blot'), height * width, 1_000)
  const x = new Float32Array(height * width)
  for (let row = margin; row < height - margin; row++)
    for (let column = margin; column < width - margin; column++)
      x[(row + down) * width + column + right] = draws[row * width + column]! + 1
  return x
}

/** |F|^½ as its definition says, with whole sums for each frequency. */
function slowly(x: Float32Array, { height, width }: Grid, highest: number): number[] {
  const spectrum: number[] = []
  for (let v = 0; v <= Math.min(highest, width >> 1); v++)
    for (let u = -Math.min(highest, (height - 1) >> 1); u <= Math.min(highest, height >> 1); u++) {
      if (v === 0 && u <= 0) continue
      let [re, im] = [0, 0]
      x.forEach((value, at) => {
        const turn = 2 * Math.PI * ((u * Math.floor(at / width)) / height + (v * (at % width)) / width)
        re += value * Math.cos(turn)
        im -= value * Math.sin(turn)
      })
      spectrum.push(Math.hypot(re, im) ** 0.5)
    }
  return spectrum
}

const expectAlmost = (spectrum: Float32Array, expected: ArrayLike<number>) => {
  expect(spectrum).to.have.length(expected.length)
  spectrum.forEach((value, i) => {
    expect(value, `frequency ${i}`).to.be.closeTo(expected[i]!, 0.02)
  })
}
const differ = (one: Float32Array, other: Float32Array) =>
  Math.max(...one.map((value, i) => Math.abs(value - other[i]!)))

describe('spectra of samples on a grid', () => {
  for (const [grid, highest] of [
    [plain(6, 9), 8],
    [plain(28, 20), 8],
    [plain(1, 200), 64],
    [plain(200, 1), 64],
    [plain(1, 2), 64],
    [plain(2, 2), 8],
  ] as const)
    it(`of ${grid.height} × ${grid.width} are those of the definition`, () => {
      const x = blot(grid, 0)
      expectAlmost(spectraOf(grid)(x, 1), slowly(x, grid, highest))
    })

  it('stay as they are when a sample is shifted within its margin, in each of two samples', () => {
    const grid = plain(12, 10)
    const at = blot(grid, 2)
    const spectra = spectraOf(grid)
    const alone = spectra(at, 1)
    for (const by of [
      [1, 0],
      [0, -1],
      [-2, 2],
      [2, 2],
    ] as const) {
      const moved = blot(grid, 2, by)
      expect(moved).not.to.deep.equal(at)
      const both = spectra(Float32Array.from([...at, ...moved]), 2)
      expectAlmost(both.subarray(0, alone.length), alone)
      expectAlmost(both.subarray(alone.length), alone)
    }
    expect(differ(spectra(blot(grid, 1), 1), alone), 'another sample').to.be.above(10)
  })

  it('are taken of each channel, in either order', () => {
    const grid = plain(4, 6, 2)
    const [one, other] = [blot(grid, 0), blot(grid, 1)]
    const alone = [one, other].map((x) => spectraOf(plain(4, 6))(x, 1))
    const expected = alone.flatMap((spectrum) => [...spectrum])
    const last = Float32Array.from({ length: 48 }, (_, at) => [one, other][at % 2]![at >> 1]!)
    expectAlmost(spectraOf(grid)(last, 1), expected)
    const first = Float32Array.from([...one, ...other])
    expectAlmost(spectraOf({ ...grid, order: 'channels-first' })(first, 1), expected)
    expect(differ(spectraOf(grid)(first, 1), Float32Array.from(expected))).to.be.above(1)
  })

  it('need no more memory for a long series than a few times its length', () => {
    const grid = plain(1, 2 ** 18)
    const held = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    const before = held()
    const spectra = spectraOf(grid)
    const bytesEach = (held() - before) / grid.width
    expect(spectra(new Float32Array(grid.width), 1)).to.have.length(64)
    expect(bytesEach, 'bytes of memory for each feature').to.be.below(256)
  })
})
