import { blobHash } from '@assay/engine/hash.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { COHORT_SIZE } from '@assay/sdk/protocol/sampling.ts'
import { accuseScoreCall, readScoreProof } from '@assay/sdk/verbs/court/accuse-score.ts'
import { accuseVoteCall, readVoteProof } from '@assay/sdk/verbs/court/accuse-vote.ts'
import { encryptCaseEvidence } from '@assay/store/case-evidence.ts'
import { zeroHash } from 'viem'
import type { OracleContext } from '../oracle-context.ts'
import { placeOf, rememberCaseKey } from './case-evidence.ts'
import { evidenceFor } from './find-false.ts'
import { readClosedRound } from './recompute/closed-round.ts'
import { showAgain } from './show-again.ts'
import type { CheckedWord } from './words-to-check.ts'

/** A case to open: its bond in ASSAY wei, and what has to be on this disk before the call is sent. */
export type Prosecution = { bond: bigint; callWith(salt: Hash): Call; prepare(): Promise<void> }

/**
 * Puts the evidence of a case about a score or a model into those stores once more that have lost it.
 *
 * @throws StoreError 'unavailable' when they don't say so before the signal aborts
 */
export async function restorePool(
  context: OracleContext,
  facts: CaseFacts,
  signal: AbortSignal,
): Promise<void> {
  const { kind, evidence } = facts
  if (kind !== 'falseScore' && kind !== 'falseModel') return
  if (await context.store.has(evidence, { signal })) return context.uploads.restore(evidence, { signal })
  const closed = await readClosedRound(context.reader, facts)
  const clear = await evidenceFor(context, closed, { kind })
  if (clear === undefined) return
  await context.store.put(encryptCaseEvidence(clear, placeOf(context.reader.deployment, facts)).blob)
}

/** The evidence of a case as it is stored. */
type Sealed = { hash: Hash; blob: Uint8Array; key: Uint8Array }

/**
 * The case about a false word, with its proofs and its evidence.
 *
 * @returns undefined while this oracle doesn't have the pool that jurors have to be shown
 */
export async function prosecutionOf(
  context: OracleContext,
  word: CheckedWord,
): Promise<Prosecution | undefined> {
  const closed = await readClosedRound(context.reader, word)
  const clear = await evidenceFor(context, closed, word)
  if (clear === undefined && word.kind !== 'falseAggregate') return undefined
  const sealed = clear === undefined ? undefined : sealFor(context, word, clear)
  const { bond, callWith } = await callOf(context, word, sealed?.hash ?? zeroHash)
  return {
    bond,
    callWith,
    prepare: async () => {
      if (sealed !== undefined) {
        rememberCaseKey(context, sealed.hash, sealed.key)
        await context.store.put(sealed.blob)
      }
      await showAgain(context, closed, word)
    },
  }
}

function sealFor({ reader }: OracleContext, word: CheckedWord, clear: Uint8Array): Sealed {
  const { chainId } = reader.deployment
  const { key, blob } = encryptCaseEvidence(clear, { chainId, ...word })
  return { hash: blobHash(blob), blob, key }
}

async function callOf(
  { reader }: OracleContext,
  { kind, taskId, round, subject, defendant: validator }: CheckedWord,
  evidence: Hash,
): Promise<{ bond: bigint; callWith(salt: Hash): Call }> {
  if (kind === 'falseScore') {
    const member = subject % COHORT_SIZE
    const entry = { taskId, round, validator, cohort: (subject - member) / COHORT_SIZE, member }
    const proven = await readScoreProof(reader, entry)
    const said = { ...entry, ...proven, evidence }
    return { bond: proven.bond, callWith: (salt) => accuseScoreCall(reader.deployment, { ...said, salt }) }
  }
  const vote = { taskId, round, validator, cohort: subject }
  const proven = await readVoteProof(reader, vote)
  const said = { ...vote, ...proven, evidence }
  return { bond: proven.bond, callWith: (salt) => accuseVoteCall(reader.deployment, { ...said, salt }) }
}
