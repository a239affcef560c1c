import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { openTold } from '@assay/daemon/told.ts'
import { smallPackage } from '@assay/engine/fixtures/small-tasks.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { failedEntry, unauditedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { packSheet, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { putOpening, type SomeOpening, someOpening } from '@assay/store/fixtures/records.ts'
import { expect } from 'chai'
import { numberToHex, zeroHash } from 'viem'
import { openDocket } from '../docket.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { RoundFacts } from '../round-facts.ts'
import { keepSheet, SIGN_ONCE_MIGRATION } from '../sign-once.ts'
import { keepScored, openScoredUpdates, scoredIn, scoredUpdate } from './scored-updates.ts'

const SCORED = scoreEntry({ quality: 5_000, rarity: 10_000 })
/** A day in all, by the terms below and those of the court. */
const DAY = 86_400

describe('updates that an oracle has scored', () => {
  let dir: string
  let updates: SomeOpening[]
  let spec: TaskSpec
  before(async () => {
    spec = (await smallPackage()).spec
    updates = await Promise.all(['one', 'two', 'three'].map((name) => someOpening(name)))
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-scored-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  const factsOf = (): RoundFacts => {
    const submissions = updates.map(({ commitment }, index) => ({ commitment, index }))
    const params = { specHash: zeroHash, submitSeconds: 0, challengeSeconds: DAY }
    const phases = { commitSeconds: 0, revealSeconds: 0, openSeconds: 0, aggregateSeconds: 0 }
    const of = { taskId: 1n, round: 3, beacon: numberToHex(7, { size: 32 }), count: updates.length }
    return { ...of, submissions, params: { ...params, ...phases } } as unknown as RoundFacts
  }

  const sheetWith = (entries: readonly ScoreEntry[]) => ({
    taskId: 1n,
    round: 3,
    attempt: 0 as const,
    cohorts: [0],
    words: [...packSheet([...entries])],
    salt: zeroHash,
    digest: zeroHash,
  })

  /** An oracle with a sheet that gives all of the cohort a score. @param source where it reads updates */
  async function oracleWith(source: Pick<BlobStore, 'get' | 'getRecord'>): Promise<OracleContext> {
    const db = openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION])
    keepSheet(db, sheetWith(updates.map(() => SCORED)))
    const terms = { verdictSeconds: 0, executionSeconds: 0 }
    return {
      db,
      store: source,
      scored: await openScoredUpdates(dir),
      bench: { package: async () => ({ spec }) },
      docket: { ...openDocket(), terms },
      told: openTold(),
      log: { warn: () => undefined },
      signal: new AbortController().signal,
    } as unknown as OracleContext
  }

  const kept = async (oracle: OracleContext): Promise<number> => {
    await Promise.all(oracle.scored.running)
    const found = await Promise.all(updates.map(({ commitment }) => scoredUpdate(oracle, commitment)))
    return found.filter((one) => one !== undefined).length
  }

  it('are those whose entries a case can be about', () => {
    const none = [failedEntry('S0'), unauditedEntry('notDrawn')]
    const chosen = scoredIn(factsOf(), sheetWith([...none, SCORED]))
    expect(chosen).to.have.length(1)
    const all = scoredIn(factsOf(), sheetWith([SCORED, failedEntry('S1'), scoreEntry({ quality: 0 })]))
    expect(all).to.have.members(updates.map(({ commitment }) => commitment))
  })

  it('stay on its disk, bytes and opening, when no store has them any more', async () => {
    const shared = await openFileStore({ dir: join(dir, 'shared') })
    for (const update of updates) await putOpening(shared, update)
    const oracle = await oracleWith(shared)
    keepScored(oracle, factsOf())
    expect(await kept(oracle)).to.equal(updates.length)
    const found = await scoredUpdate(oracle, updates[0]!.commitment)
    expect(found).to.deep.equal({ record: updates[0]!.bytes, blob: updates[0]!.update })
    const again = await oracleWith(await openFileStore({ dir: join(dir, 'empty') }))
    expect(await kept(again), 'after a restart').to.equal(updates.length)
  })

  it('are looked for again while a store does not answer, and given up if it has lost them', async () => {
    const shared = await openFileStore({ dir: join(dir, 'shared') })
    for (const update of updates) await putOpening(shared, update)
    let isAway = true
    const away = async (): Promise<never> => Promise.reject(new StoreError('unavailable', 'away'))
    const oracle = await oracleWith({
      get: (hash, limit) => (isAway ? away() : shared.get(hash, limit)),
      getRecord: (key, options) => (isAway ? away() : shared.getRecord(key, options)),
    })
    keepScored(oracle, factsOf())
    expect(await kept(oracle)).to.equal(0)
    isAway = false
    await shared.remove(`blobs/${updates[1]!.opening.updateHash}`, Number.MAX_SAFE_INTEGER)
    keepScored(oracle, factsOf())
    expect(await kept(oracle)).to.equal(updates.length - 1)
  })

  it('go once no case can need them', async () => {
    const shared = await openFileStore({ dir: join(dir, 'shared') })
    for (const update of updates) await putOpening(shared, update)
    const oracle = await oracleWith(shared)
    const old = await someOpening('old')
    await putOpening(oracle.scored.files, old)
    await age(old.opening.updateHash, 2 * DAY)
    keepScored(oracle, factsOf())
    expect(await kept(oracle)).to.equal(updates.length)
    expect(await oracle.scored.files.has(old.opening.updateHash)).to.equal(false)
  })

  async function age(hash: Hash, seconds: number): Promise<void> {
    const then = Date.now() / 1_000 - seconds
    await utimes(join(dir, 'scored-updates', 'blobs', hash.slice(2, 4), hash), then, then)
  }
})
