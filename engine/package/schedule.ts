/**
 * The learning rate of each step of a task, counted over all its rounds. Rates are computed with whole numbers alone, in units of
 * 2⁻¹²⁸, and rounded once, so every machine feeds the same float32 to a step.
 */
import { z } from 'zod4'

/** More than the steps of the longest task: 2³² rounds of 65,535 steps. */
const MAX_STEPS = 2 ** 48
/** Most rows of a table. */
const MAX_ROWS = 1000
const DECIMALS = 9

const FRACTION_BITS = 128n
const ONE = 1n << FRACTION_BITS
/** π in units of 2⁻¹²⁸. */
const PI = 1_069_028_584_064_966_747_859_680_373_161_870_783_301n

/** Decimal text, so that its bytes are unambiguous. */
const decimal = z
  .string()
  .regex(/^(0|[1-9]\d{0,5})(\.\d{1,9})?$/, { error: 'expected a decimal such as "0.05"', abort: true })
const steps = (least: number) => z.int().min(least).max(MAX_STEPS)

/** How task.json says it. All steps are the task's: round 2 goes on where round 1 ended. */
export const schedule = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant'), rate: decimal }),
    /** The rate is multiplied by `factor` after each `every` steps. */
    z.strictObject({ kind: z.literal('step'), rate: decimal, every: steps(1), factor: decimal }),
    /** It rises evenly to `rate` in `warmup` steps, and falls along half a cosine to `least`, which it reaches at step `steps`. */
    z.strictObject({
      kind: z.literal('cosine'),
      rate: decimal,
      warmup: steps(0),
      steps: steps(1),
      least: decimal,
    }),
    /** Each row holds from its step on, until the next one does. */
    z.strictObject({
      kind: z.literal('table'),
      rates: z
        .array(z.strictObject({ from: steps(0), rate: decimal }))
        .min(1, { abort: true })
        .max(MAX_ROWS),
    }),
  ])
  .superRefine((value, context) => {
    const fault = faultOf(value)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })

export type Schedule = z.infer<typeof schedule>

/** The learning rate of a step, as the float32 that enters the graph. @param step of the task, from 0 */
export function rateAt(plan: Schedule, step: number): number {
  return float32(exactRate(plan, BigInt(step)))
}

/** The rate of every step; NaN where they differ. */
export function onlyRate(plan: Schedule): number {
  return plan.kind === 'constant' ? rateAt(plan, 0) : Number.NaN
}

function faultOf(plan: Schedule): string | undefined {
  if (plan.kind === 'table') return tableFault(plan.rates)
  if (fixed(plan.rate) === 0n) return 'rate: must be above 0'
  if (plan.kind === 'step' && (fixed(plan.factor) === 0n || fixed(plan.factor) > ONE))
    return `factor: ${plan.factor} is not above 0 and at most 1`
  if (plan.kind !== 'cosine') return undefined
  if (plan.warmup >= plan.steps) return `warmup: ${plan.warmup} steps are not fewer than steps, ${plan.steps}`
  return fixed(plan.least) > fixed(plan.rate) ? `least: ${plan.least} is above rate, ${plan.rate}` : undefined
}

function tableFault(rates: readonly { from: number; rate: string }[]): string | undefined {
  if (rates[0]!.from !== 0) return `rates: the first row is from step ${rates[0]!.from}, it has to be from 0`
  const late = rates.findIndex(({ from }, i) => i > 0 && from <= rates[i - 1]!.from)
  if (late > 0) return `rates: row ${late} is from step ${rates[late]!.from}, not after the row before it`
  const zero = rates.findIndex(({ rate }) => fixed(rate) === 0n)
  return zero < 0 ? undefined : `rates: the rate of row ${zero} must be above 0`
}

function exactRate(plan: Schedule, step: bigint): bigint {
  switch (plan.kind) {
    case 'constant':
      return fixed(plan.rate)
    case 'step':
      return product(fixed(plan.rate), power(fixed(plan.factor), step / BigInt(plan.every)))
    case 'cosine':
      return cosineRate(plan, step)
    case 'table':
      return fixed(plan.rates.findLast(({ from }) => BigInt(from) <= step)!.rate)
  }
}

function cosineRate(plan: Extract<Schedule, { kind: 'cosine' }>, step: bigint): bigint {
  const [rate, least, warmup, end] = [
    fixed(plan.rate),
    fixed(plan.least),
    BigInt(plan.warmup),
    BigInt(plan.steps),
  ]
  if (step < warmup) return (rate * (step + 1n)) / warmup
  if (step >= end) return least
  // (1 + cos πt) / 2 = cos² (πt / 2), with t from 0 to 1.
  const root = cosine((PI * (step - warmup)) / (2n * (end - warmup)))
  return least + product(rate - least, product(root, root))
}

/** Cosine of an angle from 0 to π / 2: 1 − x² / 2! + x⁴ / 4! − …, until a term is below 2⁻¹²⁸. */
function cosine(angle: bigint): bigint {
  const square = product(angle, angle)
  let [sum, term, sign] = [0n, ONE, 1n]
  for (let k = 1n; term > 0n; k += 2n) {
    sum += sign * term
    term = product(term, square) / (k * (k + 1n))
    sign = -sign
  }
  return sum > 0n ? sum : 0n
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [ONE, base]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = product(result, square)
    square = product(square, square)
  }
  return result
}

/** Both are at least 0; rounded down. */
function product(a: bigint, b: bigint): bigint {
  return (a * b) >> FRACTION_BITS
}

function fixed(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return (BigInt(whole + fraction.padEnd(DECIMALS, '0')) * ONE) / 10n ** BigInt(DECIMALS)
}

function float32(value: bigint): number {
  return Math.fround(Number(value) / 2 ** Number(FRACTION_BITS))
}
