import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { scoreCommitment } from '@assay/sdk/protocol/commitments.ts'
import { type EntryReason, entryReason } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import {
  GATE_FAILED,
  MISSED,
  NOT_AUDITED,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
  unpackSheet,
} from '@assay/sdk/protocol/score-words.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { keySeedOf, oracleKeys } from './oracle-keys.ts'
import { rememberUpdates, SEEN_UPDATES_MIGRATION, seenBefore, wasSeen } from './seen-updates.ts'
import { entryOf, type Finding, makeSheet } from './sheet.ts'
import { findSheet, findVote, keepSheet, keepVote, SIGN_ONCE_MIGRATION } from './sign-once.ts'

const ADDRESS = `0x${'0a'.repeat(20)}` as const
const PLACE = { chainId: 7, rounds: ADDRESS, taskId: 3n, round: 4, attempt: 0 as const, validator: ADDRESS }
const HONEST: Finding = {
  contributor: ADDRESS,
  audited: true,
  shownNothing: false,
  isUndecided: false,
  provenWindows: 2,
  withheld: 0,
  qualityBps: 7_000,
  rarityBps: 9_000,
}
const HASH_A = deriveSeed(zeroHash, 'a')
const HASH_B = deriveSeed(zeroHash, 'b')

describe('a score sheet', () => {
  const cases: [string, Partial<Finding>, Partial<ScoreEntry>, EntryReason][] = [
    ['an audited update', {}, { quality: 7_000, rarity: 9_000, windows: 2 }, 'scored'],
    [
      'one of which windows were withheld from it and from the seat before',
      { provenWindows: 0, withheld: 1 },
      { quality: 7_000, rarity: 9_000, withheld: 1 },
      'scored',
    ],
    [
      'one of which it was shown nothing, but for a window of a held round',
      { shownNothing: true, provenWindows: 1, withheld: 3, qualityBps: 0, rarityBps: 0 },
      { rarity: 2, windows: 1, withheld: 3 },
      'withheld',
    ],
    ['one that helps nothing', { qualityBps: 0 }, { windows: 2 }, 'scored'],
    ['one that was not drawn', { audited: false }, { quality: NOT_AUDITED }, 'notDrawn'],
    [
      'one that could not be looked at in time',
      { notLookedAt: 'no answer', provenWindows: 0 },
      { quality: NOT_AUDITED, rarity: 2 },
      'notLookedAt',
    ],
    [
      'one that could not be looked at in time and was not drawn',
      { notLookedAt: 'no answer', audited: false },
      { quality: NOT_AUDITED, rarity: 2 },
      'notLookedAt',
    ],
    [
      'one that nobody can judge',
      { taskFault: 'eval.onnx failed', qualityBps: 0 },
      { quality: TASK_FAULT, windows: 2 },
      'taskFault',
    ],
    [
      'one that nobody can judge and nobody was drawn to',
      { taskFault: 'eval.onnx failed', audited: false },
      { quality: NOT_AUDITED, rarity: 2 },
      'notLookedAt',
    ],
    ['one that is not there', { failed: { gate: 'S0', reason: '' } }, { quality: GATE_FAILED }, 'S0'],
    [
      'a broken blob that was not drawn',
      { audited: false, failed: { gate: 'S1', reason: '' } },
      { quality: GATE_FAILED, rarity: 2 },
      'S1',
    ],
    ['a copy', { failed: { gate: 'S2', reason: '' } }, { quality: GATE_FAILED, rarity: 4 }, 'S2'],
    [
      'one on which the graph fails, whatever was withheld',
      { failed: { gate: 'S4', reason: 'no' }, withheld: 3 },
      { quality: GATE_FAILED, rarity: 8 },
      'S4',
    ],
    [
      'a missed replay',
      { failed: { gate: 'S5', reason: '' } },
      { quality: GATE_FAILED, rarity: 10, windows: MISSED },
      'S5',
    ],
    [
      'samples of the held-out pool',
      { failed: { gate: 'S5 samples', reason: '' } },
      { quality: GATE_FAILED, rarity: 12, windows: MISSED },
      'S5 samples',
    ],
    [
      'samples on which the graph fails',
      { failed: { gate: 'S5 graph', reason: '' } },
      { quality: GATE_FAILED, rarity: 14, windows: MISSED },
      'S5 graph',
    ],
  ]
  for (const [what, changed, entry, reason] of cases)
    it(`has an entry for ${what}, which says why`, () => {
      const made = entryOf({ ...HONEST, ...changed })
      expect(made).to.deep.equal(scoreEntry(entry))
      expect(entryReason(made)).to.equal(reason)
    })

  it('holds two words a cohort and the digest of them all', () => {
    const entries = [entryOf(HONEST), entryOf({ ...HONEST, audited: false })]
    const sheet = makeSheet(
      PLACE,
      [
        { cohort: 2, entries },
        { cohort: 5, entries: [] },
      ],
      HASH_A,
    )
    expect(sheet.cohorts).to.deep.equal([2, 5])
    expect(unpackSheet([sheet.words[0]!, sheet.words[1]!], 2)).to.deep.equal(entries)
    expect(sheet.words.slice(2)).to.deep.equal([0n, 0n])
    expect(sheet.digest).to.equal(
      scoreCommitment({ ...PLACE, cohorts: [2, 5], words: sheet.words, salt: HASH_A }),
    )
  })
})

