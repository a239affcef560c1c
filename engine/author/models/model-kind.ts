/** What a model is made of. */
export type ModelKind =
  /** Widths of the hidden layers; without any it is linear. */
  | { kind: 'mlp'; hidden: readonly number[] }
  /** Maps of each convolution. */
  | { kind: 'cnn'; maps: readonly number[] }
  | { kind: 'transformer'; layers: number; width: number; heads: number }
