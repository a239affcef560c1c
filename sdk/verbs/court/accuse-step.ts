import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import type { PageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { openCase } from './open-case.ts'
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

/** The accusation that has to be committed to in an earlier block. @param challenger who opens the case */
export function stepAccusation(
  { taskId, round, contributor }: Pick<AccuseStepParameters, 'taskId' | 'round' | 'contributor'>,
  challenger: Address,
): Accusation {
  return { challenger, kind: 'falseStep', taskId, round, defendant: contributor }
}

/** Opening the case with a bond that the court was approved for, after the commitment, unsigned. */
export function accuseStepCall(
  deployment: Deployment,
  {
    taskId,
    round,
    contributor,
    page,
    fields,
    step,
    evidence,
    salt,
  }: Omit<AccuseStepParameters, 'bond'> & { salt: Hash },
): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseStep',
      args: [taskId, round, contributor, page, fields, step, evidence, salt],
    }),
    action: `accuse ${contributor} of a false step in window ${step.window} of round ${round} in task ${taskId}`,
  }
}

/**
 * Opens a case against a contributor whose committed state doesn't follow from the one before it. Approves the court for the bond
 * first, and commits to the accusation one block before. Store the evidence before: jurors that don't find it have the case dismissed.
 *
 * @example const sent = await accuseStep(client, { taskId, round, contributor, page, fields, step, evidence, bond })
 * @returns the number of the case: `value.caseId`
 */
export function accuseStep(
  client: AssayClient,
  parameters: AccuseStepParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = stepAccusation(parameters, client.wallet.account.address)
  const callWith = (salt: Hash) => accuseStepCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}
