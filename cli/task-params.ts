import { blobHash } from '@assay/engine/hash.ts'
import { serializeState } from '@assay/engine/state.ts'
import type { TaskPackage } from '@assay/engine/task-contents.ts'
import { windowCount } from '@assay/engine/task-spec.ts'
import type { TaskParams } from '@assay/sdk/task-params.ts'
import type { Address } from 'viem'
import { ASSAY, parseAmount, type TokenUnit } from './format.ts'
import type { Terms } from './task-terms.ts'

/** The task as the contract wants it: the owner's terms, and what the package says about itself. */
export function taskParams(
  terms: Terms,
  { spec, specHash, init }: TaskPackage,
  token: TokenUnit & { address: Address },
): TaskParams {
  return {
    ...terms,
    rewardToken: token.address,
    specHash,
    initialModelHash: blobHash(serializeState(spec, init)),
    priceCompute: price(terms.priceCompute, token),
    priceData: price(terms.priceData, token),
    priceValidation: price(terms.priceValidation, token),
    computeUnitsPerRound: spec.steps * spec.unitsPerStep,
    stepsPerRound: spec.steps,
    windowsPerRound: windowCount(spec),
    replayWindows: Math.min(spec.replayWindows, windowCount(spec)),
    enrolmentFee: parseAmount(terms.enrolmentFee, ASSAY),
    contributorStake: parseAmount(terms.contributorStake, ASSAY),
    minValidatorStake: parseAmount(terms.minValidatorStake, ASSAY),
  }
}

/** A price may be nothing. */
function price(text: string, token: TokenUnit): bigint {
  return text === '0' ? 0n : parseAmount(text, token)
}
