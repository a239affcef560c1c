import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import type { Attack } from './attack.ts'
import { statesOf } from './train-on.ts'

/** They train really, in an order of samples that suits them: proofs of learning that leave the order open accept it. */
export const spoofTraining: Attack = {
  name: 'spoof-training',
  description: 'train in an order of samples of their own choice, and show it as the assigned one',
  play: ({ seed }) => ({
    train: (work) => statesOf({ ...work, batchSeed: deriveSeed(seed, 'own order', BigInt(work.round)) }),
  }),
}
