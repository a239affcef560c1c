import { fedAvg } from './fedavg.ts'
import { fltrust } from './fltrust.ts'
import { krum } from './krum.ts'
import { median } from './median.ts'
import { ours } from './ours.ts'
import type { Rule } from './rule.ts'
import { trimmedMean } from './trimmed-mean.ts'

/** In the order of the help. */
export const RULES: readonly Rule[] = [ours, fedAvg, krum, median, trimmedMean, fltrust]
