/** What a model takes and gives, and what it is made of. */
import type { Grid } from '../../package/sample-spec.ts'

/** One input, by the shape of one sample's. Whole numbers are 0 ≤ v < below. */
export type ModelInput = {
  name: string
  dtype: 'float32' | 'int32' | 'int64'
  shape: readonly number[]
  below?: number
  grid?: Grid
}

export type ModelTarget =
  /** One of several classes. */
  | { kind: 'class'; classes: number }
  /** Real numbers. */
  | { kind: 'values'; count: number }
  /** Independent labels, each 0 or 1. */
  | { kind: 'labels'; count: number }
  /** The token that follows each place. */
  | { kind: 'tokens'; length: number; vocabulary: number }

export type ModelKind =
  | { kind: 'mlp'; hidden: readonly number[] }
  | { kind: 'cnn'; maps: readonly number[] }
  | { kind: 'transformer'; layers: number; width: number; heads: number }
