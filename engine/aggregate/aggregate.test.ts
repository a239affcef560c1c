import { expect } from 'chai'
import fc from 'fast-check'
import { noiseVector, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { blobHash } from '../hash.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { delta, unflatten } from '../run/update.ts'
import { lowerMedian, norm } from '../vector.ts'
import { aggregateCohort, aggregateRoot, type CohortMember, updateWeight } from './aggregate.ts'
import { demandMembers, parseCohortBlob } from './cohort-blob.ts'

let spec: TaskSpec
let base: State
let size: number

/** A member whose update is `vector`. */
function member(vector: Float32Array, weight: bigint): CohortMember & { final: State } {
  const final = unflatten(spec, vector)
  for (const [name, part] of final)
    final.set(
      name,
      part.map((value, i) => base.get(name)![i]! + value),
    )
  return { final, weight }
}

const constant = (value: number) => new Float32Array(size).fill(value)
const random = (i: number) => noiseVector(size, seedOf('member', BigInt(i)))

function aggregateOf(members: CohortMember[]): Float32Array {
  const { blob } = aggregateCohort({ spec, base, members })
  return delta(spec, base, aggregateRoot({ spec, base, cohorts: [blob] }))
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  actual.forEach((value, i) => {
    expect(value).to.be.closeTo(expected[i]!, 1e-5)
  })
}

describe('aggregation', () => {
  before(async () => {
    const task = await smallPackage()
    spec = task.spec
    base = task.init
    size = delta(spec, base, base).length
  })

  it('weighs updates by their integers', () => {
    const [a, b] = [random(1), random(2)]
    const scale = norm(a) / norm(b)
    const equal = b.map((value) => value * scale)
    const mean = aggregateOf([member(a, 3n), member(equal, 1n)])
    expectClose(
      mean,
      a.map((value, i) => 0.75 * value + 0.25 * equal[i]!),
    )
  })

  it('cuts long updates to the median length, and leaves short ones (attack 9)', () => {
    const members = [0.1, 0.2, 0.3].map((value) => member(constant(value), 1n))
    expectClose(aggregateOf(members), constant((0.1 + 0.2 + 0.2) / 3))
    const inflated = [...members.slice(0, 2), member(constant(300), 1n)]
    expectClose(aggregateOf(inflated), constant((0.1 + 0.2 + 0.2) / 3))
  })

  it('drops the lowest and the highest tenth of each coordinate', () => {
    const members = Array.from({ length: 10 }, (_, i) => {
      const vector = random(i)
      vector[0] = i === 7 ? 1 : i === 3 ? -1 : 0.01 * i
      return member(vector, 1n)
    })
    const deltas = members.map(({ final }) => delta(spec, base, final))
    const lengths = deltas.map(norm).sort((a, b) => a - b)
    const clipped = deltas.map((update) => {
      const scale = Math.min(1, lengths[4]! / norm(update))
      return update.map((value) => value * scale)
    })
    const expected = constant(0).map((_, k) => {
      const kept = clipped
        .map((update) => update[k]!)
        .sort((a, b) => a - b)
        .slice(1, -1)
      return kept.reduce((sum, value) => sum + value, 0) / kept.length
    })
    expectClose(aggregateOf(members), expected)
  })

  it('gives the bits of the plain rule, equal values and zeros of both signs too', () => {
    const members = Array.from({ length: 16 }, (_, i) => {
      const vector = random(i % 12)
      vector.fill(i % 2 === 0 ? 0 : -0, 0, 4)
      return member(vector, BigInt(1_000 + 37 * i))
    })
    const { blob } = aggregateCohort({ spec, base, members })
    const deltas = members.map(({ final }) => delta(spec, base, final))
    const lengths = deltas.map(norm)
    const median = lowerMedian(lengths)
    const expected = constant(0).map((_, k) => {
      const sorted = deltas
        .map((update, i) => ({
          value: (lengths[i]! > median ? median / lengths[i]! : 1) * update[k]!,
          weight: Number(members[i]!.weight),
        }))
        .sort((a, b) => a.value - b.value)
        .slice(1, -1)
      const sum = sorted.reduce((total, { value, weight }) => total + weight * value, 0)
      return sum / sorted.reduce((total, { weight }) => total + weight, 0)
    })
    const flat = [...parseCohortBlob(spec, blob).delta.values()].flatMap((part) => [...part])
    expect(flat.every((value, k) => Object.is(value, expected[k]))).to.equal(true)
  })

  it('gives the same bytes for the same members, and its hash names them', () => {
    const members = [1, 2, 3].map((i) => member(random(i), BigInt(i)))
    const [a, b] = [aggregateCohort({ spec, base, members }), aggregateCohort({ spec, base, members })]
    expect(a).to.deep.equal(b)
    expect(a.hash).to.equal(blobHash(a.blob))
    expect(aggregateCohort({ spec, base, members: members.slice(1) }).hash).not.to.equal(a.hash)
  })

  it('leaves out members without weight or update, says so, and adds nothing when none is left', () => {
    const members = [member(random(1), 5n), member(random(2), 2n)]
    const weightless = member(random(9), 0n)
    const withNobody: CohortMember[] = [members[0]!, weightless, { weight: 7n }, members[1]!]
    const { blob, hash } = aggregateCohort({ spec, base, members: withNobody })
    const { included, ...rest } = parseCohortBlob(spec, blob)
    expect(included).to.deep.equal([true, false, false, true])
    const alone = aggregateCohort({ spec, base, members })
    expect(parseCohortBlob(spec, alone.blob)).to.deep.equal({ ...rest, included: [true, true] })
    expect(hash, 'who is in it is part of what is voted for').not.to.equal(alone.hash)
    const empty = aggregateCohort({ spec, base, members: [weightless] })
    expect(parseCohortBlob(spec, empty.blob)).to.deep.include({ weight: 0n, included: [false] })
    expect(aggregateRoot({ spec, base, cohorts: [empty.blob] })).to.equal(base)
    expect(aggregateRoot({ spec, base, cohorts: [] })).to.equal(base)
  })

  it('puts cohorts together by their weights', () => {
    const cohorts = [
      aggregateCohort({ spec, base, members: [member(constant(0.1), 1n)] }),
      aggregateCohort({ spec, base, members: [member(constant(0.4), 2n)] }),
    ]
    const next = aggregateRoot({ spec, base, cohorts: cohorts.map(({ blob }) => blob) })
    expectClose(delta(spec, base, next), constant(0.3))
  })

  it('keeps weights exactly, also beyond 2^53', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 200n }), (weight) => {
        const { blob } = aggregateCohort({ spec, base, members: [member(constant(0.1), weight)] })
        expect(parseCohortBlob(spec, blob).weight).to.equal(weight)
      }),
      { seed: 41, numRuns: 30 },
    )
    const newcomer = { provenWindows: 0, qualityBps: 10, reputationBps: 5_000, dataUnits: 3 }
    expect(updateWeight(newcomer)).to.equal(30n)
    expect(updateWeight({ ...newcomer, reputationBps: 5_040 })).to.equal(150n)
    const most = { provenWindows: 48, qualityBps: 10_000, reputationBps: 15_000, dataUnits: 2 ** 32 - 1 }
    expect(updateWeight(most)).to.equal(48n * 20_000n * (2n ** 32n - 1n))
    expect(updateWeight({ ...most, qualityBps: 0 })).to.equal(0n)
  })

  it('stays between the lowest and the highest member at every coordinate', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1000), fc.bigInt({ min: 1n, max: 10n ** 12n })), {
          minLength: 1,
          maxLength: 16,
        }),
        (picks) => {
          const members = picks.map(([i, weight]) => member(random(i), weight))
          const result = aggregateOf(members)
          const deltas = members.map(({ final }) => delta(spec, base, final))
          result.forEach((value, k) => {
            const column = deltas.map((update) => update[k]!)
            expect(value).to.be.within(Math.min(0, ...column) - 1e-5, Math.max(0, ...column) + 1e-5)
          })
        },
      ),
      { seed: 42, numRuns: 20 },
    )
  })

  it('refuses blobs of other tasks, with NaN, or without weight', () => {
    const { blob } = aggregateCohort({ spec, base, members: [member(random(1), 5n)] })
    const tensors = readSafetensors(blob)
    const parse = (parts: Map<string, Tensor>, words: Record<string, string> = { members: '1' }) =>
      parseCohortBlob(spec, writeSafetensors(parts, words))
    const nan = new Map(tensors).set('delta.b0', {
      dtype: 'F32',
      shape: [6],
      data: new Float32Array(6).fill(Number.NaN),
    })
    expect(() => parse(nan)).to.throw('delta.b0[0] is NaN')
    const unweighted = new Map([...tensors].filter(([name]) => name !== 'weight'))
    expect(() => parse(unweighted)).to.throw('weight, U8 [32]')
    const reshaped = new Map(tensors).set('delta.b0', {
      dtype: 'F32',
      shape: [3, 2],
      data: new Float32Array(6),
    })
    expect(() => parse(reshaped)).to.throw('delta.b0 has shape [3,2]')
    const wrong = ['', '2', '1 ', '0x1', '1'.repeat(17)].map((members) => ({ members }))
    for (const words of [{}, ...wrong, { members: '1', more: 'words' }])
      expect(() => parse(tensors, words), JSON.stringify(words)).to.throw('"members", 1 to 16 digits 0 or 1')
    expect(parse(tensors, { members: '01'.repeat(8) }).included).to.have.length(16)
  })

  it('refuses blobs of cohorts of other sizes, or with a member that has no weight', () => {
    expect(() => demandMembers([true], [true, true])).to.throw('1 members, the cohort has 2')
    expect(() => demandMembers([true, false, true], [true, true, false])).to.throw('holds member 2, whose')
    expect(() => demandMembers([false, true], [true, true])).not.to.throw()
  })
})
