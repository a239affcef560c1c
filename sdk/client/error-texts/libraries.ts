import { type ErrorText, REPORT, text } from './text.ts'

/** Errors of the libraries and of the beacon. */
export const LIBRARIES_TEXTS: Record<string, ErrorText> = {
  Sampling_TooFewValidators: text(
    (v) => `Only ${v.drawn} of ${v.needed} seats could be drawn from the frozen roster.`,
    'The cohort has no redraw: void it when the redraw ends.',
  ),
  Sampling_UnknownCohort: text(
    (v) => `There is no cohort ${v.cohort}: the round has ${v.cohorts}, counted from 0.`,
    'Name cohorts of this round.',
  ),
  Sampling_PositionOutOfRange: text(
    (v) => `Position ${v.position} is outside the ${v.count} that exist.`,
    'Name positions of this round, counted from 0.',
  ),
  Sampling_ZeroMinimumStake: text(() => 'The minimum stake is zero.', REPORT),
  Bits_DoesNotFit: text((v) => `An amount of ${v.value} wei has no room in ${v.bits} bits.`, REPORT),
  RewardFormula_TooManyProvenWindows: text(
    (v) => `${v.proven} proven windows: at most ${v.maximum} are pooled.`,
    REPORT,
  ),
  BlockHashBeacon_DelayOutOfBounds: text(
    (v) => `A beacon delay of ${v.delayBlocks} blocks is outside ${v.minimum} … ${v.maximum}.`,
    (v) => `Deploy with a delay between ${v.minimum} and ${v.maximum} blocks.`,
  ),
}
