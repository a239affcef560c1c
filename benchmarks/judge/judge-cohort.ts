/** What one seat does for a cohort and for the next model, with the oracle's own functions. */

import { DatabaseSync } from 'node:sqlite'
import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import type { PoolIndex } from '@assay/engine/judge/pool-copies.ts'
import type { ReferenceUpdate } from '@assay/engine/judge/quality.ts'
import { modelHash, startState } from '@assay/engine/package/model.ts'
import { readModel } from '@assay/engine/package/model-blob.ts'
import { type State, stateHash } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { settledWeight } from '@assay/oracle/aggregate.ts'
import type { Deadline } from '@assay/oracle/deadlines.ts'
import { learnOpenings } from '@assay/oracle/draw-up.ts'
import { makeModel } from '@assay/oracle/make-model.ts'
import { type Notes, noNotes } from '@assay/oracle/progress.ts'
import { expectedOf, type Member } from '@assay/oracle/round-facts.ts'
import { SEEN_UPDATES_MIGRATION } from '@assay/oracle/seen-updates.ts'
import { fetchUpdate } from '@assay/oracle/verify/fetch-update.ts'
import type { Opened } from '@assay/oracle/verify/gates.ts'
import { reasonOfCopies } from '@assay/oracle/verify/pool-copies.ts'
import { measureUpdate, referenceOrFault, type Scores, scoresOf } from '@assay/oracle/verify/quality.ts'
import { lookAtWindows, replayWindows } from '@assay/oracle/verify/replay.ts'
import { findRepeats, vectorsOf } from '@assay/oracle/verify/similarity.ts'
import { reasonOfTargets } from '@assay/oracle/verify/strange-targets.ts'
import { windowsToLookAt, windowsToReplay } from '@assay/oracle/verify/windows.ts'
import { NEUTRAL_QUALITY_BPS } from '@assay/sdk/protocol/reputation.ts'
import { batchSeed, cohortCount, personalSeed, rootSeed } from '@assay/sdk/protocol/sampling.ts'
import type { Played } from './contribute.ts'
import { CHAIN_ID, COHORT, ROUNDS } from './federation.ts'

const NEVER = new AbortController().signal
const DEADLINE: Deadline = { signal: NEVER, msLeft: () => Number.MAX_SAFE_INTEGER }
const SEAT = { cohort: COHORT, seat: 0 }
const DEPLOYMENT = { chainId: CHAIN_ID, contracts: { rounds: ROUNDS } }

type Judging = Played & {
  members: readonly Member[]
  /** The last global steps. */
  steps: readonly (() => Float32Array)[]
  /** The pool, as an oracle has prepared it once. */
  index: PoolIndex
}

/** Judges all members of the cohort, audited or not, and makes its aggregate and the next model's blob. */
export async function judgeCohort(judging: Judging): Promise<Uint8Array> {
  const { clock, facts, members, store } = judging
  await clock.of('model', () => readBase(judging))
  const db = new DatabaseSync(':memory:')
  db.exec(SEEN_UPDATES_MIGRATION)
  const submissions = members.map(({ contributor, index, commitment }) => ({
    contributor,
    index,
    commitment,
  }))
  await clock.of(
    'learn',
    () => learnOpenings({ store, db }, { ...facts, submissions }, DEADLINE),
    members.length,
  )
  db.close()

  const updates: Opened[] = []
  for (const member of members) updates.push(await clock.of('update', () => updateOf(judging, member)))
  const notes = noNotes()
  const reference = await clock.of('reference', () => referenceFor(judging))
  for (const [i, member] of members.entries())
    await replay(judging, notes, { member, opened: updates[i]!, reference })
  await clock.of('similarity', () => compare(judging, updates))
  const scores = await score(judging, updates, reference)
  const blob = await clock.of('aggregate', () => aggregate(judging, scores))
  return clock.of('step', () => nextModel(judging, blob, scores))
}

async function readBase({ federation: { task }, facts, store }: Judging): Promise<State> {
  const bytes = await store.get(facts.baseModelHash, { maxBytes: maxUpdateBytes(task.spec) })
  return startState(task, readModel(task.spec, bytes).state)
}

async function updateOf({ federation, facts, store }: Judging, member: Member): Promise<Opened> {
  const expected = expectedOf(DEPLOYMENT, facts, member)
  const { commitment } = member
  const update = await fetchUpdate({ store, spec: federation.task.spec, commitment, expected, signal: NEVER })
  if (!update.ok) throw new Error(`an honest update fails ${update.gate}: ${update.reason}`)
  return update
}

async function referenceFor({ federation, facts, base }: Judging): Promise<ReferenceUpdate> {
  const { engine, pool: holdout } = federation
  const validator = facts.validators[facts.rosterIndex!]!
  const ground = { engine, base, holdout, round: facts.round }
  const reference = await referenceOrFault(ground, rootSeed({ ...facts, validator }))
  if ('fault' in reference) throw new Error(reference.fault)
  return reference
}

