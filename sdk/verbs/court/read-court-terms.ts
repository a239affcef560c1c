import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { iJuryAbi } from '../../generated/IJury.ts'

/** What is fixed in a deployment's court. Amounts in ASSAY wei. */
export type CourtTerms = {
  /** May suspend the execution of a verdict once; the zero address if nobody may. */
  guardian: Address
  minBond: bigint
  answerRefund: bigint
  openingSeconds: number
  appealSeconds: number
  guardianSeconds: number
  suspensionSeconds: number
  /** Of a case's panels, from 0: that of all jurors. */
  lastInstance: number
}

/**
 * The terms of the court, which never change.
 *
 * @example const { openingSeconds } = await readCourtTerms(reader)
 */
export async function readCourtTerms({ chain, deployment }: AssayReader): Promise<CourtTerms> {
  const { court, jury } = deployment.contracts
  const [terms, lastInstance] = await Promise.all([
    chain.readContract({ address: court, abi: iCourtAbi, functionName: 'terms' }),
    chain.readContract({ address: jury, abi: iJuryAbi, functionName: 'lastInstance' }),
  ])
  return { ...terms, lastInstance: Number(lastInstance) }
}
