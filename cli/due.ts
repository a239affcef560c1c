import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import type { ParticipantState } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { deadlineText } from './format.ts'
import type { Standing } from './standing.ts'

/** What an account owes a task, or may do in it, now; times are unix seconds. */
export type Due =
  | { what: 'nothing' | 'openAfterSeal' | 'answer' | 'stayReady' | 'runOracle' | 'release' }
  | { what: 'submit' | 'open'; by: number | undefined }
  | { what: 'releaseLater'; from: number }

/** Phases in which seats may still ask for evidence. */
const ANSWERING = new Set(['Commit', 'Reveal', 'RedrawCommit'])

/**
 * What a contributor's daemon has to do.
 *
 * @param place mayLose: whether held pay would be lost with the task's last round
 */
export function contributorDue(
  { lastRound }: Pick<ParticipantState, 'lastRound'>,
  { round, phase, submitEnd, openEnd }: RoundState,
  { maySubmit, mayLose }: { maySubmit: boolean; mayLose: boolean },
): Due {
  if (phase === 'Submit' && maySubmit) return { what: 'submit', by: submitEnd }
  if (phase === 'Idle' || lastRound !== round) return { what: mayLose ? 'stayReady' : 'nothing' }
  if (phase === 'Submit' || phase === 'CloseDue' || phase === 'SealDue') return { what: 'openAfterSeal' }
  if (phase === 'Open') return { what: 'open', by: openEnd }
  return { what: ANSWERING.has(phase) ? 'answer' : 'nothing' }
}

/** What a validator has to do: its duties as long as it can be drawn, the release of its stake afterwards. */
export function validatorDue(
  { frozenWeight }: { frozenWeight: number },
  { phase }: Pick<RoundState, 'phase'>,
  standing: Standing,
): Due {
  if (standing.state === 'releasable') return { what: 'release' }
  if (standing.state === 'waiting') return { what: 'releaseLater', from: standing.finalAt }
  const canBeDrawn = frozenWeight > 0 && phase !== 'Idle' && standing.state !== 'none'
  return { what: canBeDrawn ? 'runOracle' : 'nothing' }
}

/** What is due, as the end of a sentence. */
export function dueText(due: Due, taskId: bigint, now: number): string {
  const release = `assay validator release ${taskId}`
  switch (due.what) {
    case 'nothing':
      return 'nothing'
    case 'submit':
      return `submit${byText(due.by, now)}`
    case 'openAfterSeal':
      return 'open the update after the seal'
    case 'open':
      return `open the update and publish evidence for the seats that read it${byText(due.by, now)}`
    case 'answer':
      return 'keep assay contribute running: new seats may be drawn, and need evidence'
    case 'stayReady':
      return "keep assay contribute running: who misses the task's last round loses what is held"
    case 'runOracle':
      return 'keep assay oracle running until the round ends'
    case 'release':
      return `release the stake: ${release}`
    case 'releaseLater':
      return `release the stake from ${deadlineText(due.from, now)} on: ${release}`
  }
}

function byText(by: number | undefined, now: number): string {
  return by === undefined ? '' : ` by ${deadlineText(by, now)}`
}
