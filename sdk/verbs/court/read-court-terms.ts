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
  /** Least ASSAY wei that a juror reserves. */
  jurorMinStake: bigint
  /** Seats of a case's first panel, and of the second one: 0 if that has all jurors. */
  firstSeats: number
  secondSeats: number
  /** For commitments and reveals; twice as long in a panel of all jurors. */
  commitSeconds: number
  revealSeconds: number
  /** The longest time from the opening of a case to its verdict, and from there to its execution. */
  verdictSeconds: number
  executionSeconds: number
}

/**
 * The terms of the court, which never change.
 *
 * @example const { openingSeconds } = await readCourtTerms(reader)
 */
export async function readCourtTerms({ chain, deployment }: AssayReader): Promise<CourtTerms> {
  const court = { address: deployment.contracts.court, abi: iCourtAbi } as const
  const jury = { address: deployment.contracts.jury, abi: iJuryAbi } as const
  const [terms, juryTerms, lastInstance, verdictSeconds, executionSeconds] = await Promise.all([
    chain.readContract({ ...court, functionName: 'terms' }),
    chain.readContract({ ...jury, functionName: 'terms' }),
    chain.readContract({ ...jury, functionName: 'lastInstance' }),
    chain.readContract({ ...court, functionName: 'verdictSeconds' }),
    chain.readContract({ ...court, functionName: 'executionSeconds' }),
  ])
  const { minStake: jurorMinStake, firstSeats, secondSeats, commitSeconds, revealSeconds } = juryTerms
  return {
    ...terms,
    lastInstance: Number(lastInstance),
    jurorMinStake,
    firstSeats,
    secondSeats,
    commitSeconds,
    revealSeconds,
    verdictSeconds: Number(verdictSeconds),
    executionSeconds: Number(executionSeconds),
  }
}
