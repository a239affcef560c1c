import type { Block } from '@assay/daemon/clock.ts'
import { type Accusation, COMMIT_SECONDS } from '@assay/sdk/protocol/accusation.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { commitAccusationCall, digestOf, readCommitment } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { keccak256 } from 'viem'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'

/** Commitments to one accusation that may expire before its case is opened: a challenge window has more hours than that. */
const MOST_COMMITMENTS = 200

/**
 * The salt of a commitment that an accusation can be opened with, or nothing while there is none: then it is posted. Salts are
 * signatures, so a restart finds the same ones and nobody can guess them.
 *
 * @param now.endsAt unix seconds at which nobody can accuse any more
 */
export async function committedSalt(
  context: OracleContext,
  accusation: Accusation,
  { block, endsAt }: { block: Block; endsAt: number },
): Promise<Hash | undefined> {
  const { reader, outbox } = context
  const { challenger, kind, taskId, round, defendant } = accusation
  context.docket.committed.add(keyOf(accusation))
  for (let attempt = 0; attempt < MOST_COMMITMENTS; attempt++) {
    const salt = await saltOf(context, accusation, attempt)
    const digest = digestOf(reader.deployment, { ...accusation, salt })
    const { committedBlock, expiresAt } = await readCommitment(reader, {
      challenger,
      digest,
      blockNumber: block.number,
    })
    if (committedBlock === 0n) {
      const call = commitAccusationCall(reader.deployment, { ...accusation, salt })
      const duty = `court/commit/${kind}/${defendant.toLowerCase()}/${attempt}`
      note(context, round, duty, await outbox.post({ taskId, round, duty, call, endsAt }))
      return undefined
    }
    // A transaction that is sent now may wait for a while.
    if (Number(block.timestamp) < expiresAt - COMMIT_SECONDS / 4)
      return committedBlock < block.number ? salt : undefined
  }
  return undefined
}

/** Whether this oracle has committed to an accusation since it started, so that it goes on with it when its turn is over, too. */
export function hasCommitted({ docket }: OracleContext, accusation: Accusation): boolean {
  return docket.committed.has(keyOf(accusation))
}

const keyOf = ({ kind, round, defendant }: Accusation): string =>
  `${kind}/${round}/${defendant.toLowerCase()}`

async function saltOf(
  { reader: { deployment }, account }: OracleContext,
  { kind, taskId, round, defendant }: Accusation,
  attempt: number,
): Promise<Hash> {
  const { chainId, contracts } = deployment
  const place = [chainId, contracts.accusations, kind, taskId, round, defendant, attempt]
  return keccak256(await account.signMessage({ message: `Assay: accuse ${place.join(' ')}` }))
}
