import { gaussian } from '../behaviours/gaussian.ts'
import { labelFlip } from '../behaviours/label-flip.ts'
import { resubmit } from '../behaviours/resubmit.ts'
import { signFlip } from '../behaviours/sign-flip.ts'
import { withhold } from '../behaviours/withhold.ts'
import { zero } from '../behaviours/zero.ts'
import { alie } from './alie.ts'
import { alieHalf } from './alie-half.ts'
import type { Attack } from './attack.ts'
import { backdoor } from './backdoor.ts'
import { collude } from './collude.ts'
import { copy } from './copy.ts'
import { duplicates } from './duplicates.ts'
import { fangKrum } from './fang-krum.ts'
import { fangMedian } from './fang-median.ts'
import { grind } from './grind.ts'
import { ipm } from './ipm.ts'
import { late } from './late.ts'
import { lazyConstant } from './lazy-constant.ts'
import { lazyCopy } from './lazy-copy.ts'
import { leakedPool } from './leaked-pool.ts'
import { malformed } from './malformed.ts'
import { minMax } from './min-max.ts'
import { minSum } from './min-sum.ts'
import { none } from './none.ts'
import { ofBehaviour } from './of-behaviour.ts'
import { partialWork } from './partial-work.ts'
import { random } from './random.ts'
import { replayOwn } from './replay-own.ts'
import { scale } from './scale.ts'
import { sleeper } from './sleeper.ts'
import { sleeperBackdoor } from './sleeper-backdoor.ts'
import { spoofTraining } from './spoof-training.ts'
import { sybilHalves } from './sybil-halves.ts'
import { sybilSame } from './sybil-same.ts'
import { withholdReveal } from './withhold-reveal.ts'

/** All attacks, in the order of the help. */
export const ATTACKS: readonly Attack[] = [
  none,
  ofBehaviour(signFlip),
  ofBehaviour(gaussian),
  ofBehaviour(labelFlip),
  alie,
  alieHalf,
  ipm,
  minMax,
  minSum,
  fangKrum,
  fangMedian,
  backdoor,
  scale,
  ofBehaviour(zero),
  random,
  ofBehaviour(resubmit),
  replayOwn,
  copy,
  sybilSame,
  sybilHalves,
  duplicates,
  leakedPool,
  partialWork,
  ofBehaviour(withhold),
  sleeper,
  sleeperBackdoor,
  lazyCopy,
  lazyConstant,
  collude,
  late,
  withholdReveal,
  grind,
  malformed,
  spoofTraining,
]
