/**
 * The packed words of the contracts, field by field from the lowest bit on: the twins of contracts/types and of the entries in
 * contracts/libraries/ScoreWords.sol. test/contracts/word-layouts.test.ts compares both sides.
 */

/** One field, or `count` equal ones side by side. */
export type WordField = {
  readonly name: string
  readonly bits: number
  readonly count?: number
  readonly doc: string
}

/** Bits that hold nothing. */
export type Spare = { readonly spare: number }

/** A word's fields in their order, from the lowest bit on. */
export type WordLayout = readonly (WordField | Spare)[]

/** The values of a word's fields by name; a field with a count has a list. */
export type WordValues<Layout extends WordLayout> = {
  [Field in Extract<Layout[number], WordField> as Field['name']]: Field extends { readonly count: number }
    ? readonly bigint[]
    : bigint
}

/** {@link WordValues} of small fields. */
export type WordNumbers<Layout extends WordLayout> = {
  [Field in Extract<Layout[number], WordField> as Field['name']]: Field extends { readonly count: number }
    ? readonly number[]
    : number
}

// ---- a task

/** Phase lengths and sizes, fixed at a task's creation. */
export const ROUND_TERMS_WORD = [
  { name: 'submitSeconds', bits: 32, doc: 'length of the submit phase' },
  { name: 'openSeconds', bits: 32, doc: 'from the seal to the end of the open phase' },
  { name: 'commitSeconds', bits: 32, doc: 'for commits, once more in a redraw' },
  { name: 'revealSeconds', bits: 32, doc: 'for reveals, once more in a redraw' },
  {
    name: 'aggregateSeconds',
    bits: 32,
    doc: 'for votes on aggregates, and once more for those on the next model',
  },
  { name: 'challengeSeconds', bits: 32, doc: "from a round's end until it is final" },
  { name: 'committeeSize', bits: 8, doc: 'seats of a committee, k' },
  { name: 'windows', bits: 8, doc: 'replay windows of an update' },
  { name: 'slots', bits: 16, doc: 'most submissions of a round' },
  { name: 'minContributors', bits: 16, doc: 'enrolled contributors that a round opens with' },
] as const satisfies WordLayout

/** What a contributor's pay needs, fixed at a task's creation. */
export const PAY_TERMS_WORD = [
  { name: 'priceCompute', bits: 96, doc: 'reward wei a compute unit' },
  { name: 'priceData', bits: 96, doc: 'reward wei a data unit' },
  { name: 'computeUnits', bits: 32, doc: 'C, of all assigned steps' },
  { name: 'earlyBonusBps', bits: 16, doc: 'ε of round 1' },
  { name: 'earlyBonusRounds', bits: 16, doc: 'rounds over which ε falls to 1' },
] as const satisfies WordLayout

/** What validators' pay and weights need, fixed at a task's creation. */
export const VALIDATION_TERMS_WORD = [
  { name: 'priceValidation', bits: 96, doc: 'reward wei an accurate entry' },
  { name: 'minValidatorStake', bits: 96, doc: 'ASSAY wei' },
  { name: 'maxRounds', bits: 32, doc: 'rounds that the task pays for' },
] as const satisfies WordLayout

/** A task's people and money. */
export const TASK_TOTALS_WORD = [
  { name: 'enrolled', bits: 24, doc: 'contributors now' },
  { name: 'reputationSum', bits: 40, doc: 'sum of their ρ in bps' },
  { name: 'credited', bits: 80, doc: 'reward wei since the task began' },
  { name: 'held', bits: 80, doc: 'reward wei until a passed audit' },
  { name: 'resumedHour', bits: 32, doc: 'hours from 1970 to the end of the last pause, 0 before the first' },
] as const satisfies WordLayout

/** The contributors who enrolled last, all in one block. */
export const NEWCOMERS_WORD = [
  { name: 'enrolledAt', bits: 40, doc: 'unix seconds of that block' },
  { name: 'count', bits: 24, doc: 'how many they are' },
  { name: 'reputationSum', bits: 40, doc: 'sum of their ρ in bps' },
] as const satisfies WordLayout

/** What claims of a task are paid from. */
export const PURSE_WORD = [
  { name: 'token', bits: 160, doc: 'address of the reward token' },
  { name: 'amount', bits: 80, doc: 'reward wei collected from the escrow and not claimed yet' },
] as const satisfies WordLayout

// ---- a round