describe('sheets and votes, signed once', () => {
  const open = () => openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION])
  const sheetOf = (qualityBps: number, salt: Hash) =>
    makeSheet(PLACE, [{ cohort: 0, entries: [entryOf({ ...HONEST, qualityBps })] }], salt)

  it('lets the first sheet of a draw stand whatever comes later', () => {
    const db = open()
    const first = keepSheet(db, sheetOf(7_000, HASH_A))
    expect(keepSheet(db, sheetOf(1, HASH_B))).to.deep.equal(first)
    expect(findSheet(db, PLACE)).to.deep.equal(first)
    expect(findSheet(db, { ...PLACE, attempt: 1 })).to.equal(undefined)
    expect(findSheet(db, { ...PLACE, round: 5 })).to.equal(undefined)
  })

  it('lets the first vote on each subject stand', () => {
    const db = open()
    const place = { taskId: 3n, round: 4, subject: 0 }
    expect(keepVote(db, place, HASH_A)).to.equal(HASH_A)
    expect(keepVote(db, place, HASH_B)).to.equal(HASH_A)
    expect(findVote(db, { ...place, subject: 'model' })).to.equal(undefined)
    expect(findVote(db, { ...place, subject: 1 })).to.equal(undefined)
  })
})

describe("a validator's secrets", () => {
  const privateKey = `0x${'11'.repeat(32)}` as const

  it('are derived from its private key alone', async () => {
    const [one, two] = [oracleKeys(keySeedOf(privateKey)), oracleKeys(keySeedOf(privateKey))]
    expect(await one.encryptionKey()).to.deep.equal(await two.encryptionKey())
    expect(one.saltOf(PLACE)).to.equal(two.saltOf(PLACE))
  })

  it('give every sheet a salt of its own', () => {
    const keys = oracleKeys(keySeedOf(privateKey))
    const others = [
      { taskId: 4n },
      { round: 5 },
      { attempt: 1 },
      { chainId: PLACE.chainId + 1 },
      { rounds: `0x${'99'.repeat(20)}` as const },
      { validator: `0x${'98'.repeat(20)}` as const },
    ]
    const salts = [PLACE, ...others.map((other) => ({ ...PLACE, ...other }))].map(keys.saltOf)
    expect(new Set(salts).size).to.equal(7)
    expect(salts).not.to.include(oracleKeys(keySeedOf(`0x${'12'.repeat(32)}`)).saltOf(PLACE))
  })
})

describe('updates seen before', () => {
  const seen = (round: number, submission: number, updateHash: Hash, account = submission) => ({
    taskId: 3n,
    round,
    submission,
    contributor: `0x${account.toString().padStart(40, '0')}` as const,
    updateHash,
  })

  it('are found by hash, the earliest first', () => {
    const db = openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION])
    rememberUpdates(db, [seen(4, 2, HASH_A), seen(4, 1, HASH_A), seen(4, 3, HASH_B)])
    expect(seenBefore(db, seen(4, 2, HASH_A))).to.deep.include({ round: 4, submission: 1 })
    expect(seenBefore(db, seen(4, 1, HASH_A))).to.equal(undefined)
    expect(seenBefore(db, seen(5, 0, HASH_B))).to.deep.include({ round: 4, submission: 3 })
    expect(seenBefore(db, { ...seen(5, 0, HASH_B), taskId: 9n })).to.equal(undefined)
    expect([1, 2, 3, 4].map((submission) => wasSeen(db, seen(4, submission, HASH_B)))).to.deep.equal([
      true,
      true,
      true,
      false,
    ])
    expect(wasSeen(db, { ...seen(4, 1, HASH_A), taskId: 9n })).to.equal(false)
  })

  it("are somebody else's, even if a reorganisation moved an update to a later place", () => {
    const db = openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION])
    rememberUpdates(db, [seen(4, 0, HASH_A, 7)])
    expect(seenBefore(db, seen(4, 1, HASH_A, 7))).to.equal(undefined)
    expect(seenBefore(db, seen(4, 1, HASH_A, 8))).to.deep.include({ submission: 0 })
    expect(seenBefore(db, seen(5, 0, HASH_A, 7)), 'its own of an earlier round').to.deep.include({ round: 4 })

    rememberUpdates(db, [seen(4, 0, HASH_B, 8), seen(4, 1, HASH_A, 7)])
    expect(seenBefore(db, seen(4, 2, HASH_B, 9))).to.deep.include({ submission: 0 })
    expect(seenBefore(db, seen(4, 2, HASH_A, 9))).to.deep.include({ submission: 1 })
  })

  it('are forgotten after fifty rounds', () => {
    const db = openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION])
    rememberUpdates(db, [seen(1, 0, HASH_A)])
    expect(seenBefore(db, seen(51, 0, HASH_A))).not.to.equal(undefined)
    expect(seenBefore(db, seen(52, 0, HASH_A))).to.equal(undefined)
    rememberUpdates(db, [seen(52, 0, HASH_B)])
    expect(db.prepare('SELECT count(*) AS n FROM seen_updates').get()).to.deep.include({ n: 1 })
  })
})
