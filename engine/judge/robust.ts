/** Stage S3: outliers of the population. Flags only: they raise the audit probability, never lower a score. */
import { lowerMedian, norm } from '../vector.ts'

export type RobustFlag = {
  /** Robust standard deviations of the update's length from the median length. */
  normZ: number
  /** The same for its distance from the coordinate-wise median update, in both directions. */
  residualZ: number
  flagged: boolean
}

/** Robust standard deviations within which honest values lie. Both sides count, because min–max attacks hide near the median. */
const FLAG_Z = 6
const MAD_TO_DEVIATION = 1.4826
/** Fewer updates have no meaningful spread. */
const FEWEST_UPDATES = 4

/** Flags of each update, from the flat deltas of one cohort. */
export function robustFlags(deltas: readonly Float32Array[]): RobustFlag[] {
  if (deltas.length < FEWEST_UPDATES) return deltas.map(() => ({ normZ: 0, residualZ: 0, flagged: false }))
  const centre = medianVector(deltas)
  const normZ = robustScores(deltas.map(norm))
  const residualZ = robustScores(deltas.map((delta) => norm(delta.map((value, i) => value - centre[i]!))))
  return deltas.map((_, i) => ({
    normZ: normZ[i]!,
    residualZ: residualZ[i]!,
    flagged: Math.abs(normZ[i]!) > FLAG_Z || Math.abs(residualZ[i]!) > FLAG_Z,
  }))
}

function medianVector(deltas: readonly Float32Array[]): Float32Array {
  const column = new Float32Array(deltas.length)
  const middle = Math.floor((deltas.length - 1) / 2)
  return deltas[0]!.map((_, i) => {
    for (let j = 0; j < deltas.length; j++) column[j] = deltas[j]![i]!
    return column.sort()[middle]!
  })
}

function robustScores(values: readonly number[]): number[] {
  const centre = lowerMedian(values)
  const deviation = MAD_TO_DEVIATION * lowerMedian(values.map((value) => Math.abs(value - centre)))
  return values.map((value) => {
    if (value === centre) return 0
    return deviation === 0
      ? Math.sign(value - centre) * Number.MAX_SAFE_INTEGER
      : (value - centre) / deviation
  })
}
