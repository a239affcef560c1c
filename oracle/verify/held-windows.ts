import { stateHash } from '@assay/engine/package/state.ts'
import type { WindowClaim } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { type RoundBasis, readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import { stepKeeper } from '../court/kept-steps.ts'
import { expectedOf, type Member, type Submission } from '../round-facts.ts'
import type { CohortInput } from './case.ts'
import { fetchExpectedOpening } from './fetch-update.ts'
import type { Reading } from './read-evidence.ts'
import {
  type KeepMismatch,
  type KnownWindows,
  type LookOutcome,
  lookAtWindows,
  type ReplayOutcome,
  replayWindows,
  withheldBitsOf,
} from './replay.ts'
import type { WindowToLookAt, WindowToReplay } from './windows.ts'

/** What the chain says about a held round, which no contributor can change any more. */
export type HeldRound = Omit<RoundBasis, 'span'> & {
  submissions: Pick<Submission, 'contributor' | 'commitment'>[]
}

/** The held rounds that the windows of a cohort are of, each read once. */
export type HeldRounds = (round: number) => Promise<HeldRound>

/** The held rounds of a task. @returns a reader that remembers what it has read */
export function openHeldRounds(reader: AssayReader, taskId: bigint): HeldRounds {
  const known = new Map<number, Promise<HeldRound>>()
  return (round) => {
    const reading = known.get(round) ?? readHeldRound(round)
    known.set(round, reading)
    return reading
  }

  async function readHeldRound(round: number): Promise<HeldRound> {
    const basis = await readRoundBasis(reader, { taskId, round })
    const submissions = await readSubmissions(reader, { taskId, round, span: basis.span })
    return { ...basis, submissions }
  }
}

type Held = { rounds: HeldRounds; engine: Engine }

/**
 * Stage S5 in a task's last round: replays a seat's windows of held rounds, after those of the round itself, until one
 * fails. A round that can't be looked at now leaves the others to be looked at.
 *
 * @param held windows: all that this seat replays of the update; before: the outcome of the round's own
 */
export async function replayHeldRounds(
  input: CohortInput,
  member: Member,
  { windows, before, ...held }: Held & { windows: readonly WindowToReplay[]; before: ReplayOutcome },
): Promise<ReplayOutcome> {
  let outcome = before
  for (const [round, own] of byHeldRound(windows)) {
    if (outcome.mismatch !== undefined || outcome.graphFails !== undefined) break
    try {
      const reading = await readingOf(input, member, { ...held, round })
      const next =
        'reason' in reading
          ? { proven: 0, shown: [], withheld: withheldOf(own, reading) }
          : await replayWindows({ ...reading, windows: own })
      outcome = withHeld(outcome, round, next)
    } catch (error) {
      outcome = { ...outcome, waitingHeld: outcome.waitingHeld ?? error }
    }
  }
  return outcome
}

/** The same for windows of held rounds that other seats replay: looks at them. */
export async function lookAtHeldRounds(
  input: CohortInput,
  member: Member,
  { windows, before, ...held }: Held & { windows: readonly WindowToLookAt[]; before: LookOutcome },
): Promise<LookOutcome> {
  const outcome = { ...before, withheld: [...before.withheld] }
  for (const [round, own] of byHeldRound(windows)) {
    try {
      const reading = await readingOf(input, member, { ...held, round })
      const next: LookOutcome =
        'reason' in reading
          ? { withheld: withheldOf(own, reading), withheldBits: withheldBitsOf(own), shown: [] }
          : await lookAtWindows({ ...reading, windows: own })
      outcome.withheld.push(...next.withheld.map((one) => ({ ...one, heldRound: round })))
      outcome.withheldBits |= next.withheldBits
      outcome.waiting ??= next.waiting
    } catch (error) {
      outcome.waiting ??= error
    }
  }
  return outcome
}

function byHeldRound<One extends WindowToReplay>(windows: readonly One[]): Map<number, One[]> {
  const rounds = new Map<number, One[]>()
  for (const one of windows)
    if (one.heldRound !== undefined) rounds.set(one.heldRound, [...(rounds.get(one.heldRound) ?? []), one])
  return rounds
}

function withheldOf(windows: readonly WindowToReplay[], { reason }: { reason: string }) {
  return windows.map(({ window }) => ({ window, reason }))
}

/** The outcome with that of a held round. */
function withHeld(outcome: ReplayOutcome, round: number, next: ReplayOutcome): ReplayOutcome {
  const { proven, shown, withheld, waiting, ...failure } = next
  return {
    ...outcome,
    ...failure,
    proven: outcome.proven + proven,
    provenHeld: (outcome.provenHeld ?? 0) + proven,
    shown: [...outcome.shown, ...shown],
    withheld: [...outcome.withheld, ...withheld.map((one) => ({ ...one, heldRound: round }))],
    waitingHeld: outcome.waitingHeld ?? waiting,
  }
}

/**
 * What windows of a held round are read with: its commitment, opening and base model.
 *
 * @returns or else why nothing of it can be shown
 * @throws StoreError `unavailable`, or ModelLostError while nobody has its base model: nobody's fault; Error while the
 * node's log lacks what the chain says
 */
async function readingOf(
  input: CohortInput,
  member: Member,
  { rounds, engine, round }: Held & { round: number },
): Promise<(Reading & KnownWindows & KeepMismatch) | { reason: string }> {
  const { context, facts, notes, deadline } = input
  const { signal } = deadline
  const held = await untilAborted(signal, () => rounds(round))
  const commitment = commitmentOf(held, member.contributor)
  const { store, keys, account } = context
  const expected = expectedOf(
    context.reader.deployment,
    { ...facts, round, baseModelHash: held.baseModelHash },
    member,
  )
  const opening = await fetchExpectedOpening({ store, commitment, expected, signal })
  if ('ok' in opening) return { reason: opening.reason }

  const { contributor, sampleCount } = member
  return {
    keepMismatch: stepKeeper(context, { round, contributor, fields: opening, sampleCount }),
    store,
    keys,
    engine,
    signal,
    commitment,
    contributor,
    validator: account.address,
    known: notes.windows,
    claim: await claimOf(input, member, { held, opening }),
  }
}

/** What the windows of a held round are checked against. */
async function claimOf(
  { context, facts, spec, deadline }: CohortInput,
  { contributor, dataRoot, sampleCount }: Member,
  { held, opening }: { held: HeldRound; opening: Opening },
): Promise<Omit<WindowClaim, 'window'>> {
  const { round, previousBeacon, baseModelHash } = held
  const base = await context.models.load(baseModelHash, facts, deadline.signal)
  return {
    round,
    stateRoot: opening.stateRoot,
    dataRoot,
    sampleCount,
    batchSeed: batchSeed({ previousBeacon, taskId: facts.taskId, round, contributor }),
    start: base,
    startHash: stateHash(spec, base),
    finalStateHash: opening.finalState.stateHash,
  }
}

/** What the contributor submitted then. Pay of that round is held of it, so there is a submission. */
function commitmentOf({ round, submissions }: HeldRound, contributor: string): Hash {
  const own = submissions.find((one) => one.contributor.toLowerCase() === contributor.toLowerCase())
  if (own !== undefined) return own.commitment
  throw new Error(`the node's log lacks the submission of ${contributor} in round ${round}`)
}
