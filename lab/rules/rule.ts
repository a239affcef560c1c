import type { Vector } from '../steps.ts'

/** What a rule is given of an update. */
export type RuleUpdate = { step: Vector; samples: number }

/** What some rules know beside the updates. */
export type RuleGround = {
  /** How many of the contributors attack: some rules are told, ours is not. */
  attackers: number
  /** The step that honest training on the held-out pool takes in this round, for rules that have trusted samples. */
  root: () => Promise<Vector>
}

/** What a rule makes of updates: the step, and what each of them weighs in it. */
export type Combined = { step: Vector; weights: readonly number[] }

/** How updates become the next model's step. */
export type Rule = {
  name: string
  /** For help. */
  description: string
  /** Without it, the rule is the oracle's own: seats judge, contracts settle. */
  combine?: (updates: readonly RuleUpdate[], ground: RuleGround) => Promise<Combined>
}
