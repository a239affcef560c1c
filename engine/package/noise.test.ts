import { chacha20 } from '@noble/ciphers/chacha.js'
import { expect } from 'chai'
import { seedOf } from '../fixtures/small-tasks.ts'
import { hashBytes, rawBytes, sha256 } from '../hash.ts'
import { drawNoise, type NoiseInput, noise, noiseFault, noiseValues } from './noise.ts'

const SEED = seedOf('noise')
const UNIFORM: NoiseInput = { name: 'shift', shape: [200, 500], kind: 'uniform' }
const NORMAL: NoiseInput = { name: 'jitter', shape: [100_000], kind: 'normal' }
const KEPT: NoiseInput = { name: 'mask', shape: [1000, 10, 10], kind: 'bernoulli', keep: '0.8' }

function refusalOf(value: unknown): string {
  return (
    noise
      .safeParse(value)
      .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
      .join('; ') ?? ''
  )
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('random inputs of a step', () => {
  it('are what whole numbers of a public key stream give, value by value', () => {
    const stream = chacha20(hashBytes(SEED), new Uint8Array(12), new Uint8Array(240))
    const view = new DataView(stream.buffer, stream.byteOffset)
    const small = { name: 'a', shape: [2, 5] }
    const words = Array.from({ length: 10 }, (_, i) => view.getUint32(4 * i, true))
    expect([...drawNoise({ ...small, kind: 'uniform' }, SEED)]).to.deep.equal(
      words.map((word) => Math.floor(word / 256) / 2 ** 24),
    )
    expect([...drawNoise({ ...small, kind: 'bernoulli', keep: '0.375' }, SEED)]).to.deep.equal(
      words.map((word) => (word < 0.375 * 2 ** 32 ? 1 : 0)),
    )
    const sums = Array.from({ length: 10 }, (_, i) =>
      Array.from({ length: 12 }, (_, k) => view.getUint16(24 * i + 2 * k, true)).reduce(
        (sum, half) => sum + half,
      ),
    )
    expect([...drawNoise({ ...small, kind: 'normal' }, SEED)]).to.deep.equal(
      sums.map((sum) => (sum - 6 * 65_535) / 65_536),
    )
  })

  it('stay the same bits (golden)', () => {
    const bytes = [UNIFORM, NORMAL, KEPT].map((input) => rawBytes(drawNoise(input, SEED)))
    expect(sha256(...bytes)).to.equal('0xd646306a653368de7d90c0e927961e8d9c409113dcc190c6343f876b57ecdef0')
  })

  it('stay within their bounds, around the mean that they should have', () => {
    const uniform = drawNoise(UNIFORM, SEED)
    expect(uniform.every((value) => value >= 0 && value < 1)).to.equal(true)
    expect(meanOf(uniform)).to.be.closeTo(0.5, 0.005)
    const normal = drawNoise(NORMAL, SEED)
    expect(normal.every((value) => Math.abs(value) < 6)).to.equal(true)
    expect(meanOf(normal)).to.be.closeTo(0, 0.015)
    expect(meanOf(normal.map((value) => value * value))).to.be.closeTo(1, 0.02)
    expect(normal.filter((value) => Math.abs(value) < 1).length / normal.length).to.be.closeTo(0.683, 0.01)
    const kept = drawNoise(KEPT, SEED)
    expect(new Set(kept)).to.deep.equal(new Set([0, 1]))
    expect(meanOf(kept)).to.be.closeTo(0.8, 0.006)
  })

  it('are others for another seed, and as many as the shape says', () => {
    expect(drawNoise(UNIFORM, SEED)).to.not.deep.equal(drawNoise(UNIFORM, seedOf('another')))
    expect(drawNoise({ name: 'one', shape: [], kind: 'normal' }, SEED)).to.have.length(1)
    expect(noiseValues([UNIFORM, NORMAL, KEPT])).to.equal(300_000)
  })
})

describe('how task.json names random inputs', () => {
  it('is taken for each kind, for none at all, and for eight', () => {
    for (const inputs of [[], [UNIFORM, NORMAL, KEPT], Array.from({ length: 8 }, () => KEPT)])
      expect(refusalOf(inputs)).to.equal('')
  })

  it('is refused with the place and the reason', () => {
    const cases: [object[], string][] = [
      [Array.from({ length: 9 }, () => KEPT), 'Too big'],
      [[{ ...UNIFORM, keep: '0.5' }], '0 Unrecognized key'],
      [[{ name: 'a', shape: [2], kind: 'bernoulli' }], '0.keep Invalid input'],
      [[{ ...KEPT, keep: '1' }], '0.keep expected a decimal such as "0.9"'],
      [[{ ...KEPT, keep: '0.000' }], '0.keep must be above 0'],
      [[{ ...UNIFORM, name: 'a_next' }], "0.name can't end in _next"],
      [[{ ...UNIFORM, name: '1a' }], '0.name expected a letter'],
      [[{ ...UNIFORM, shape: [0] }], '0.shape.0 Too small'],
      [[{ ...UNIFORM, kind: 'gamma' }], '0.kind Invalid discriminator value'],
    ]
    for (const [inputs, reason] of cases) expect(refusalOf(inputs)).to.contain(reason)
  })

  it('names what else a step takes only once', () => {
    expect(noiseFault([UNIFORM, NORMAL], new Set(['x']))).to.equal(undefined)
    expect(noiseFault([UNIFORM, UNIFORM], new Set())).to.contain('noise: shift is the name of something else')
    expect(noiseFault([NORMAL], new Set(['jitter']))).to.contain('noise: jitter')
  })
})
