import type { TrainingWork } from '@assay/contributor/behaviour.ts'
import { delta } from '@assay/engine/run/update.ts'
import type { Vector } from '../steps.ts'
import type { Crowd } from './attack.ts'

/** The steps of a round's honest updates. */
export function honestSteps(crowd: Crowd, { round, base, contents }: TrainingWork): Vector[] {
  return crowd.honest(round).map((final) => delta(contents.spec, base, final))
}
