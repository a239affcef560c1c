import { type Hash, rawBytes } from '@assay/engine/hash.ts'
import { stateHash } from '@assay/engine/package/state.ts'
import { canonicalNaNs, tensorRoot } from '@assay/engine/package/state-tree.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { encodeAbiParameters, hexToBytes, keccak256, parseAbiParameters, zeroHash } from 'viem'

const LINK = parseAbiParameters('bytes32, bytes32')

/** A hash over all that a computation went through, in order. Whoever didn't compute can't name it. */
export type Trail = {
  note(value: Hash): void
  /** Of all that was noted, for `witnessOf`. */
  digest(): Uint8Array
}

export function openTrail(): Trail {
  let chain: Hash = zeroHash
  return {
    note: (value) => {
      chain = keccak256(encodeAbiParameters(LINK, [chain, value]))
    },
    digest: () => hexToBytes(chain),
  }
}

/** A window's losses, for `witnessOf`: NaNs have one spelling, so that each machine comes to the same. */
export function lossBytes(losses: readonly number[]): Uint8Array {
  return rawBytes(canonicalNaNs(Float32Array.from(losses)))
}

/**
 * The engine, with all that it answers noted: the root of each state's tensors and of the losses of each sample. NaNs have one
 * spelling there, so that each machine comes to the same.
 */
export function noted(engine: Engine, trail: Trail): Engine {
  const { spec } = engine
  const noteLosses = (losses: Float32Array) => trail.note(tensorRoot(losses, spec.stateChunkBytes))
  return {
    spec,
    steps: async (state, batches) => {
      const after = await engine.steps(state, batches)
      trail.note(stateHash(spec, after.state))
      noteLosses(Float32Array.from(after.losses))
      return after
    },
    evaluate: async (state, batches) => {
      const evaluations = await engine.evaluate(state, batches)
      for (const { losses } of evaluations) noteLosses(losses)
      return evaluations
    },
    predict: (state, batches) => engine.predict(state, batches),
    close: () => engine.close(),
  }
}
