import { encodeFunctionData } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { factsArgument } from './facts-argument.ts'

/** Most bytes of a location. */
export const MAX_LOCATION_BYTES = 256

export type DeclareUpdateParameters = {
  caseId: bigint
  facts: CaseFacts
  /** Where jurors find the update: 1…256 bytes. */
  location: string
}

/** The call of {@link declareUpdate}, unsigned. */
export function declareUpdateCall(
  deployment: Deployment,
  { caseId, facts, location }: DeclareUpdateParameters,
): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'declareUpdate',
      args: [caseId, factsArgument(facts), location],
    }),
    action: `say where the update of case ${caseId} is`,
  }
}

/**
 * Says where the update is that the caller has scored, as the defendant of a case about that score, until its panel's commitments end.
 * Then nobody loses anything if jurors don't get it.
 *
 * @example await declareUpdate(client, { caseId, facts, location: 'https://store.example' })
 */
export function declareUpdate(
  client: AssayClient,
  parameters: DeclareUpdateParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, declareUpdateCall(client.deployment, parameters), options)
}

/**
 * Whether the defendant of a case has said where the update is.
 *
 * @example const isDeclared = await isUpdateDeclared(reader, { caseId })
 */
export function isUpdateDeclared(
  { chain, deployment }: AssayReader,
  { caseId, ...block }: { caseId: bigint } & AtBlock,
): Promise<boolean> {
  return chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.accusations,
    abi: iAccusationsAbi,
    functionName: 'isUpdateDeclared',
    args: [caseId],
  })
}
