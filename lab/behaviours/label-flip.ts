import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'

/** Trains properly on labels turned round: class y becomes K − 1 − y. Every replay passes; only the scores can tell. */
export function labelFlip(): ContributorBehaviour {
  return {
    prepareData: (data, { spec }) => ({ ...data, y: data.y.map((label) => spec.target.classes - 1 - label) }),
  }
}