/** The current or last round. */
export const ROUND_WORD = [
  { name: 'round', bits: 32, doc: 'its number, from 1; 0 before the first' },
  { name: 'status', bits: 8, doc: '0 idle, 1 submit, 2 waiting for the seal, 3 scoring, 4 aggregating' },
  { name: 'submissions', bits: 16, doc: 'accepted ones' },
  { name: 'slots', bits: 16, doc: 'most submissions' },
  { name: 'submitEnd', bits: 40, doc: 'unix seconds' },
  { name: 'sealedAt', bits: 40, doc: 'unix seconds, 0 before the seal' },
  { name: 'doneAt', bits: 40, doc: 'unix seconds at which all cohorts were done, 0 before' },
  { name: 'cohortsDone', bits: 8, doc: 'settled or void' },
  { name: 'cohortsVoid', bits: 8, doc: 'void' },
  { name: 'selective', bits: 1, doc: '1 when not everyone who is enrolled may submit' },
  { name: 'season', bits: 7, doc: 'pauses of the task before it, modulo 128' },
  { name: 'requestedAt', bits: 40, doc: 'unix seconds at which the beacon was requested, 0 before' },
] as const satisfies WordLayout

/** What a round keeps of its start. */
export const ROUND_START_WORD = [
  { name: 'reserve', bits: 80, doc: 'reward wei reserved for the round' },
  { name: 'openedBlock', bits: 48, doc: 'number of the block in which it opened' },
  { name: 'beaconId', bits: 64, doc: 'what was requested from the beacon, 0 before submissions are closed' },
  { name: 'enrolled', bits: 24, doc: 'contributors then' },
  { name: 'reputationSum', bits: 40, doc: 'sum of their ρ then, in bps' },
] as const satisfies WordLayout

/** When four rounds closed and how long they lasted: round r in place r % 4. */
export const CLOSING_TIMES_WORD = [
  { name: 'times', bits: 40, count: 4, doc: 'unix seconds' },
  { name: 'lengths', bits: 24, count: 4, doc: 'seconds from the opening to the closing, 2²⁴ − 1 at most' },
] as const satisfies WordLayout

/** A committee and what it did. */
export const COHORT_WORD = [
  { name: 'round', bits: 32, doc: 'in which it was drawn' },
  { name: 'seats', bits: 8, count: 15, doc: 'roster index of each' },
  { name: 'actedSeats', bits: 16, doc: 'set of the seats that revealed or voted' },
  { name: 'acted', bits: 8, doc: 'how many did' },
  { name: 'attempt', bits: 8, doc: '0, or 1 after a redraw' },
  { name: 'state', bits: 8, doc: '0 open, 1 settled, 2 void' },
] as const satisfies WordLayout

/** The record of a round. */
export const RECORD_WORD = [
  { name: 'chain', bits: 224, doc: 'low bits of its hash chain' },
  { name: 'submissions', bits: 12, doc: 'of a sealed round; 0 before the seal, and of a void one' },
  { name: 'round', bits: 20, doc: 'whose record it is' },
] as const satisfies WordLayout

/** A hash under the round that it belongs to. */
export const TAGGED_HASH = [
  { name: 'hash', bits: 224, doc: 'the low bits of a hash' },
  { name: 'round', bits: 32, doc: 'whose hash it is' },
] as const satisfies WordLayout

/** What the event `CohortSettled` says of one update. */
export const RESULT_WORD = [
  { name: 'outcome', bits: 8, doc: "1 audited, 2 unaudited, 3 failed, 4 task's fault" },
  { name: 'provenWindows', bits: 8, doc: 'm after the update' },
  { name: 'reputation', bits: 16, doc: 'ρ after the update, in bps' },
  { name: 'quality', bits: 16, doc: 'Q in bps; the running one of an update that was not judged' },
  { name: 'rarity', bits: 16, doc: 'R in bps; the running one of an update that was not judged' },
  { name: 'computePay', bits: 80, doc: 'reward wei; held when unaudited' },
  { name: 'dataPay', bits: 80, doc: 'reward wei; held when unaudited' },
] as const satisfies WordLayout

/** What one seat says of one update; eight entries make a word. */
export const SCORE_ENTRY = [
  {
    name: 'quality',
    bits: 14,
    doc: "Q in bps, 16,380 no decision, 16,381 the task's fault, 16,382 a gate failed, 16,383 not audited",
  },
  { name: 'rarity', bits: 14, doc: 'R in units of 2 bps; without a quality above 0, the number of a reason' },
  {
    name: 'windows',
    bits: 4,
    doc: 'two bits: replayed without a miss, 3 when a replay differs; one bit each: windows of the seat before, and of the one before that, were withheld',
  },
] as const satisfies WordLayout

// ---- people

