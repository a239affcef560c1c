import type { TrainingWork } from '@assay/contributor/behaviour.ts'
import { packageOf, seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { delta } from '@assay/engine/run/update.ts'
import { cosine, norm } from '@assay/engine/vector.ts'
import { expect } from 'chai'
import { BACKDOOR_CLASS } from '../datasets/lab-dataset.ts'
import { smallBlobs } from '../fixtures/blobs.ts'
import { seededRng } from '../rng.ts'
import { deviationOf, meanOf, squaredDistance, stateAfter, type Vector } from '../steps.ts'
import type { AttackMeans } from './attack.ts'
import { ATTACKS } from './registry.ts'

const HONEST = 8
const ATTACKERS = 2

describe('attacks', () => {
  let contents: TaskPackage
  let pool: Dataset
  let shard: Dataset
  let honest: Vector[]

  before(async () => {
    const made = await smallBlobs.contents({ seed: seedOf('attacks'), steps: 12 })
    contents = await packageOf(made)
    pool = made.pool.samples
    ;[shard] = (await smallBlobs.shards({ seed: seedOf('shard'), contributors: 1, partition: 'iid' })) as [
      Dataset,
    ]
    const values = delta(contents.spec, contents.init, contents.init).length
    const centre = seededRng(seedOf('centre'), 'steps')
    const common = Float32Array.from({ length: values }, () => 0.02 * centre.normal())
    honest = Array.from({ length: HONEST }, (_, i) => {
      const rng = seededRng(seedOf('step', BigInt(i)), 'steps')
      return common.map((value) => value + 0.05 * rng.normal())
    })
  })

  const meansOf = (place: number, shared = new Map<string, Vector>()): AttackMeans => ({
    seed: seedOf('attacker', BigInt(place)),
    place,
    attackers: ATTACKERS,
    contributors: HONEST + ATTACKERS,
    firstShard: shard,
    pool,
    dataset: smallBlobs,
    contents,
    crowd: { shared, honest: () => honest.map((step) => stateAfter(contents.spec, contents.init, step)) },
  })
  const attackOf = (name: string) => ATTACKS.find((attack) => attack.name === name)!

  /** The trace that an attacker hands in, in a round in which its honest training would take the first honest step. */
  async function traceOf(name: string, round = 1, means = meansOf(0)): Promise<State[]> {
    const base = contents.init
    const after = stateAfter(contents.spec, base, honest[0]!)
    const work = { round, contributor: '0xa', base, contents, data: shard, isLastRound: false }
    const behaviour = attackOf(name).play!(means)
    const trace = await behaviour.train!(work as unknown as TrainingWork, async () => [
      base,
      base,
      base,
      base,
      after,
    ])
    return [...(trace as Iterable<State>)]
  }

  const stepOf = async (name: string) => delta(contents.spec, contents.init, (await traceOf(name)).at(-1)!)

  it('have names of their own, and words for help', () => {
    const names = ATTACKS.map(({ name }) => name)
    expect(new Set(names).size).to.equal(names.length)
    for (const { description } of ATTACKS) expect(description).to.match(/^[a-z].{10,}[^.]$/)
  })

  it('alie stays so many deviations from the mean', async () => {
    const mean = meanOf(honest)
    const deviation = deviationOf(honest, mean)
    for (const [name, z] of [
      ['alie', 1.5],
      ['alie-half', 0.5],
    ] as const) {
      const step = await stepOf(name)
      for (const k of [0, 7, 20]) expect((mean[k]! - step[k]!) / deviation[k]!).to.be.closeTo(z, 1e-3)
    }
  })

  it('ipm and scale keep or turn the direction', async () => {
    expect(cosine(await stepOf('ipm'), meanOf(honest))).to.be.closeTo(-1, 1e-6)
    const scaled = await stepOf('scale')
    expect(cosine(scaled, honest[0]!)).to.be.closeTo(1, 1e-6)
    expect(norm(scaled) / norm(honest[0]!)).to.be.closeTo(10, 1e-4)
  })

  it('min-max and min-sum go as far as they may, and no farther', async () => {
    const most = Math.max(...honest.flatMap((one) => honest.map((other) => squaredDistance(one, other))))
    const far = await stepOf('min-max')
    const farthest = Math.max(...honest.map((one) => squaredDistance(one, far)))
    expect(farthest / most).to.be.within(0.9, 1.0001)
    const sums = (from: Vector) => honest.reduce((sum, one) => sum + squaredDistance(one, from), 0)
    const sum = sums(await stepOf('min-sum'))
    expect(sum / Math.max(...honest.map(sums))).to.be.within(0.9, 1.0001)
  })

  it('fang-krum goes against the honest direction, and Krum would pick it', async () => {
    const step = await stepOf('fang-krum')
    expect(cosine(step, meanOf(honest))).to.be.below(0)
    const lengths = step.map(Math.abs)
    expect(Math.max(...lengths) / Math.min(...lengths)).to.be.closeTo(1, 0.02)
    const nearest = (one: Vector, others: Vector[]) =>
      others
        .map((other) => squaredDistance(one, other))
        .sort((a, b) => a - b)
        .slice(0, HONEST - 2)
        .reduce((sum, distance) => sum + distance, 0)
    const own = nearest(step, [step, ...honest])
    const all = [step, step, ...honest]
    for (const one of honest)
      expect(own).to.be.below(
        nearest(
          one,
          all.filter((other) => other !== one),
        ),
      )
  })

  it('fang-median stays beyond the honest values, against their direction', async () => {
    const step = await stepOf('fang-median')
    const mean = meanOf(honest)
    step.forEach((value, k) => {
      const values = honest.map((one) => one[k]!)
      if (mean[k]! > 0) expect(value).to.be.at.most(Math.min(...values))
      else expect(value).to.be.at.least(Math.max(...values))
    })
  })

  it('copies are near copies, noise is small, a replay of its own repeats the first step', async () => {
    expect(cosine(await stepOf('copy'), honest[0]!)).to.be.within(0.99, 0.9999)
    expect(Math.max(...(await stepOf('random')).map(Math.abs))).to.be.below(1.001e-3)
    const means = meansOf(0)
    const replayer = attackOf('replay-own').play!(means)
    const [base, after] = [contents.init, stateAfter(contents.spec, contents.init, honest[3]!)]
    const work = { contributor: '0xa', base, contents, data: shard } as unknown as TrainingWork
    await replayer.train!({ ...work, round: 1 }, async () => [base, after])
    const again = await replayer.train!({ ...work, round: 2 }, async () => [base, base])
    const step = delta(contents.spec, base, [...(again as Iterable<State>)].at(-1)!)
    expect(cosine(step, honest[3]!)).to.be.within(0.99, 0.9999)
  })

  it('sleepers are honest in newcomer rounds, and never show the window that ends in what they turned', async () => {
    const awake = await traceOf('sleeper', 10)
    expect(delta(contents.spec, contents.init, awake.at(-1)!)).to.deep.equal(
      delta(contents.spec, contents.init, stateAfter(contents.spec, contents.init, honest[0]!)),
    )
    const turned = await traceOf('sleeper', 11)
    expect(cosine(delta(contents.spec, contents.init, turned.at(-1)!), honest[0]!)).to.be.closeTo(-1, 1e-6)
  })

  it('poison, repeat, split and take samples as they say', () => {
    const samplesOf = (name: string, place = 0) =>
      attackOf(name).play!(meansOf(place)).prepareData!(shard, contents)
    const poisoned = samplesOf('backdoor')
    expect(poisoned.n).to.equal(shard.n)
    const stamped = poisoned.n / 3
    expect([...poisoned.y.subarray(0, stamped)].every((label) => label === BACKDOOR_CLASS)).to.equal(true)
    expect(poisoned.y).not.to.deep.equal(shard.y)
    const repeated = samplesOf('duplicates')
    expect(repeated.n).to.equal(1_000)
    const rows = Array.from({ length: repeated.n }, (_, i) =>
      repeated.inputs.x!.subarray(8 * i, 8 * i + 8).join(),
    )
    expect(new Set(rows).size).to.equal(0.3 * shard.n)
    expect(samplesOf('sybil-same', 1)).to.equal(shard)
    const halves = [samplesOf('sybil-halves', 0), samplesOf('sybil-halves', 1)]
    expect(halves.map(({ n }) => n)).to.deep.equal([30, 30])
    expect(halves[0]!.inputs.x).not.to.deep.equal(halves[1]!.inputs.x)
    const leaked = samplesOf('leaked-pool')
    const known = new Set(
      Array.from({ length: pool.n }, (_, i) => pool.inputs.x!.subarray(8 * i, 8 * i + 8).join()),
    )
    expect(leaked.n).to.equal(shard.n)
    for (let i = 0; i < leaked.n; i++)
      expect(known.has(leaked.inputs.x!.subarray(8 * i, 8 * i + 8).join())).to.equal(true)
  })

  it('publish broken blobs, or submit when it is too late', () => {
    const blob = Uint8Array.from({ length: 64 }, (_, i) => i)
    const [first, second] = [0, 1].map((place) => attackOf('malformed').play!(meansOf(place)).blob!(blob))
    expect(new DataView(first!.buffer).getFloat32(60, true)).to.deep.equal(Number.NaN)
    expect(second).to.have.length(60)
    expect(attackOf('late').play!(meansOf(0)).isLate).to.equal(true)
  })
})
