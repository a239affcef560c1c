import { type Federation, type FederationOptions, openFederation } from './federation.ts'
import { accuracyOf, backdoorSuccess, figuresOf, type RoundFigures, rareHolders } from './figures.ts'
import { playRound } from './play-round.ts'
import type { LabValidator } from './validator.ts'

/** Rounds in which a contributor counts as a newcomer: its audits are the likelier the fewer of them are settled. */
const NEWCOMER_ROUNDS = 10

/** What a whole federation came to. */
export type FederationFigures = {
  accuracy: number
  backdoorSuccess: number
  rounds: RoundFigures[]
  /** Reward wei of each contributor, by index, as decimal digits. */
  pay: string[]
  /** Mean pay of an attacking validator for a drawn entry to that of an honest one; null where no entry was drawn for either. */
  validatorPayRatio: number | null
  /** Share of the attacking validators' entries that are proved false when they are computed again; null without such entries. */
  falseEntryRate: number | null
  attackers: number[]
  rareHolders: number[]
  trainingCpuSeconds: number
  overheadCpuSeconds: number
  verificationCpuSeconds: number
  /** Of the first ten rounds. */
  newcomerTrainingCpuSeconds: number
  newcomerVerificationCpuSeconds: number
}

/** Plays all rounds. The figures depend on the options alone, but for those in CPU seconds. */
export async function playFederation(
  options: FederationOptions,
  onRound: (figures: RoundFigures) => void = () => undefined,
): Promise<FederationFigures> {
  const federation = await openFederation(options)
  try {
    const rare = rareHolders(federation)
    const rounds: RoundFigures[] = []
    for (let round = 1; round <= options.rounds; round++) {
      const figures = await figuresOf(federation, await playRound(federation, round), rare)
      rounds.push(figures)
      onRound(figures)
    }
    return await summary(federation, rounds, rare)
  } finally {
    await federation.close()
  }
}

async function summary(
  federation: Federation,
  rounds: RoundFigures[],
  rare: ReadonlySet<number>,
): Promise<FederationFigures> {
  const { contributors, validators, models } = federation
  const { state } = models.at(-1)!
  const seconds = (name: 'training' | 'overhead' | 'verification', some = rounds) =>
    some.reduce((sum, one) => sum + one[`${name}CpuSeconds`], 0)
  const newcomers = rounds.slice(0, NEWCOMER_ROUNDS)
  return {
    accuracy: await accuracyOf(federation, state),
    backdoorSuccess: await backdoorSuccess(federation, state),
    rounds,
    pay: contributors.map(({ credited }) => String(credited)),
    validatorPayRatio: validatorPayRatio(validators),
    falseEntryRate: falseEntryRate(validators),
    attackers: contributors.filter(({ isAttacker }) => isAttacker).map(({ index }) => index),
    rareHolders: [...rare],
    trainingCpuSeconds: seconds('training'),
    overheadCpuSeconds: seconds('overhead'),
    verificationCpuSeconds: seconds('verification'),
    newcomerTrainingCpuSeconds: seconds('training', newcomers),
    newcomerVerificationCpuSeconds: seconds('verification', newcomers),
  }
}

function validatorPayRatio(validators: readonly LabValidator[]): number | null {
  const payOf = (some: readonly LabValidator[]) => {
    const drawn = some.reduce((sum, one) => sum + one.drawn, 0)
    return Number(some.reduce((sum, one) => sum + one.credited, 0n)) / drawn
  }
  const [attackers, honest] = [true, false].map((is) =>
    payOf(validators.filter((one) => one.isAttacker === is)),
  )
  const ratio = attackers! / honest!
  return Number.isFinite(ratio) ? ratio : null
}

function falseEntryRate(validators: readonly LabValidator[]): number | null {
  const computed = validators.reduce((sum, one) => sum + one.computed, 0)
  return computed === 0 ? null : validators.reduce((sum, one) => sum + one.falseOnes, 0) / computed
}
