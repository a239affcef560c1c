import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ATTACKS } from '../attacks/registry.ts'
import { type RoundFigures, ratioOf, type Tally } from '../federation/figures.ts'
import { type FederationFigures, playFederation } from '../federation/play-federation.ts'
import { cleanTwin, federationOptions, type Run } from './run.ts'

/** What a run came to. Shares are 0…1; null stands where there is nobody or nothing to divide by. */
export type RunResult = Run & {
  /** On samples that nobody trains or scores with, after the last round. */
  accuracy: number
  /** The same without attackers: same seed, people, samples and draws. */
  cleanAccuracy: number
  /** Share of the attackers' audited updates that the committee gave nothing: a gate failed, or the quality is 0. */
  recall: number | null
  /** The same of honest updates. */
  falsePositiveRate: number | null
  /** The same of honest contributors who hold a quarter or more of the samples of a class. */
  rareFalsePositiveRate: number | null
  /** Share of honest audited updates on which most seats couldn't decide. Of attackers' updates these count as missed. */
  undecidedRate: number | null
  /** Share of single seats' entries about honest updates that gave nothing, before medians. */
  entryFalsePositiveRate: number | null
  /** Mean pay of an attacker to that of an honest contributor. */
  attackerPayRatio: number | null
  /** Mean pay of an attacking validator for a drawn entry to that of an honest one. */
  validatorPayRatio: number | null
  /** Share of attacking validators' entries that are proved false when they are computed again. */
  falseEntryRate: number | null
  /** Where attackers are one person's identities: pay of all to what the samples' owner earns alone, without attackers. */
  personPayRatio: number | null
  /** Mean weight of an attacker's update in the model's step to that of an honest one, over the rounds. */
  attackerWeightRatio: number | null
  /** Share of samples of other classes that the backdoor's trigger turns. */
  backdoorSuccess: number
  cleanBackdoorSuccess: number
  trainingCpuSeconds: number
  /** What contributors do besides training: hashes, commitments, evidence. */
  overheadCpuSeconds: number
  /** All seats together. */
  verificationCpuSeconds: number
  newcomerTrainingCpuSeconds: number
  /** All seats together, in the first ten rounds. */
  newcomerVerificationCpuSeconds: number
  /** Reward wei of each contributor. */
  pay: string[]
  /** Of the clock, with the clean twin. */
  seconds: number
  rounds: number
  byRound: RoundFigures[]
}

const TWIN = fileURLToPath(new URL('./twin-process.ts', import.meta.url))
const MS_PER_SECOND = 1_000

/** What a run is compared with. */
export type Clean = Pick<FederationFigures, 'accuracy' | 'backdoorSuccess' | 'pay'>

/**
 * Plays a run, and its clean twin beside it in a process of its own.
 *
 * @param known the twin's figures, if they are known already
 * @throws RangeError for a run that can't be
 */
export async function runLab(
  run: Run,
  { known, onRound }: { known?: Clean | undefined; onRound?: (figures: RoundFigures) => void } = {},
): Promise<RunResult> {
  const began = performance.now()
  const options = federationOptions(run)
  const isAlone = run.attack === 'none' || known !== undefined
  const twin = isAlone ? undefined : playElsewhere(cleanTwin(run))
  try {
    const own = await playFederation(options, onRound)
    const clean = known ?? (await twin?.figures) ?? own
    return resultOf(run, { own, clean, seconds: (performance.now() - began) / MS_PER_SECOND })
  } finally {
    twin?.child.kill()
  }
}

/** The figures of a run that another process plays. */
function playElsewhere(run: Run): { child: ChildProcess; figures: Promise<FederationFigures> } {
  const child = fork(TWIN)
  const { promise: figures, resolve, reject } = Promise.withResolvers<FederationFigures>()
  child.once('message', (message) => resolve(message as FederationFigures))
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`the process of the clean twin ended with ${code}`)))
  child.send(run)
  // Whoever waits for it gets the failure, even if it comes earlier.
  figures.catch(() => undefined)
  return { child, figures }
}

function resultOf(
  run: Run,
  { own, clean, seconds }: { own: FederationFigures; clean: Clean; seconds: number },
): RunResult {
  const { rounds, pay, attackers, rareHolders, ...figures } = own
  const rate = (which: 'honest' | 'rare' | 'attackers' | 'honestEntries') =>
    rateOf(rounds.map((one) => one[which]))
  const weights = rounds.flatMap(({ attackerWeightRatio }) => attackerWeightRatio ?? [])
  return {
    ...run,
    ...figures,
    cleanAccuracy: clean.accuracy,
    cleanBackdoorSuccess: clean.backdoorSuccess,
    recall: rate('attackers'),
    falsePositiveRate: rate('honest'),
    rareFalsePositiveRate: rate('rare'),
    undecidedRate: rateOf(
      rounds.map((one) => one.honest),
      'undecided',
    ),
    entryFalsePositiveRate: rate('honestEntries'),
    attackerPayRatio: payRatio(pay, attackers),
    personPayRatio: personPayRatio(run, own, clean),
    attackerWeightRatio: weights.length === 0 ? null : sum(weights) / weights.length,
    pay,
    seconds,
    rounds: run.rounds,
    byRound: rounds,
  }
}

function rateOf(tallies: readonly Tally[], what: 'flagged' | 'undecided' = 'flagged'): number | null {
  const audited = sum(tallies.map((tally) => tally.audited))
  return audited === 0 ? null : sum(tallies.map((tally) => tally[what])) / audited
}

function payRatio(pay: readonly string[], attackers: readonly number[]): number | null {
  const isAttacker = (_: unknown, index: number) => attackers.includes(index)
  const mean = (some: number[]) => sum(some) / some.length
  const honest = mean(pay.filter((_, index) => !attackers.includes(index)).map(Number))
  return attackers.length === 0 ? null : ratioOf(mean(pay.filter(isAttacker).map(Number)), honest)
}

function personPayRatio({ attack }: Run, own: FederationFigures, clean: Clean): number | null {
  const isOnePerson = ATTACKS.find(({ name }) => name === attack)?.isOnePerson
  const alone = Number(clean.pay[own.attackers[0] ?? 0])
  if (!isOnePerson || alone === 0) return null
  return sum(own.attackers.map((index) => Number(own.pay[index]))) / alone
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