/** A contributor. */
export const PARTICIPANT_WORD = [
  { name: 'lastRound', bits: 32, doc: 'last round submitted to, 0 for none' },
  { name: 'index', bits: 24, doc: 'of that submission, from 0' },
  { name: 'runningQuality', bits: 16, doc: 'running Q in bps' },
  { name: 'runningRarity', bits: 16, doc: 'running R in bps' },
  { name: 'reputation', bits: 16, doc: 'ρ in bps' },
  { name: 'provenWindows', bits: 8, doc: 'm' },
  { name: 'enrolled', bits: 1, doc: '1 while it takes part' },
  { name: 'flagged', bits: 1, doc: '1 when an audit failed since the last passed one' },
  { name: 'hasHeld', bits: 1, doc: '1 while pay is held' },
  { name: 'judged', bits: 1, doc: '1 once an update was audited or failed a gate' },
  { spare: 4 },
  { name: 'dataUnits', bits: 32, doc: 'D' },
  { name: 'seen', bits: 16, doc: 'settled rounds, counted up to 65,535' },
  { name: 'settledRound', bits: 32, doc: 'the last one' },
  { name: 'firstRound', bits: 32, doc: 'first round that it may submit to' },
  { name: 'season', bits: 8, doc: 'of the last submission' },
  { name: 'cases', bits: 16, doc: 'open cases against the account, contributor or validator' },
] as const satisfies WordLayout

/** A validator. */
export const VALIDATOR_WORD = [
  { name: 'frozenPlace', bits: 8, doc: 'roster index in the frozen roster + 1, 0 without one' },
  { name: 'nextPlace', bits: 8, doc: 'index in the next roster + 1, 0 without one; from 65 on a candidate' },
  { name: 'dutySum', bits: 24, doc: 'decayed duties, in 1/256 of one' },
  { name: 'doneSum', bits: 24, doc: 'decayed duties done in time, in 1/256 of one' },
  { name: 'dutyTotal', bits: 16, doc: 'duties ever, counted up to 65,535' },
  { name: 'history', bits: 16, doc: 'last ten rounds with duties, the latest in the lowest bit; 1 = missed' },
  { name: 'tallyRound', bits: 32, doc: 'round of the next three' },
  { name: 'duties', bits: 16, doc: 'of that round' },
  { name: 'done', bits: 16, doc: 'of that round, in time' },
  { name: 'entries', bits: 16, doc: 'accurate ones of that round' },
  { name: 'boundUntil', bits: 40, doc: 'unix seconds from which it may give up its next place, 0 when free' },
  {
    name: 'releaseAt',
    bits: 40,
    doc: 'unix seconds at which the last round is final whose frozen roster had it',
  },
] as const satisfies WordLayout

/** What an account has earned and not claimed. */
export const EARNINGS_WORD = [
  { name: 'claimable', bits: 80, doc: 'reward wei' },
  { name: 'current', bits: 80, doc: 'reward wei credited in the epoch' },
  { name: 'previous', bits: 80, doc: 'reward wei credited in the epoch before' },
  { name: 'epoch', bits: 16, doc: 'epochs since 1970, modulo 2¹⁶' },
] as const satisfies WordLayout

/** Held pay of a contributor. */
export const HELD_WORD = [
  { name: 'amount', bits: 80, doc: 'reward wei that wait for a passed audit' },
  { name: 'round', bits: 32, doc: 'in which it last changed' },
  {
    name: 'rounds',
    bits: 128,
    doc: 'set of the rounds that pay is held of: bit i for i rounds before that one',
  },
] as const satisfies WordLayout

// ---- stake and rosters

/** An account's stake in the registry. */
export const STAKE_WORD = [
  { name: 'active', bits: 96, doc: 'ASSAY wei that count for reservations' },
  { name: 'unbonding', bits: 96, doc: 'ASSAY wei on their way out' },
  { name: 'availableAt', bits: 40, doc: 'unix seconds at which those can be withdrawn, 0 for none' },
] as const satisfies WordLayout

/** A bid for a place in the next roster. */
export const PLACE_WORD = [
  { name: 'account', bits: 160, doc: 'address of its validator, 0 when the place is free' },
  { name: 'weight', bits: 16, doc: 'in the draws, 0 or 204…1,024' },
  { name: 'firstRound', bits: 32, doc: 'the first round that the bid counts for' },
  { name: 'bidAt', bits: 40, doc: 'unix seconds' },
  { name: 'ready', bits: 1, doc: '1 once its validator is ready for the current pool' },
  { name: 'readyForAnnounced', bits: 1, doc: '1 once its validator is ready for the announced pool' },
] as const satisfies WordLayout

/** Sets of places of the next roster. */
export const ROSTER_WORD = [
  { name: 'taken', bits: 80, doc: 'places that somebody has, those of candidates from 64 on' },
  { name: 'changed', bits: 64, doc: "places that differ from the frozen roster's" },
] as const satisfies WordLayout

