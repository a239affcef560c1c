import { type AtBlock, atBlock, secondsOrUndefined } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'
import { PHASES, type Phase } from '../../protocol/phases.ts'
import type { Hash } from '../../protocol/random.ts'

/** The current round of a task, or the last one while it is idle. Times are unix seconds, undefined until they are fixed. */
export type RoundState = {
  /** From 1; 0 before the first. */
  round: number
  /** By the clock of the block that was read. */
  phase: Phase
  submissions: number
  /** 0 before the seal. */
  cohorts: number
  /** Settled or void. */
  cohortsDone: number
  cohortsVoid: number
  openedBlock: bigint
  submitEnd: number | undefined
  openEnd: number | undefined
  commitEnd: number | undefined
  revealEnd: number | undefined
  redrawCommitEnd: number | undefined
  redrawRevealEnd: number | undefined
  cohortVoteEnd: number | undefined
  rootVoteEnd: number | undefined
  closedAt: number | undefined
  beaconId: bigint
  beacon: Hash | undefined
  /** Beacon of the last sealed round before this one; zero in the first. */
  previousBeacon: Hash
  /** Model that this round trains from, the next one's while idle. */
  baseModelHash: Hash
}

/**
 * Where a task's round stands.
 *
 * @example const { phase, commitEnd } = await readRound(reader, { taskId: 1n })
 */
export async function readRound(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<RoundState> {
  const view = await chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'roundOf',
    args: [parameters.taskId],
    ...atBlock(parameters),
  })
  return {
    ...view,
    phase: PHASES[view.phase]!,
    submitEnd: secondsOrUndefined(view.submitEnd),
    openEnd: secondsOrUndefined(view.openEnd),
    commitEnd: secondsOrUndefined(view.commitEnd),
    revealEnd: secondsOrUndefined(view.revealEnd),
    redrawCommitEnd: secondsOrUndefined(view.redrawCommitEnd),
    redrawRevealEnd: secondsOrUndefined(view.redrawRevealEnd),
    cohortVoteEnd: secondsOrUndefined(view.cohortVoteEnd),
    rootVoteEnd: secondsOrUndefined(view.rootVoteEnd),
    closedAt: secondsOrUndefined(view.closedAt),
    beacon: BigInt(view.beacon) === 0n ? undefined : view.beacon,
  }
}
