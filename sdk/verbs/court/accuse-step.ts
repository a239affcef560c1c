import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { PageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { allow } from '../assay-token/allow.ts'
import { openedCase } from './accuse-withholding.ts'
import type { OpeningFields } from './post-opening.ts'

/** Two neighbouring state hashes of a contributor's training, each proven against its state root. */
export type StepProof = {
  window: number
  before: Hash
  afterwards: Hash
  proofBefore: readonly Hash[]
  proofAfterwards: readonly Hash[]
}

export type AccuseStepParameters = {
  taskId: bigint
  round: number
  contributor: Address
  /** Of the submission, from `readPageProof`. */
  page: PageProof
  /** What the commitment hides. */
  fields: OpeningFields
  step: StepProof
  /** sha256 of the encrypted evidence, which the task's stores have. */
  evidence: Hash
  /** ASSAY wei, from `stepBond`. */
  bond: bigint
}

/** Opening the case with a bond that the court was approved for, unsigned. */
export function accuseStepCall(
  deployment: Deployment,
  { taskId, round, contributor, page, fields, step, evidence }: Omit<AccuseStepParameters, 'bond'>,
): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseStep',
      args: [taskId, round, contributor, page, fields, step, evidence],
    }),
    action: `accuse ${contributor} of a false step in window ${step.window} of round ${round} in task ${taskId}`,
  }
}

/**
 * Opens a case against a contributor whose committed state doesn't follow from the one before it. Approves the court for the bond
 * first. Store the evidence before: jurors that don't find it have the case dismissed.
 *
 * @example const sent = await accuseStep(client, { taskId, round, contributor, page, fields, step, evidence, bond })
 * @returns the number of the case: `value.caseId`
 */
export async function accuseStep(
  client: AssayClient,
  parameters: AccuseStepParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const { assayToken: token, court } = client.deployment.contracts
  const allowed = await allow(client, { token, spender: court, amount: parameters.bond })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  const call = accuseStepCall(client.deployment, parameters)
  return withValue(send(client, call, options), (receipt) => ({ caseId: openedCase(receipt, court) }))
}
