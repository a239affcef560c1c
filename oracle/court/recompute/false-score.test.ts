import { openEngine } from '@assay/engine/node/session.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import { writePool } from '@assay/engine/package/pool.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { failedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { accusedValue, packEntry, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { expect } from 'chai'
import { type Address, zeroHash } from 'viem'
import { clusters } from '../../../test/e2e/support/small-task.ts'
import { type CohortScene, startCohortScene } from '../../fixtures/cohort-scene.ts'
import type { Member } from '../../round-facts.ts'
import { poolShown } from './false-score.ts'
import { type ScoreCharge, scoreByRule, updatesNeeded } from './score-by-rule.ts'
import type { ShownUpdate } from './shown-update.ts'

const MEMBERS = 4
/** A pool that is large enough for a round to judge by a slice of it. */
const LARGE_POOL = clusters(deriveSeed(zeroHash, 'large pool'), 600)

describe('the value of an accused score', () => {
  let scene: CohortScene
  let engine: Engine
  let members: Member[]
  /** What the accused seat's own oracle says. */
  let entries: ScoreEntry[]

  before(async () => {
    scene = await startCohortScene()
    engine = await openEngine(scene.task)
    const some = clusters(deriveSeed(zeroHash, 'half wrong'), 60)
    const halfWrong = { ...some, y: some.y.map((label, i) => (i % 2 === 0 ? label : (label + 1) % 4)) }
    members = await Promise.all(
      Array.from({ length: MEMBERS }, (_, n) => scene.handIn(n, n === 2 ? { data: halfWrong } : {})),
    )
    entries = await scene.entries({ cohort: members })
  })
  after(async () => {
    await engine.close()
    await scene.stop()
  })

  const there = (n: number): ShownUpdate => ({ is: 'there', final: scene.finalOf(n) })
  const gone = { is: 'missing', reason: 'no store has it' } as const
  const charge = (member: number, changes: Partial<ScoreCharge> = {}): ScoreCharge => ({
    engine,
    base: scene.base,
    pool: scene.task.holdout,
    draw: { ...scene.facts, validator: scene.facts.validators[0] as Address },
    entries,
    member,
    contributors: members.map(({ contributor }) => contributor),
    shown: members.map((_, n) => there(n)),
    ...changes,
  })
  const worth = async (asked: ScoreCharge) => {
    const found = await scoreByRule(asked)
    return found === 'missing' ? found : found.value
  }
  const saidIn = (sheet: readonly ScoreEntry[], member: number) => accusedValue(packEntry(sheet[member]!))

  it('is what an honest seat said, of every member, whatever it saw of their windows', async () => {
    for (let member = 0; member < MEMBERS; member++) {
      expect(entries[member]!.quality, 'scored').to.be.within(1, 10_000)
      expect(await worth(charge(member)), `${member}`).to.equal(saidIn(entries, member))
    }
  })

  it('is what an honest seat said where a round is judged by a slice of the pool', async () => {
    const sliced = await scene.entries({ cohort: members, holdout: LARGE_POOL })
    expect(sliced).to.not.deep.equal(entries)
    const asked = charge(1, { entries: sliced, pool: LARGE_POOL })
    expect(await worth(asked)).to.equal(saidIn(sliced, 1))
  })

  it('is another one than an invented quality, an invented rarity, or that of another seat', async () => {
    const honest = entries[2]!
    expect(honest.quality, 'neither best nor worst').to.be.within(100, 9_900)
    const lies = [
      { ...honest, quality: honest.quality - 1 },
      { ...honest, quality: honest.quality + 1 },
      { ...honest, rarity: honest.rarity + 2 },
      scoreEntry({ quality: 0 }),
    ]
    for (const lie of lies) {
      const told = entries.with(2, lie)
      const found = await worth(charge(2, { entries: told }))
      expect(found).to.equal(saidIn(entries, 2)).and.not.equal(saidIn(told, 2))
    }
    const draw = { ...scene.facts, validator: scene.facts.validators[1] as Address }
    expect(await worth(charge(2, { draw }))).to.not.equal(saidIn(entries, 2))
  })

  it('shares rarity among those that the seat itself scored above zero', async () => {
    const alone = entries.map((entry, at) => (at === 2 ? entry : scoreEntry({ quality: 0 })))
    expect(updatesNeeded(entries, 2)).to.deep.equal([0, 1, 2, 3])
    expect(updatesNeeded(alone, 2)).to.deep.equal([2])
    const shown = members.map((_, n) => (n === 2 ? there(n) : undefined))
    const found = await worth(charge(2, { entries: alone, shown }))
    expect(found).to.not.equal('missing').and.not.equal(saidIn(entries, 2))
  })

  it('is missing while the update itself is gone, or was opened as something else', async () => {
    const shown = members.map((_, n) => there(n))
    for (const is of ['missing', 'foreign'] as const)
      expect(await worth(charge(1, { shown: shown.with(1, { ...gone, is }) }))).to.equal('missing')
  })

  it('takes the seat’s word for the rarity while a competitor’s update is gone, and not for the quality', async () => {
    const shown = members.map((_, n) => there(n)).with(3, gone)
    expect(await worth(charge(1, { shown })), 'nobody honest is false for it').to.equal(saidIn(entries, 1))
    const honest = entries[1]!
    const lie = entries.with(1, { ...honest, quality: honest.quality - 1 })
    expect(await worth(charge(1, { entries: lie, shown }))).to.equal(saidIn(entries, 1))
    const unaudited = entries.with(3, failedEntry('S2'))
    const [asked, known] = [charge(1, { entries: unaudited }), charge(1, { entries: unaudited, shown })]
    expect(await worth(known), 'one that nobody needs').to.equal(await worth(asked))
  })

  it('says S1 of an update whose bytes are refused, whatever became of the others', async () => {
    const refused = { is: 'refused', reason: 'too long' } as const
    const shown: ShownUpdate[] = members.map((_, n) => (n === 0 ? refused : gone))
    expect(await worth(charge(0, { shown }))).to.equal(accusedValue(packEntry(failedEntry('S1'))))
  })

  it('comes with a trail of all losses, another one for each entry and the same each time', async () => {
    const trailOf = async (member: number) => {
      const found = await scoreByRule(
        charge(member, { entries: entries.with(member, scoreEntry({ quality: 0 })) }),
      )
      return found === 'missing' ? found : Buffer.from(found.trail).toString('hex')
    }
    expect(await trailOf(1)).to.equal(await trailOf(1))
    const moved = { ...scene.facts, validator: scene.facts.validators[2] as Address }
    const other = await scoreByRule(charge(1, { draw: moved }))
    expect(Buffer.from((other as { trail: Uint8Array }).trail).toString('hex')).to.not.equal(await trailOf(1))
  })

  it('takes the pool from the evidence alone, and only the one that judged the round', () => {
    const { spec, holdout } = scene.task
    const root = spec.pool.root as Hash
    const pool = { samples: holdout, saltSeed: deriveSeed(`0x${'5e'.repeat(32)}`, 'pool salt') }
    const bytes = writePool(pool, spec)
    expect(poolShown(spec, root, bytes)?.n).to.equal(holdout.n)
    const wrong: [string, Uint8Array | undefined][] = [
      ['none', undefined],
      ['cut', bytes.subarray(0, bytes.length - 1)],
      ['empty', new Uint8Array(0)],
      ['with other salts', writePool({ ...pool, saltSeed: zeroHash }, spec)],
      ['with one label more', writePool({ ...pool, samples: clusters(zeroHash, holdout.n + 1) }, spec)],
      [
        'with another feature',
        writePool({ ...pool, samples: withFeatures(holdout, featuresOf(holdout).with(5, 9)) }, spec),
      ],
    ]
    for (const [what, evidence] of wrong) expect(poolShown(spec, root, evidence), what).to.equal(undefined)
    expect(poolShown(spec, zeroHash, bytes), 'of another round').to.equal(undefined)
  })
})