/** Stage S5 of one update: its own windows, their samples, and the windows of the two seats before. */
async function replay(
  judging: Judging,
  notes: Notes,
  { member, opened, reference }: { member: Member; opened: Opened; reference: ReferenceUpdate },
): Promise<void> {
  const { federation, facts, base, clock, index } = judging
  const reading = { ...readingOf(judging, member, opened), known: notes.windows }
  const place = { facts, attempt: 0, seat: SEAT } as const
  const [windows, others] = [windowsToReplay(place, member), windowsToLookAt(place, member)]
  const seen = await clock.of('windowRead', () => replayWindows({ ...reading, windows }), windows.length)
  if (seen.proven !== windows.length) throw new Error(`an honest window fails: ${JSON.stringify(seen)}`)
  const { spec } = federation.task
  const copies = await clock.of('copies', () => reasonOfCopies(index, spec, seen.shown), windows.length)
  if (copies !== undefined) throw new Error(`honest samples fail: ${copies}`)
  const looks = await clock.of('look', () => lookAtWindows({ ...reading, windows: others }), others.length)
  if (looks.withheld.length > 0) throw new Error(`evidence lacks: ${JSON.stringify(looks)}`)
  const shown = [...seen.shown, ...looks.shown]
  const { engine, pool: holdout } = federation
  const strange = await clock.of('targets', () =>
    reasonOfTargets({ base, spec, holdout, engine }, reference, shown),
  )
  if (strange !== undefined) throw new Error(`honest targets fail: ${strange}`)
}

function readingOf({ federation, facts, base, store, clock }: Judging, member: Member, { opening }: Opened) {
  const { engine, validators, task } = federation
  const { contributor, commitment, dataRoot, sampleCount } = member
  const steps: Engine['steps'] = (state, batches) => clock.of('replay', () => engine.steps(state, batches))
  const { address: validator, keys } = validators[facts.rosterIndex!]!
  return {
    store,
    keys,
    engine: { ...engine, steps },
    commitment,
    contributor,
    validator,
    claim: {
      round: facts.round,
      stateRoot: opening.stateRoot,
      dataRoot,
      sampleCount,
      batchSeed: batchSeed({ ...facts, contributor }),
      start: base,
      startHash: stateHash(task.spec, base),
      finalStateHash: opening.finalState.stateHash,
    },
  }
}

async function compare({ federation: { task }, base, members, steps }: Judging, updates: readonly Opened[]) {
  const { spec } = task
  const finals = updates.map(({ final }) => final)
  const vectors = vectorsOf(spec, base, finals)
  const comparable = updates.map(({ final }, i) => ({
    contributor: members[i]!.contributor,
    order: members[i]!.index,
    modelHash: modelHash(spec, final),
    vector: vectors[i]!,
    training: 'proven' as const,
  }))
  findRepeats(comparable, steps)
}

async function score(
  { federation, facts, base, members, clock }: Judging,
  updates: readonly Opened[],
  reference: ReferenceUpdate,
): Promise<Scores[]> {
  const { engine, pool: holdout } = federation
  const validator = facts.validators[facts.rosterIndex!]!
  const measured = []
  for (const [i, { contributor }] of members.entries()) {
    const candidate = {
      id: contributor,
      final: updates[i]!.final,
      personalSeed: personalSeed({ ...facts, validator, contributor }),
    }
    measured.push(
      await clock.of('quality', () => measureUpdate({ engine, base, holdout, reference }, candidate)),
    )
  }
  return scoresOf(measured).map((scores) => scores!)
}

async function aggregate(judging: Judging, scores: readonly Scores[]): Promise<Uint8Array> {
  const { federation, facts, members, base, store } = judging
  const { dataUnitsLimit } = facts.params
  const taken = []
  for (const [i, member] of members.entries()) {
    const weight = settledWeight(resultOf(member, scores[i]!), {
      dataUnits: member.sampleCount,
      dataUnitsLimit,
    })
    taken.push({ weight, final: weight > 0n ? (await updateOf(judging, member)).final : undefined })
  }
  const { blob } = aggregateCohort({ spec: federation.task.spec, base, members: taken })
  await store.put(blob)
  return blob
}

function resultOf({ reputationBps }: Member, { qualityBps = NEUTRAL_QUALITY_BPS }: Scores) {
  return { outcome: 'audited', provenWindows: 6, qualityBps, reputationBps } as const
}

/** The model of as many aggregates as the round has cohorts: this one for all of them. */
async function nextModel(judging: Judging, blob: Uint8Array, scores: readonly Scores[]): Promise<Uint8Array> {
  const { federation, facts, base, members } = judging
  const { engine, task, pool } = federation
  const ground = { engine, spec: task.spec, base, made: facts, judged: { samples: pool, pool } }
  const results = members.map((member, i) => resultOf(member, scores[i]!))
  const cohorts = Array.from({ length: cohortCount(facts.count) }, (_, cohort) => ({ cohort, blob, results }))
  const made = await makeModel(ground, cohorts)
  if ('kept' in made) throw new Error(`the next model is the base model: ${made.kept}`)
  return made.blob
}
