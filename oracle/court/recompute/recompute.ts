/** Computing again what cases are about. Jurors vote by it, and who accuses or appeals compares with it first. */
import type { Workbench } from '@assay/daemon/workbench.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { CaseFacts, CaseKind } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import type { Address } from 'viem'
import type { ModelShelf } from '../../models.ts'
import { FALSE_AGGREGATE } from './false-aggregate.ts'
import { FALSE_MODEL } from './false-model.ts'
import { FALSE_SCORE } from './false-score.ts'
import { FALSE_STEP } from './false-step.ts'
import { WINDOW_WITHHELD } from './window-withheld.ts'

/** What a recomputation works with: all that the chain and the stores have, nothing that only this oracle knows. */
export type RecomputeContext = {
  reader: AssayReader
  store: BlobStore
  /** Package and engine of the case's task. */
  bench: Workbench
  /** Models of the case's task. */
  models: Pick<ModelShelf, 'load'>
  /** Who computes: its witness is worth nothing to others. */
  juror: Address
  /** Ends the work. */
  signal: AbortSignal
}

/**
 * What a juror comes to. `missing`: the evidence isn't there, or doesn't hold against what the chain has. `cannot`: the value can't be
 * computed from it on this machine, or on any.
 */
export type Recomputed = { value: Hash; witness: Hash } | 'missing' | 'cannot'

/**
 * Computes the value of a charge again. It depends on nothing but the chain, the stores and the evidence, so that every juror comes to
 * the same one.
 *
 * @param evidence the blob that the facts name, decrypted; undefined if there is none, or nobody gave this juror its key
 * @throws what keeps it from an answer now: a store or node that doesn't answer, an engine that ran out of time
 */
export type Recompute = (
  context: RecomputeContext,
  facts: CaseFacts,
  evidence: Uint8Array | undefined,
) => Promise<Recomputed>

/** How cases of one kind are judged. */
export type Recomputation = {
  recompute: Recompute
  /** Most bytes of the evidence in the clear. */
  maxEvidenceBytes: (spec: TaskSpec) => number
  /** Whether the evidence shows what is secret, so that its blob is encrypted for jurors. */
  isEncrypted: boolean
  /** Whether the defendant gives it to each panel, instead of a blob that the facts name. What isn't there then is its fault alone. */
  isDelivered?: boolean
}

/** By kind of case. A juror says of kinds that aren't here that it can't compute them. */
export const RECOMPUTATIONS: Partial<Record<CaseKind, Recomputation>> = {
  falseStep: FALSE_STEP,
  falseScore: FALSE_SCORE,
  falseAggregate: FALSE_AGGREGATE,
  falseModel: FALSE_MODEL,
  windowWithheld: WINDOW_WITHHELD,
}
