import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iWindowAccusationsAbi } from '../../generated/IWindowAccusations.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import type { Hash } from '../../protocol/random.ts'
import type { StepProof } from './accuse-step.ts'
import { factsArgument } from './facts-argument.ts'
import { openCase } from './open-case.ts'
import type { OpeningFields } from './post-opening.ts'

export type AccuseReadStepParameters = {
  /** The case in which the caller read the window, and its facts. */
  reading: { caseId: bigint; facts: CaseFacts }
  /** The caller's seat: the instance of its panel, and its place in the jury's roster. */
  seat: { instance: number; place: number }
  /** What the commitment hides. */
  fields: OpeningFields
  step: StepProof
  /** sha256 of the encrypted evidence, which the task's stores have. */
  evidence: Hash
  /** ASSAY wei, from `stepBond`. */
  bond: bigint
}

/** The accusation that has to be committed to in an earlier block. @param challenger the reader */
export function readStepAccusation(
  { facts: { taskId, round, defendant } }: AccuseReadStepParameters['reading'],
  challenger: Address,
): Accusation {
  return { challenger, kind: 'falseStep', taskId, round, defendant }
}

/** Opening the case with a bond that the court was approved for, after the commitment, unsigned. */
export function accuseReadStepCall(
  deployment: Deployment,
  { reading, seat, fields, step, evidence, salt }: Omit<AccuseReadStepParameters, 'bond'> & { salt: Hash },
): Call {
  const { caseId, facts } = reading
  const place = [BigInt(seat.instance), BigInt(seat.place)] as const
  return {
    to: deployment.contracts.windowAccusations,
    data: encodeFunctionData({
      abi: iWindowAccusationsAbi,
      functionName: 'accuseReadStep',
      args: [caseId, factsArgument(facts), ...place, fields, step, evidence, salt],
    }),
    action: `accuse ${facts.defendant} of a false step in window ${step.window}, which case ${caseId} found to differ`,
  }
}

/**
 * Opens a case about the step at the end of a window that the caller read and found to differ, also when the round is final. Approves
 * the court for the bond first, and commits to the accusation one block before.
 *
 * @example const sent = await accuseReadStep(client, { reading, seat: { instance: 0, place }, fields, step, evidence, bond })
 * @returns the number of the case: `value.caseId`
 */
export function accuseReadStep(
  client: AssayClient,
  parameters: AccuseReadStepParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = readStepAccusation(parameters.reading, client.wallet.account.address)
  const callWith = (salt: Hash) => accuseReadStepCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}
