import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { type PackageWithPool, packageOf } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { type State, serializeState } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { windowsOfSeat } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { GATE_FAILED, NOT_AUDITED, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { expect } from 'chai'
import { privateKeyToAccount } from 'viem/accounts'
import { makeUpdate, publishEvidence, publishUpdate } from '../../test/e2e/support/hand-made-update.ts'
import { clusters, smallTask, WINDOWS } from '../../test/e2e/support/small-task.ts'
import type { OracleContext } from '../oracle-context.ts'
import { oracleKeys } from '../oracle-keys.ts'
import type { Member, RoundFacts } from '../round-facts.ts'
import { SEEN_UPDATES_MIGRATION } from '../seen-updates.ts'
import { entryOf } from '../sheet.ts'
import type { Patience } from './fetch-update.ts'
import { verifyCohort } from './verify-cohort.ts'

const SEED: Hash = `0x${'5e'.repeat(32)}`
const ROUNDS = `0x${'12'.repeat(20)}` as const
const VALIDATOR = `0x${'ab'.repeat(20)}` as const
const CHAIN_ID = 7
const MEMBERS = 6
const SAMPLES = 60
const COMMITTEE = 5
const SEAT = { cohort: 0, seat: 0 }
const SHIELDED = scoreEntry({ quality: NOT_AUDITED })

describe('a cohort, judged by one seat', () => {
  let dir: string
  let store: BlobStore
  let engine: Engine
  let task: PackageWithPool
  let base: State
  let facts: RoundFacts
  let members: Member[]
  const keys = oracleKeys(SEED)
  const finals: State[] = []

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-verify-cohort-'))
    store = await openFileStore({ dir })
    task = await packageOf(smallTask(SEED))
    engine = await openEngine(task)
    base = task.init
    facts = factsOf()
    members = await Promise.all(Array.from({ length: MEMBERS }, (_, n) => handIn(n)))
  })
  after(async () => {
    await engine.close()
    await rm(dir, { recursive: true })
  })

  it('scores honest work, all of which it is drawn to audit', async () => {
    for (const { quality, windows } of await entries(store)) {
      expect(quality).to.be.above(0).and.below(NOT_AUDITED)
      expect(windows).to.be.above(0)
    }
  })

  it('waits while the store does not answer, and at the last call fails nobody for it', async () => {
    for (const silent of [{ getRecord: noAnswer }, { get: noAnswer }]) {
      const failure = await entries({ ...store, ...silent }, { lastCall: false }).catch((error) => error)
      expect(failure).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })

      expect(await entries({ ...store, ...silent })).to.deep.equal(Array(MEMBERS).fill(SHIELDED))
    }
  })

  it('leaves an update unaudited if the store keeps back nothing but its evidence', async () => {
    const first = members[0]!.commitment
    const silent: BlobStore = {
      ...store,
      getRecord: async (key, options) =>
        key.startsWith('evidence') && key.includes(first) ? noAnswer() : store.getRecord(key, options),
    }

    const [kept, ...others] = await entries(silent)

    expect(kept).to.deep.equal(SHIELDED)
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('fails an update that was not opened, if the store says so', async () => {
    const first = members[0]!.commitment
    const forgetful: BlobStore = {
      ...store,
      getRecord: async (key, options) => (key.includes(first) ? undefined : store.getRecord(key, options)),
    }

    expect((await entries(forgetful))[0]).to.deep.equal(scoreEntry({ quality: GATE_FAILED }))
  })

  it('scores the others if one enrolled with more samples than can be drawn from', async () => {
    const [first, ...rest] = members
    const [huge, ...others] = await entries(store, {
      cohort: [{ ...first!, sampleCount: 2 ** 24 + 1 }, ...rest],
    })

    expect(huge).to.deep.equal(scoreEntry({}))
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('judges the others at the last call if one update causes an unexpected error', async () => {
    const first = members[0]!.commitment
    const cursed: BlobStore = {
      ...store,
      getRecord: async (key, options) => {
        if (key.startsWith('opening') && key.includes(first)) throw new TypeError('nobody thought of this')
        return store.getRecord(key, options)
      },
    }
    const failure = await entries(cursed, { lastCall: false }).catch((error) => error)
    expect(failure).to.be.instanceOf(TypeError)

    const [kept, ...others] = await entries(cursed)
    expect(kept).to.deep.equal(SHIELDED)
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('recognises a copy that was committed first, because it shows no training', async () => {
    const copy = await handIn(MEMBERS, nearly(finals[2]!))
    const cohort = [
      { ...copy, index: 0 },
      ...members.map((member) => ({ ...member, index: member.index + 1 })),
    ]

    const [copied, ...others] = await entries(store, { cohort })

    expect(copied).to.deep.equal(scoreEntry({ quality: GATE_FAILED }))
    for (const { quality } of others) expect(quality).to.be.above(0).and.below(NOT_AUDITED)
  })

  it('waits for a store that hangs no longer than until the deadline of the last call', async () => {
    const server = createServer(() => undefined)
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    try {
      const hanging = httpStore({ url: `http://127.0.0.1:${port}` })
      const found = await entries(hanging, { signal: AbortSignal.timeout(200) })
      expect(found).to.deep.equal(Array(MEMBERS).fill(SHIELDED))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  async function entries(
    from: BlobStore,
    { lastCall = true, cohort = members, signal }: Partial<Patience> & { cohort?: Member[] } = {},
  ): Promise<ScoreEntry[]> {
    const db = openDaemonDatabase(':memory:', ['SELECT 1', SEEN_UPDATES_MIGRATION])
    const context = {
      store: from,
      keys,
      db,
      account: { address: VALIDATOR },
      behaviour: {},
      reader: { deployment: { chainId: CHAIN_ID, contracts: { rounds: ROUNDS } } },
      log: { info: ignore, debug: ignore, warn: ignore, error: ignore },
      bench: { package: async () => task, engine: async () => engine, discardEngine: async () => undefined },
      models: { load: async () => base, lastGlobalSteps: async () => [] },
      holdout: async () => task.holdout,
    } as unknown as OracleContext
    try {
      const findings = await verifyCohort(context, {
        facts,
        seat: SEAT,
        members: cohort,
        patience: { lastCall, signal },
      })
      return findings.map(entryOf)
    } finally {
      db.close()
    }
  }

  function factsOf(): RoundFacts {
    const { specHash, spec } = task
    return {
      beacon: deriveSeed(SEED, 'beacon'),
      previousBeacon: SEED,
      taskId: 3n,
      round: 4,
      baseModelHash: blobHash(serializeState(spec, base)),
      committeeSize: COMMITTEE,
      params: {
        specHash,
        maxRounds: 9,
        replayWindows: WINDOWS,
        windowsPerRound: WINDOWS,
        stepsPerRound: spec.steps,
      },
    } as unknown as RoundFacts
  }

  /** Work of a new account: honest, with evidence for this seat, or a state without any training to show. */
  async function handIn(n: number, fakeFinal?: State): Promise<Member> {
    const account = privateKeyToAccount(deriveSeed(SEED, 'account', BigInt(n)))
    const { taskId, round, previousBeacon, baseModelHash, beacon } = facts
    const update = await makeUpdate({
      engine,
      base,
      place: { chainId: CHAIN_ID, rounds: ROUNDS, taskId, round, previousBeacon, baseModelHash },
      account,
      data: clusters(deriveSeed(SEED, 'shard', BigInt(n)), SAMPLES, n),
      ...(fakeFinal && { fakeFinal }),
    })
    finals[n] = update.training.final
    await publishUpdate(store, update)
    const drawn = windowsOfSeat({
      beacon,
      contributor: account.address,
      windowsDrawn: WINDOWS,
      totalWindows: WINDOWS,
      seatCount: COMMITTEE,
      seat: SEAT.seat,
    })
    const encryptionKey = await keys.encryptionKey()
    for (const window of fakeFinal ? [] : drawn)
      await publishEvidence(store, engine, update, { window, validator: VALIDATOR, encryptionKey })
    return {
      contributor: account.address,
      index: n,
      commitment: update.commitment,
      enrolled: true,
      flagged: false,
      reputationBps: 5_000,
      seen: 0,
      dataRoot: update.opening.dataRoot,
      sampleCount: SAMPLES,
    }
  }
})

const noAnswer = () => Promise.reject(new StoreError('unavailable', 'no answer'))
const ignore = () => undefined
const nearly = (state: State): State =>
  new Map([...state].map(([name, data]) => [name, data.map((value) => value * 1.001)]))
