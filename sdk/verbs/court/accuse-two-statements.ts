import { type Address, encodeFunctionData, type Hex } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iStatementAccusationsAbi } from '../../generated/IStatementAccusations.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import type { Hash } from '../../protocol/random.ts'
import { STATEMENT_KINDS, type StatementKind } from '../../protocol/signed-statements.ts'
import { openCase } from './open-case.ts'
import type { RoundProof } from './read-round-proof.ts'

/** Two values that one account signed for one slot, see `statementTypedData`. */
export type TwoStatements = {
  kind: StatementKind
  slot: number
  first: Hash
  second: Hash
  /** 65 bytes: r, s in the lower half, v of 27 or 28. */
  firstSignature: Hex
  secondSignature: Hex
}

export type AccuseTwoStatementsParameters = {
  taskId: bigint
  round: number
  /** Who signed both. */
  validator: Address
  statements: TwoStatements
  /** The record of the round, with the signer's weight: from `readProvenBase`. */
  proof: RoundProof
  /** ASSAY wei, from `caseBond`. */
  bond: bigint
}

/** The accusation that has to be committed to in an earlier block. @param challenger who opens the case */
export function statementsAccusation(
  { taskId, round, validator }: Pick<AccuseTwoStatementsParameters, 'taskId' | 'round' | 'validator'>,
  challenger: Address,
): Accusation {
  return { challenger, kind: 'twoStatements', taskId, round, defendant: validator }
}

/** Opening the case with a bond that the court was approved for, after the commitment, unsigned. */
export function accuseTwoStatementsCall(
  deployment: Deployment,
  parameters: Omit<AccuseTwoStatementsParameters, 'bond'> & { salt: Hash },
): Call {
  const { taskId, round, validator, statements, proof, salt } = parameters
  const said = { ...statements, kind: STATEMENT_KINDS[statements.kind] }
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iStatementAccusationsAbi,
      functionName: 'accuseTwoStatements',
      args: [taskId, round, said, proof, salt],
    }),
    action: `accuse ${validator} of signing two values for slot ${statements.slot} of round ${round} in task ${taskId}`,
  }
}

/**
 * Opens a case against who signed two values for one slot. The signatures decide it: the penalty can be taken once the guardian's
 * time is over. Approves the court for the bond first, and commits to the accusation one block before.
 *
 * @example
 * const { proof } = await readProvenBase(reader, { taskId, round, validator })
 * const sent = await accuseTwoStatements(client, { taskId, round, validator, statements, proof, bond })
 * @returns the number of the case: `value.caseId`
 */
export function accuseTwoStatements(
  client: AssayClient,
  parameters: AccuseTwoStatementsParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = statementsAccusation(parameters, client.wallet.account.address)
  const callWith = (salt: Hash) => accuseTwoStatementsCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}
