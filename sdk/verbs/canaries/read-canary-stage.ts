import type { AssayReader } from '../../client/clients.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { RoundState } from '../../protocol/round-view.ts'
import { readRound } from '../rounds/read-round.ts'
import { readTaskParams } from '../tasks/read-task-params.ts'

/**
 * What can be done with a canary that is committed to. `ahead`: its round hasn't opened, and the bond is free. `running`: seats can
 * still score the round. `due`: its owner opens it, until `finalAt`, which isn't known while the round is open. `void`: the round judged
 * nobody, and the bond is free. `expired`: anybody can burn the bond.
 */
export type CanaryStage =
  | { stage: 'ahead' | 'running' | 'void' | 'expired' }
  | { stage: 'due'; finalAt: number | undefined }

/** Phases of a round whose cohorts are all done. */
const DONE: readonly string[] = ['CohortVote', 'RootVote', 'FinalizeDue']

/**
 * Where the round of a canary stands.
 *
 * @example const { stage } = await readCanaryStage(reader, { taskId: 1n, round: 3 })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readCanaryStage(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<CanaryStage> {
  const state = await readRound(reader, { taskId })
  if (state.round < round) return { stage: 'ahead' }
  if (state.round === round && state.phase !== 'Idle') return whileOpen(state)

  const rounds = {
    address: reader.deployment.contracts.rounds,
    abi: iRoundsAbi,
    args: [taskId, round],
  } as const
  const [params, [, closedAt], [, submissions], { timestamp }] = await Promise.all([
    readTaskParams(reader, { taskId }),
    reader.chain.readContract({ ...rounds, functionName: 'timesOf' }),
    reader.chain.readContract({ ...rounds, functionName: 'recordOf' }),
    reader.chain.getBlock(),
  ])
  // The chain forgets a round after eight others.
  if (closedAt === 0n) return { stage: 'expired' }
  if (submissions === 0n) return { stage: 'void' }
  const finalAt = Number(closedAt) + params.challengeSeconds
  return Number(timestamp) < finalAt ? { stage: 'due', finalAt } : { stage: 'expired' }
}

function whileOpen({ phase }: RoundState): CanaryStage {
  return DONE.includes(phase) ? { stage: 'due', finalAt: undefined } : { stage: 'running' }
}
