import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { subset } from '@assay/engine/package/data.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import type { State } from '@assay/engine/package/state.ts'
import { failedEntry, unauditedEntry, withheldEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { NOT_AUDITED, type ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { clusters, LINE } from '../../test/e2e/support/small-task.ts'
import { type CohortScene, type Look, startCohortScene } from '../fixtures/cohort-scene.ts'
import { noNotes } from '../progress.ts'
import type { Member } from '../round-facts.ts'

const MEMBERS = 6
const SAMPLES = 60
const SHIELDED = unauditedEntry('notLookedAt')

describe('a cohort, judged by one seat', () => {
  let scene: CohortScene
  let members: Member[]

  before(async () => {
    scene = await startCohortScene()
    members = await Promise.all(Array.from({ length: MEMBERS }, (_, n) => scene.handIn(n)))
  })
  after(() => scene.stop())

  const look = (store: BlobStore, how: Look = {}) => scene.entries({ cohort: members, store, ...how })
  const expectScored = (entries: ScoreEntry[]) => {
    for (const { quality } of entries) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  }

  it('scores honest work, all of which it is drawn to audit', async () => {
    for (const { quality, windows } of await scene.entries({ cohort: members })) {
      expect(quality).to.be.above(0).and.below(NOT_AUDITED)
      expect(windows).to.be.above(0)
    }
  })

  it('fails whoever shows samples of the held-out pool, as they are, nearly so, among fresh ones or shifted', async () => {
    const { task } = scene
    const pool = task.holdout
    const copies = subset(
      pool,
      Array.from({ length: SAMPLES }, (_, i) => 3 * i),
    )
    const x = featuresOf(copies)
    const noise = featuresOf(clusters(deriveSeed(zeroHash, 'noise'), SAMPLES))
    const near = withFeatures(
      copies,
      x.map((value, i) => value + 0.02 * noise[i]!),
    )
    const fresh = clusters(deriveSeed(zeroHash, 'fresh'), SAMPLES)
    const half = {
      ...withFeatures(
        copies,
        x.map((value, i) => (i < x.length / 2 ? value : featuresOf(fresh)[i]!)),
      ),
      y: copies.y.map((label, i) => (i < SAMPLES / 2 ? label : fresh.y[i]!)),
    }
    const next = (at: number) => (at % LINE.width === LINE.width - 1 ? at + 1 - LINE.width : at + 1)
    const shifted = withFeatures(
      copies,
      x.map((_, at) => x[next(at)]!),
    )
    const leaked = [copies, near, half, shifted]
    const cheats = await Promise.all(leaked.map((data, i) => scene.handIn(MEMBERS + i, { data })))
    const found = await scene.find({ cohort: [...members, ...cheats] })
    expect(found.slice(0, MEMBERS).map(({ failed }) => failed)).to.deep.equal(Array(MEMBERS).fill(undefined))
    for (const { failed } of found.slice(MEMBERS)) expect(failed).to.include({ gate: 'S5 samples' })
    const reasons = found.slice(MEMBERS).map(({ failed }) => failed!.reason)
    expect(reasons[0]).to.match(/^\d+ of \d+ samples that it shows are in the held-out pool$/)
    expect(reasons[1]).to.match(/are near copies of the held-out pool's, \d+ may be by chance$/)
    expect(reasons[3]).to.match(
      /are near copies, perhaps shifted, of the held-out pool's, \d+ may be by chance$/,
    )
  })

  it('leaves who has held pay unaudited in the last round while a held round can not be seen', async () => {
    // There is no chain to read the held round from. This seat is drawn for all windows.
    const { facts } = scene
    const last = {
      ...facts,
      committeeSize: 1,
      weights: [1],
      params: { ...facts.params, maxRounds: facts.round },
    }
    const cohort = members.map((member, i) => ({ ...member, heldRounds: i === 0 ? [2] : [] }))
    const [held, ...others] = await scene.entries({ cohort, facts: last })
    expect(held).to.deep.equal(SHIELDED)
    expectScored(others)
    const early = await scene.find({ cohort, facts: last, lastCall: false }).catch((error) => error)
    expect(early).to.be.instanceOf(Error)
    const before = { ...last, params: { ...last.params, maxRounds: facts.round + 1 } }
    expectScored(await scene.entries({ cohort, facts: before }))
  })

  it('says of its own windows and of those of the two seats before it what was withheld', async () => {
    const { drawn, seat } = scene
    const seats = 5
    const before = (distance: number) => (seat - distance + seats) % seats
    const hides = [
      { seats: [], entry: { windows: 1, withheld: 0 } },
      { seats: [before(1)], entry: { windows: 1, withheld: 1 } },
      { seats: [before(2)], entry: { windows: 1, withheld: 2 } },
      { seats: [before(1), before(2), seat], entry: { windows: 0, withheld: 3 } },
      { seats: [before(3), before(4)], entry: { windows: 1, withheld: 0 } },
    ]
    const cohort = await Promise.all(
      hides.map(({ seats }, i) => {
        const n = MEMBERS + 10 + i
        const windows = drawn(n).filter((one) => seats.includes(one.seat))
        return scene.handIn(n, { hidden: windows.map(({ window }) => window) })
      }),
    )
    const entries = await look(scene.store, { cohort })
    for (const [i, { seats, entry }] of hides.entries())
      expect(entries[i], `hidden from ${seats}`).to.include(entry)
    const unseen = entries.splice(3, 1)
    expect(unseen[0]).to.deep.equal(withheldEntry({ windows: 0, withheld: 3 }))
    expectScored(entries)
  })

  it('at the last call, scores an update of which it could not look at what others replay', async () => {
    const first = members[0]!
    const others = new Set(
      scene
        .drawn(0)
        .filter((one) => one.seat !== scene.seat)
        .map(({ window }) => `evidence/${first.commitment}/${window}`),
    )
    const silent: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) =>
        others.has(key.slice(0, key.lastIndexOf('/'))) ? noAnswer() : scene.store.getRecord(key, options),
    }
    const failure = await look(silent, { lastCall: false }).catch((error) => error)
    expect(failure).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })
    expect(await look(silent)).to.deep.equal(await look(scene.store))
  })

  it('waits while the store does not answer, and at the last call fails nobody for it', async () => {
    for (const silent of [{ getRecord: noAnswer }, { get: noAnswer }]) {
      const failure = await look({ ...scene.store, ...silent }, { lastCall: false }).catch((error) => error)
      expect(failure).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })

      expect(await look({ ...scene.store, ...silent })).to.deep.equal(Array(MEMBERS).fill(SHIELDED))
    }
  })

  it('leaves an update unaudited if the store keeps back nothing but its evidence', async () => {
    const first = members[0]!.commitment
    const silent: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) =>
        key.startsWith('evidence') && key.includes(first) ? noAnswer() : scene.store.getRecord(key, options),
    }

    const [kept, ...others] = await look(silent)

    expect(kept).to.deep.equal(SHIELDED)
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('fails an update that was not opened, if the store says so', async () => {
    const first = members[0]!.commitment
    const forgetful: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) =>
        key.includes(first) ? undefined : scene.store.getRecord(key, options),
    }

    expect((await look(forgetful))[0]).to.deep.equal(failedEntry('S0'))
  })

  it('scores the others if one enrolled with more samples than can be drawn from', async () => {
    const [first, ...rest] = members
    const [huge, ...others] = await look(scene.store, {
      cohort: [{ ...first!, sampleCount: 2 ** 24 + 1 }, ...rest],
    })

    expect(huge, 'nothing can be shown of it').to.deep.equal(withheldEntry({ windows: 0, withheld: 3 }))
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('judges the others at the last call if one update causes an unexpected error', async () => {
    const first = members[0]!.commitment
    const cursed: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) => {
        if (key.startsWith('opening') && key.includes(first)) throw new TypeError('nobody thought of this')
        return scene.store.getRecord(key, options)
      },
    }
    const failure = await look(cursed, { lastCall: false }).catch((error) => error)
    expect(failure).to.be.instanceOf(TypeError)

    const [kept, ...others] = await look(cursed)
    expect(kept).to.deep.equal(SHIELDED)
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('recognises a copy that was committed first, because it shows no training', async () => {
    const copy = await scene.handIn(MEMBERS, { fakeFinal: nearly(scene.finalOf(2)) })
    const cohort = [
      { ...copy, index: 0 },
      ...members.map((member) => ({ ...member, index: member.index + 1 })),
    ]

    const [copied, ...others] = await look(scene.store, { cohort })

    expect(copied).to.deep.equal(failedEntry('S2'))
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it("fails whoever committed to another's commitment first, and nobody else, in later looks too", async () => {
    const [asked, robbed, ...others] = members.map((member) => ({ ...member, index: member.index + 1 }))
    const rarelyAudited = { reputationBps: 10_000, seen: 100 }
    const thief: Member = { ...robbed!, ...rarelyAudited, contributor: `0x${'99'.repeat(20)}`, index: 0 }
    const cohort = [thief, asked!, { ...robbed!, ...rarelyAudited }, ...others]
    const notes = noNotes()
    let isUp = false
    const flaky: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) =>
        !isUp && key.startsWith('evidence') && key.includes(asked!.commitment)
          ? noAnswer()
          : scene.store.getRecord(key, options),
    }
    const how = { cohort, notes, store: flaky, lastCall: false }
    const early = await scene.find(how).catch((error) => error)
    expect(early).to.be.instanceOf(StoreError)

    isUp = true
    const found = await scene.find(how)
    expect([0, 2].map((i) => found[i]!.audited)).to.deep.equal([false, false])
    expect(found.map(({ failed }) => failed?.gate)).to.deep.equal(['S0', ...Array(MEMBERS).fill(undefined)])
  })

  it('waits for a store that hangs no longer than until the deadline of the last call', async () => {
    const server = createServer(() => undefined)
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    try {
      const hanging = httpStore({ url: `http://127.0.0.1:${port}` })
      const found = await look(hanging, { ms: 200 })
      expect(found).to.deep.equal(Array(MEMBERS).fill(SHIELDED))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('scores the others in time when one of them is hung up on, however the store does it', async () => {
    const first = members[0]!
    const never = () => new Promise<never>(() => undefined)
    const opening = await scene.store.getRecord(`opening/${first.commitment}`)
    const { updateHash } = JSON.parse(new TextDecoder().decode(opening)) as { updateHash: string }
    const hangs: Partial<BlobStore>[] = [
      {
        getRecord: async (key, o) => (key.startsWith(`opening/${first.commitment}`) ? never() : read(key, o)),
      },
      { get: async (hash, limit) => (hash === updateHash ? never() : scene.store.get(hash, limit)) },
      {
        getRecord: async (key, o) =>
          key.startsWith(`evidence/${first.commitment}`) ? never() : read(key, o),
      },
    ]
    const read: BlobStore['getRecord'] = (key, options) => scene.store.getRecord(key, options)
    for (const hang of hangs) {
      // A slow machine needs more time for the others. What hangs never answers, however long it is waited for.
      for (let ms = 500; ; ms *= 2) {
        const [hung, ...others] = await look({ ...scene.store, ...hang }, { ms })
        expect(hung).to.deep.equal(SHIELDED)
        if (others.some(({ quality }) => quality === NOT_AUDITED)) continue
        expectScored(others)
        break
      }
    }
  })

  it('asks again for what was missing, and for nothing else', async () => {
    const notes = noNotes()
    const asked: string[] = []
    let isUp = false
    const flaky: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) => {
        asked.push(key)
        if (!isUp && key.startsWith('evidence') && key.includes(members[0]!.commitment)) return noAnswer()
        return scene.store.getRecord(key, options)
      },
    }
    const early = await look(flaky, { notes, lastCall: false }).catch((error) => error)
    expect(early).to.be.instanceOf(StoreError)

    asked.length = 0
    isUp = true
    const late = await look(flaky, { notes, lastCall: false })
    expect(asked.length).to.be.above(0)
    for (const key of asked) expect(key).to.contain(members[0]!.commitment)
    expect(late).to.deep.equal(await look(scene.store))

    asked.length = 0
    await look(flaky, { notes })
    expect(asked, 'a cohort that is done').to.deep.equal([])
  })
})

const noAnswer = () => Promise.reject(new StoreError('unavailable', 'no answer'))
const nearly = (state: State): State =>
  new Map([...state].map(([name, data]) => [name, data.map((value) => value * 1.001)]))
