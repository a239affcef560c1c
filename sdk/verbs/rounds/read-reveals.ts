import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'
import type { Sheet } from '../../protocol/score-words.ts'
import { type RoundOfTask, roundLogs } from './round-logs.ts'

/** One validator's scores of one cohort, as revealed. */
export type Reveal = {
  validator: Address
  attempt: number
  cohort: number
  sheet: Sheet
  /** Of the commitment: nobody knew it before. */
  salt: Hash
}

/**
 * The revealed score sheets of a round, from its events, in their order.
 *
 * @example const reveals = await readReveals(reader, { taskId: 1n })
 */
export async function readReveals(reader: AssayReader, parameters: RoundOfTask): Promise<Reveal[]> {
  const { round, collect } = await roundLogs(reader, parameters)
  const logs = await collect((fromBlock, toBlock) =>
    reader.chain.getContractEvents({
      address: reader.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'ScoresRevealed',
      args: { taskId: parameters.taskId, round },
      strict: true,
      fromBlock,
      toBlock,
    }),
  )
  return logs.flatMap(({ args: { validator, attempt, cohorts, words, salt } }) =>
    cohorts.map((cohort, i) => ({
      validator,
      attempt,
      cohort,
      sheet: [words[2 * i]!, words[2 * i + 1]!] as Sheet,
      salt,
    })),
  )
}
