/**
 * Whether every validator will find that a held-out pool can judge. Each draws for itself which samples a batch has and
 * which targets are exchanged, so what one finds is a little more or less than what another one does.
 */
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { Dataset } from '../package/data.ts'
import type { State } from '../package/state.ts'
import type { Engine } from '../run/runner.ts'
import { LEAST_ERRORS, type PoolTrial, tryPool } from './pool-trial.ts'

export type PoolMargin = {
  trials: number
  /** What the first trial found. */
  first: PoolTrial
  /** Standard errors by which true targets are ahead of exchanged ones: over the trials, their mean and deviation. */
  ahead: number
  deviation: number
  /** Whether no validator's trial is to be expected to fail. */
  isSafe: boolean
}

const TRIALS = 12
/** Of a normal distribution that is known by 12 draws, 99 in 100 others are that near the mean, with a certainty of 95 %. */
const DEVIATIONS = 4
/** A first trial with so many errors needs no others: a standard score deviates by less than one among trials of a pool. */
const CLEAR_ERRORS = 2 * LEAST_ERRORS

/**
 * Tries a pool with other draws, as validators will, unless the first one leaves no doubt.
 *
 * @throws EngineRefusal like {@link tryPool}
 */
export async function tryPoolOften(options: {
  engine: Engine
  init: State
  pool: Dataset
  seed: Hash
}): Promise<PoolMargin> {
  const trials: PoolTrial[] = []
  do {
    const seed = deriveSeed(options.seed, 'pool margin', BigInt(trials.length))
    trials.push(await tryPool({ ...options, seed }))
    if (isClear(trials)) break
  } while (trials.length < TRIALS)
  const { ahead, deviation } = spreadOf(trials.map(aheadOf))
  const isAhead = ahead - DEVIATIONS * deviation > LEAST_ERRORS
  const isSafe = isAhead && trials.every(({ isFit }) => isFit)
  return { trials: trials.length, first: trials[0]!, ahead, deviation, isSafe }
}

/** Why validators may refuse a pool, in a sentence; undefined when none is to be expected to. */
export function poolDoubt({ n }: Pick<Dataset, 'n'>, margin: PoolMargin): string | undefined {
  const { trials, ahead, deviation, isSafe } = margin
  if (isSafe) return undefined
  return (
    `Validators may refuse a held-out pool of ${n} samples: to a model that was trained on half of it, true ` +
    `targets are ahead of exchanged ones by ${ahead.toFixed(1)} standard errors, ±${deviation.toFixed(1)} in ${trials} trials. ` +
    `Each of theirs must find more than ${LEAST_ERRORS}.`
  )
}

function isClear([first, second]: PoolTrial[]): boolean {
  return second === undefined && first!.isFit && aheadOf(first!) > CLEAR_ERRORS
}

function aheadOf({ taught, taughtError }: PoolTrial): number {
  return taughtError > 0 ? taught / taughtError : 0
}

function spreadOf(values: number[]): { ahead: number; deviation: number } {
  const ahead = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - ahead) ** 2, 0)
  return { ahead, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) }
}
