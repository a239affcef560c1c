/**
 * The stages of verification, in the protocol's order, cheap ones first. `verifyCohort` runs them by this table, and
 * `docs/protocol.md` prints it.
 */

type Row = {
  name: string
  /**
   * What it looks at. After a failed gate, no later stage looks at the update. `nothing`: the stage is built, but no
   * oracle runs it.
   */
  looksAt:
    | 'all updates'
    | 'audited updates'
    | 'audited updates whose training is not withheld'
    | 'the next model'
    | 'nothing'
  /** The question that it asks, in words. */
  asks: string
  /**
   * A gate fails an update, a score rates it, a flag only raises its audit probability, a rejection keeps the base
   * model.
   */
  does: 'gate' | 'gate and score' | 'score' | 'flag' | 'reject'
  /** Stages that run before it although they stand later in this table, because it uses what they find. */
  needs: readonly string[]
}

export const STAGE_TABLE = [
  {
    name: 'S0',
    looksAt: 'all updates',
    asks: 'are opening and update there, of this submission, round, base model and data?',
    does: 'gate',
    needs: [],
  },
  {
    name: 'S1',
    looksAt: 'all updates',
    asks: "is the blob the task's tensors, finite, and the last state of the trace?",
    does: 'gate',
    needs: [],
  },
  {
    name: 'S2',
    looksAt: 'all updates',
    asks: 'is it a hash submitted before, a near copy, or a global step again?',
    does: 'gate',
    // Who copied whom follows from which training this seat proved.
    needs: ['S5'],
  },
  {
    name: 'S3',
    looksAt: 'nothing',
    asks: 'is it an outlier of its cohort, too long or too far from the median?',
    does: 'flag',
    needs: [],
  },
  {
    name: 'S4',
    looksAt: 'audited updates whose training is not withheld',
    asks: 'how much does it help on held-out data, and where?',
    does: 'gate and score',
    // Scores are relative to the updates that passed.
    needs: ['S5'],
  },
  {
    name: 'S5',
    looksAt: 'audited updates',
    asks: "do this seat's windows, trained again, end in the committed states, with true targets and without the pool's samples?",
    does: 'gate and score',
    needs: [],
  },
  {
    name: 'S6',
    looksAt: 'the next model',
    asks: 'does it get worse, as a whole or in one stratum?',
    does: 'reject',
    needs: [],
  },
] as const satisfies readonly Row[]

type Stage = (typeof STAGE_TABLE)[number]

/** Stages that look at the updates of a cohort. */
export type CohortStage = Exclude<Stage, { looksAt: 'the next model' | 'nothing' }>

/** A cohort's stages in the order in which they run: the table's order, but each one after those that it needs. */
export const RUN_ORDER: readonly CohortStage[] = inOrder(STAGE_TABLE.filter(isOfCohort))

function isOfCohort(stage: Stage): stage is CohortStage {
  return stage.looksAt !== 'the next model' && stage.looksAt !== 'nothing'
}

function inOrder(stages: readonly CohortStage[]): CohortStage[] {
  const order = new Set<CohortStage>()
  const add = (stage: CohortStage) => {
    for (const needed of stage.needs) add(stages.find(({ name }) => name === needed)!)
    order.add(stage)
  }
  for (const stage of stages) add(stage)
  return [...order]
}
