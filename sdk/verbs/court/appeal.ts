import { encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { allow } from '../assay-token/allow.ts'
import { factsArgument } from './facts-argument.ts'

export type AppealParameters = {
  caseId: bigint
  facts: CaseFacts
  /** ASSAY wei, from {@link readAppealBond}. */
  bond: bigint
}

/**
 * The bond of an appeal against an instance of a case, in ASSAY wei.
 *
 * @example const bond = await readAppealBond(reader, { facts, instance: state.instance })
 */
export function readAppealBond(
  { chain, deployment }: AssayReader,
  { facts, instance }: { facts: Pick<CaseFacts, 'bond'>; instance: number },
): Promise<bigint> {
  return chain.readContract({
    address: deployment.contracts.court,
    abi: iCourtAbi,
    functionName: 'appealBond',
    args: [facts.bond, BigInt(instance)],
  })
}

/** Appealing with a bond that the court was approved for, unsigned. */
export function appealCall(
  deployment: Deployment,
  { caseId, facts }: Pick<AppealParameters, 'caseId' | 'facts'>,
): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'appeal',
      args: [caseId, factsArgument(facts)],
    }),
    action: `appeal in case ${caseId}`,
  }
}

/**
 * Appeals to a larger panel what the last one reported, with a bond. Approves the court for it first. Anyone can.
 *
 * @example const sent = await appeal(client, { caseId, facts, bond })
 */
export async function appeal(
  client: AssayClient,
  parameters: AppealParameters,
  options?: SendOptions,
): Promise<Sent> {
  const { assayToken: token, court: spender } = client.deployment.contracts
  const allowed = await allow(client, { token, spender, amount: parameters.bond })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  return send(client, appealCall(client.deployment, parameters), options)
}
