import { stateProof } from '@assay/engine/package/state.ts'
import { iAccusationsAbi } from '@assay/sdk/generated/IAccusations.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readPageProof } from '@assay/sdk/verbs/court/accuse-withholding.ts'
import { commitAccusationCall } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { encodeFunctionData, parseEther, zeroHash } from 'viem'
import type { HandMadeUpdate } from './hand-made-update.ts'
import type { Scene } from './scene.ts'

/** Accuses a contributor of a false step in round 1, of which jurors decide. @returns the number of the case */
export async function accuseStep(
  { chain, reader, taskId }: Scene,
  { opening, training, account }: HandMadeUpdate,
): Promise<bigint> {
  const challenger = chain.accounts[0]!
  const { assayToken: token, accusations: to, court: spender } = chain.deployment.contracts
  const hashes = training.stateHashes
  const [before, afterwards] = [hashes[0]!, hashes[1]!]
  const proofs = { proofBefore: stateProof(hashes, 0), proofAfterwards: stateProof(hashes, 1) }
  const step = { window: 0, before, afterwards, ...proofs }
  const page = await readPageProof(reader, { taskId, round: 1, contributor: account.address })
  const args = [taskId, 1, account.address, page, opening, step, zeroHash, zeroHash] as const
  await chain.send(challenger, approveCall({ token, spender, amount: parseEther('1000') }))
  const accusation = {
    kind: 'falseStep',
    taskId,
    round: 1,
    defendant: account.address,
    salt: zeroHash,
  } as const
  const commitment = { ...accusation, challenger: challenger.address }
  await chain.send(challenger, commitAccusationCall(chain.deployment, commitment))
  const data = encodeFunctionData({ abi: iAccusationsAbi, functionName: 'accuseStep', args })
  await chain.send(challenger, { to, data })
  return (await readCases(reader, { taskId })).at(-1)!.caseId
}
