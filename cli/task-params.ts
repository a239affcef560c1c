import { blobHash } from '@assay/engine/hash.ts'
import { computeUnits } from '@assay/engine/package/mode.ts'
import { serializeModel } from '@assay/engine/package/model.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { namedPoolRoot, windowCount } from '@assay/engine/package/task-spec.ts'
import { ASSAY, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import type { Address } from 'viem'
import { parseAmount } from './format.ts'
import { replayWindowsOf } from './task-shares.ts'
import type { Terms } from './task-terms.ts'

/** Prices, fee and stakes have 96 bits. */
const LARGEST_TERM_WEI = 2n ** 96n - 1n

/**
 * A task's parameters for the contract, from the owner's terms and the package.
 *
 * @param namesProgram whether contracts shall be able to check its training step
 */
export function taskParams(
  terms: Terms,
  { spec, specHash, programRoot, init }: TaskPackage,
  { token, namesProgram }: { token: TokenUnit & { address: Address }; namesProgram: boolean },
): TaskParams {
  const price = (field: 'priceCompute' | 'priceData' | 'priceValidation') =>
    parseAmount(terms[field], token, { field, mayBeZero: true, most: LARGEST_TERM_WEI })
  const assay = (field: 'enrolmentFee' | 'contributorStake' | 'minValidatorStake') =>
    parseAmount(terms[field], ASSAY, { field, most: LARGEST_TERM_WEI })
  return {
    ...terms,
    rewardToken: token.address,
    specHash,
    initialModelHash: blobHash(serializeModel(spec, init)),
    poolRoot: namedPoolRoot(spec),
    programRoot: namesProgram ? programRoot : NO_PROGRAM,
    priceCompute: price('priceCompute'),
    priceData: price('priceData'),
    priceValidation: price('priceValidation'),
    computeUnitsPerRound: computeUnits(spec),
    stepsPerRound: spec.steps,
    windowsPerRound: windowCount(spec),
    replayWindows: replayWindowsOf(spec),
    enrolmentFee: assay('enrolmentFee'),
    contributorStake: assay('contributorStake'),
    minValidatorStake: assay('minValidatorStake'),
  }
}
