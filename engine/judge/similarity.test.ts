import { expect } from 'chai'
import fc from 'fast-check'
import { noiseVector, seedOf } from '../fixtures/small-tasks.ts'
import { cosine, norm } from '../vector.ts'
import {
  collapseCopies,
  keptVectors,
  repeatGlobalSteps,
  type SimilarUpdate,
  similarityThreshold,
} from './similarity.ts'
import { sketchDelta } from './sketch.ts'

const SIZE = 4000

/** `shared` of the length in a common direction, the rest in a direction of its own. */
function update(i: number, shared = 0.5): Float32Array {
  const common = noiseVector(SIZE, seedOf('common'))
  const own = noiseVector(SIZE, seedOf('own', BigInt(i)))
  return common.map((value, k) => shared * value + Math.sqrt(1 - shared ** 2) * own[k]!)
}

function noisy(vector: Float32Array, share: number, label: string): Float32Array {
  const noise = noiseVector(SIZE, seedOf(label))
  const scale = (share * norm(vector)) / norm(noise)
  return vector.map((value, k) => value + scale * noise[k]!)
}

function entry(i: number, vector: Float32Array): SimilarUpdate {
  return { id: `u${i}`, order: i, modelHash: seedOf('state', BigInt(i)), vector: () => vector }
}

describe('similarity (S2)', () => {
  const honest = Array.from({ length: 8 }, (_, i) => entry(i, update(i)))

  it('leaves honest updates alone, alike or not', () => {
    for (const shared of [0, 0.5, 0.8, 0.95]) {
      const { clusters } = collapseCopies(Array.from({ length: 8 }, (_, i) => entry(i, update(i, shared))))
      expect(clusters.map(({ members }) => members)).to.deep.equal(honest.map(({ id }) => [id]))
    }
  })

  for (const share of [0, 0.05, 0.1, 0.3]) {
    it(`collapses a copy under ${100 * share} % of noise into the earliest commitment's cluster (attack 13)`, () => {
      const copy = { ...entry(20, noisy(honest[3]!.vector(), share, 'copier')), order: 20 }
      const { clusters } = collapseCopies([copy, ...honest])
      expect(clusters).to.deep.include({ lead: 'u3', members: ['u3', 'u20'] })
      expect(clusters).to.have.length(8)
    })
  }

  it('collapses equal states, whatever their sketches say', () => {
    const twin = { ...entry(20, update(20)), modelHash: honest[5]!.modelHash }
    expect(collapseCopies([...honest, twin]).clusters).to.deep.include({ lead: 'u5', members: ['u5', 'u20'] })
  })

  it('joins chains of copies into one cluster', () => {
    const first = entry(20, noisy(honest[0]!.vector(), 0.3, 'first'))
    const second = entry(21, noisy(first.vector(), 0.3, 'second'))
    const { clusters } = collapseCopies([second, first, ...honest])
    expect(clusters).to.deep.include({ lead: 'u0', members: ['u0', 'u20', 'u21'] })
  })

  it('keeps a threshold between fixed bounds, above the population, whatever the population', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 }), (cosines) => {
        expect(similarityThreshold(cosines)).to.be.within(0.7, 0.97)
      }),
      { seed: 31, numRuns: 200 },
    )
    expect(similarityThreshold([])).to.equal(0.9)
    expect(similarityThreshold(new Array(28).fill(0.9))).to.be.closeTo(0.95, 1e-9)
  })

  it('finds an update that repeats a global step, also under 20 % of noise (attack 11)', () => {
    const steps = [update(40), update(41)]
    const longer = steps[0]!.map((value) => 3 * value)
    const updates = [steps[1]!, noisy(steps[0]!, 0.2, 'repeat'), update(42), longer].map((one) => () => one)
    const makers = steps.map((step) => () => step)
    expect(repeatGlobalSteps(updates, makers)).to.deep.equal([true, true, false, true])
    expect(repeatGlobalSteps(updates, [])).to.deep.equal([false, false, false, false])
    expect(repeatGlobalSteps([], makers)).to.deep.equal([])
  })

  it('makes vectors once where all of them fit in memory, and anew each time where not', () => {
    let made = 0
    const make = () => {
      made += 1
      return update(1)
    }
    const twice = (bytes: number) => {
      const [kept] = keptVectors([make, make], bytes)
      expect(kept!()).to.deep.equal(kept!())
    }
    twice(4_096)
    expect(made).to.equal(1)
    twice(2 ** 26)
    expect(made).to.equal(3)
  })

  it('calibrates by the cosine of each pair', () => {
    const vectors = [1, 2, 3, 4, 5].map((i) => update(i, 0.9))
    const cosines = vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => cosine(a, b)))
    const { threshold } = collapseCopies(vectors.map((vector, i) => entry(i, vector)))
    expect(threshold).to.equal(similarityThreshold(cosines)).and.to.be.above(0.9)
  })

  it('takes nothing from updates that change nothing', () => {
    const still = [10, 11].map((i) => entry(i, new Float32Array(SIZE)))
    expect(collapseCopies([...honest, ...still]).clusters).to.have.length(10)
  })
})

describe('sketches', () => {
  it('keep cosines, within about 1 / √width', () => {
    const [a, b] = [update(1), update(2)]
    const seed = seedOf('sketch seed')
    expect(cosine(sketchDelta(a, seed), sketchDelta(b, seed))).to.be.closeTo(cosine(a, b), 0.12)
    expect(cosine(sketchDelta(a, seed), sketchDelta(a, seed))).to.be.closeTo(1, 1e-12)
  })

  it('are linear, and others for another seed', () => {
    const a = update(1)
    const twice = sketchDelta(
      a.map((value) => 2 * value),
      seedOf('s'),
      128,
    )
    expect(twice).to.deep.equal(sketchDelta(a, seedOf('s'), 128).map((value) => 2 * value))
    expect(sketchDelta(a, seedOf('t'), 128)).not.to.deep.equal(sketchDelta(a, seedOf('s'), 128))
  })
})
