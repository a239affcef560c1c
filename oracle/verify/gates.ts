import { type State, verifyStateLeaf } from '@assay/engine/package/state.ts'
import { type TaskSpec, windowCount } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { parseUpdate } from '@assay/engine/run/update.ts'
import type { GateReason } from '@assay/sdk/protocol/entry-reasons.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import type { Address } from 'viem'

/** A gate that an update failed, as its entry says it, and why in words. */
export type Failed = { ok: false; gate: GateReason; reason: string }

/** An update that is what its contributor committed to. */
export type Opened = {
  ok: true
  opening: Opening
  /** The model at the end of the trace. */
  final: State
}

/** What the chain says about a submission; the opening must agree with all of it. */
export type Expected = {
  chainId: number
  rounds: Address
  taskId: bigint
  round: number
  contributor: Address
  baseModelHash: Hash
  steps: number
  dataRoot: Hash
  /** Whether the contributor is enrolled. The contract itself checks that the submission came in time. */
  enrolled: boolean
}

/**
 * Gate S0: the opening belongs to this submission, with this round's base model, the enrolled data and the assigned
 * number of steps. That it hashes to the commitment is checked where it is decoded.
 */
export function checkOpening(opening: Opening, expected: Expected): Failed | undefined {
  if (!expected.enrolled) return { ok: false, gate: 'S0', reason: `${expected.contributor} is not enrolled` }
  const pairs: [string, string | number | bigint, string | number | bigint][] = [
    ['chain id', opening.chainId, expected.chainId],
    ['contract', opening.rounds.toLowerCase(), expected.rounds.toLowerCase()],
    ['task', opening.taskId, expected.taskId],
    ['round', opening.round, expected.round],
    ['contributor', opening.contributor.toLowerCase(), expected.contributor.toLowerCase()],
    ['base model', opening.baseModelHash, expected.baseModelHash],
    ['number of steps', opening.steps, expected.steps],
    ['data root', opening.dataRoot, expected.dataRoot],
  ]
  const wrong = pairs.find(([, found, wanted]) => found !== wanted)
  if (wrong === undefined) return undefined
  const [what, found, wanted] = wrong
  return { ok: false, gate: 'S0', reason: `the ${what} is ${found}, expected ${wanted}` }
}

/**
 * Gate S1: the blob holds exactly the model's tensors, all finite, and is of the last state of the committed trace: the roots that it
 * gives of local tensors count only because of that.
 *
 * @param bytes the blob of `opening.updateHash`, its hash already checked
 */
export function checkUpdate(spec: TaskSpec, opening: Opening, bytes: Uint8Array): Opened | Failed {
  let update: ReturnType<typeof parseUpdate>
  try {
    update = parseUpdate(spec, bytes)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    return { ok: false, gate: 'S1', reason: error.message }
  }
  const { model: final, hash: found } = update
  const { stateHash: claimed, proof } = opening.finalState
  if (found !== claimed)
    return { ok: false, gate: 'S1', reason: `the blob's state is ${found}, the opening says ${claimed}` }

  const windows = windowCount(spec)
  const leaf = { root: opening.stateRoot, index: windows, stateHash: found, proof, leafCount: windows + 1 }
  if (!verifyStateLeaf(leaf))
    return {
      ok: false,
      gate: 'S1',
      reason: `the update is not the last state of the trace ${opening.stateRoot}`,
    }
  return { ok: true, opening, final }
}