/** Which of a task's two pool roots is the current one. */
export const POOL_WORD = [
  { name: 'current', bits: 8, doc: 'key of the current root, 0 or 1; an announced one has the other' },
  { name: 'firstRound', bits: 32, doc: 'first round of the current pool' },
  { name: 'announcedFor', bits: 32, doc: 'first round of the announced pool, 0 for none' },
] as const satisfies WordLayout

/** Weights of sixteen places of the frozen roster: that of roster index i in place i % 16 of word ⌊i / 16⌋. */
export const WEIGHTS_WORD = [
  { name: 'weights', bits: 16, count: 16, doc: '0, or 204…1,024' },
] as const satisfies WordLayout

// ---- the court

/** Where a case stands. */
export const CASE_WORD = [
  { name: 'facts', bits: 168, doc: 'high bits of the hash of its facts' },
  {
    name: 'readyAt',
    bits: 40,
    doc: 'unix seconds: without a verdict the deadline of an answer, then the earliest execution',
  },
  { name: 'panel', bits: 32, doc: 'number of the first panel, 0 if it needs none' },
  { name: 'verdict', bits: 4, doc: 'how it ended, 0 while it is open' },
  { name: 'instance', bits: 2, doc: '0 for the first panel, 1 and 2 for those of appeals' },
  { name: 'closed', bits: 1, doc: '1 once bonds are settled' },
  { name: 'suspended', bits: 1, doc: '1 once the guardian has used its right' },
  { name: 'feeCut', bits: 1, doc: '1 if a seat earns less than the usual fee' },
  { name: 'seats', bits: 7, doc: 'seats of all panels that have reported' },
] as const satisfies WordLayout

// ---- reading and writing

const WORD_BITS = 256
const NUMBER_BITS = 53

/**
 * The fields of a word.
 *
 * @example const { round, status } = unpackWord(ROUND_WORD, value)
 * @throws RangeError for what is no word of 256 bits.
 */
export function unpackWord<const Layout extends WordLayout>(
  layout: Layout,
  word: bigint,
): WordValues<Layout> {
  requireFit('the word', word, WORD_BITS)
  const values = placesOf(layout).map(({ name, bits, count, offset }) => {
    const at = (i: number) => (word >> BigInt(offset + i * bits)) & largest(bits)
    return [name, count === undefined ? at(0) : Array.from({ length: count }, (_, i) => at(i))]
  })
  return Object.fromEntries(values)
}

/**
 * The fields of a word as plain numbers; only of a word whose fields all have 53 bits or less.
 *
 * @throws RangeError like {@link unpackWord}, and for a layout with a larger field.
 */
export function unpackNumbers<const Layout extends WordLayout>(
  layout: Layout,
  word: bigint,
): WordNumbers<Layout> {
  const large = placesOf(layout).find(({ bits }) => bits > NUMBER_BITS)
  if (large !== undefined)
    throw new RangeError(`${large.name} has ${large.bits} bits: read it with unpackWord, as a bigint`)
  const toNumber = (value: unknown) => (Array.isArray(value) ? value.map(Number) : Number(value))
  const values = Object.entries(unpackWord(layout, word)).map(([name, value]) => [name, toNumber(value)])
  return Object.fromEntries(values)
}

/**
 * The word with these fields, and zeros everywhere else.
 *
 * @throws RangeError for a value that its field has no room for.
 */
export function packWord<const Layout extends WordLayout>(
  layout: Layout,
  values: WordValues<Layout>,
): bigint {
  const given = values as Record<string, bigint | readonly bigint[]>
  return placesOf(layout).reduce((word, { name, bits, count, offset }) => {
    const list = [given[name] ?? []].flat() as bigint[]
    if (list.length !== (count ?? 1)) {
      throw new RangeError(
        `${name} has ${list.length} values: the word has room for ${count ?? 1}, give as many`,
      )
    }
    return list.reduce((sum, value, i) => {
      requireFit(count === undefined ? name : `${name}[${i}]`, value, bits)
      return sum | (value << BigInt(offset + i * bits))
    }, word)
  }, 0n)
}

/** Each field of a layout with the place of its lowest bit. */
export function placesOf(layout: WordLayout): (WordField & { offset: number })[] {
  const places: (WordField & { offset: number })[] = []
  let offset = 0
  for (const field of layout) {
    if ('spare' in field) {
      offset += field.spare
    } else {
      places.push({ ...field, offset })
      offset += field.bits * (field.count ?? 1)
    }
  }
  return places
}

function requireFit(name: string, value: bigint, bits: number): void {
  if (value < 0n || value > largest(bits)) {
    throw new RangeError(
      `${name} is ${value}: it must be in 0 … ${largest(bits)}, which is what ${bits} bits hold`,
    )
  }
}

function largest(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n
}
