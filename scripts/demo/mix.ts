import type {
  SimulatedBehaviour,
  SimulatedContributor,
  SimulatedValidator,
} from '@assay/lab/behaviours/behaviour.ts'
import { CONTRIBUTOR_BEHAVIOURS, VALIDATOR_BEHAVIOURS } from '@assay/lab/behaviours/registry.ts'
import { UsageError } from '../command/usage-error.ts'
import { wholeNumber } from '../command/whole-number.ts'

/** How many have one behaviour. */
export interface Share<Behaviour extends SimulatedBehaviour> {
  behaviour: Behaviour
  count: number
}

export type Attackers = Share<SimulatedContributor>[]
export type DeviantValidators = Share<SimulatedValidator>[]

/** Limits of a demo, whatever its mix. */
export const MOST_CONTRIBUTORS = 64
export const MOST_VALIDATORS = 63
const ATTACKS = CONTRIBUTOR_BEHAVIOURS.map(({ name }) => name).join(', ')
const USUAL_ATTACKERS = CONTRIBUTOR_BEHAVIOURS.filter(({ defaultCount }) => defaultCount > 0)
  .map(({ name, defaultCount }) => `${name}:${defaultCount}`)
  .join(',')

/** The option that says how many validators have a behaviour. */
export const validatorOption = ({ name, option = `${name}-validators` }: SimulatedValidator) => option
/** These options, joined for a sentence. */
const optionsOf = (behaviours: readonly SimulatedValidator[]) =>
  new Intl.ListFormat('en').format(behaviours.map((one) => `--${validatorOption(one)}`))

/** Lines of help: what the mix is made of. */
export const MIX_HELP = [
  `  --attackers LIST        none, or name:count,… of ${ATTACKS}`,
  `                          (default ${USUAL_ATTACKERS}; fewer than half of the contributors)`,
  ...VALIDATOR_BEHAVIOURS.map(
    (one) => `  ${`--${validatorOption(one)} N`.padEnd(23)} ${one.description} (default ${one.defaultCount})`,
  ),
].join('\n')

/** Those that leave the draw, in words for the help. */
export const LEAVING_HELP = leavingWords(VALIDATOR_BEHAVIOURS)

export const countOf = (shares: readonly { count: number }[]) =>
  shares.reduce((sum, { count }) => sum + count, 0)
/** Those of them that will leave the draw. */
export const leavingOf = (shares: DeviantValidators) =>
  shares.filter(({ behaviour }) => behaviour.leavesDrawAfter !== undefined)

function leavingWords(behaviours: readonly SimulatedValidator[]): string {
  const names = behaviours
    .filter(({ leavesDrawAfter }) => leavesDrawAfter !== undefined)
    .map(({ name }) => name)
  return `the ${new Intl.ListFormat('en').format(names)} ones`
}

/** @throws UsageError naming the part that can't be read, and a fix */
export function parseAttackers(text = USUAL_ATTACKERS): Attackers {
  if (text === 'none') return []
  const found = text.split(',').map((part) => {
    const [name = '', count = '1', ...more] = part.trim().split(':')
    const behaviour = CONTRIBUTOR_BEHAVIOURS.find((known) => known.name === name)
    if (behaviour === undefined || more.length > 0) {
      throw new UsageError(
        `--attackers names "${part}", but must be none or name:count with a name of ${ATTACKS}: ` +
          'give some, such as --attackers sign-flip:1,copy:1',
      )
    }
    return { behaviour, count: wholeNumber(`attackers ${name}`, count, 0, MOST_CONTRIBUTORS) }
  })
  const twice = found.find(
    ({ behaviour }, i) => found.findIndex((other) => other.behaviour === behaviour) !== i,
  )
  if (twice !== undefined)
    throw new UsageError(
      `--attackers names ${twice.behaviour.name} twice, but takes each name once: add the counts up`,
    )
  return found.filter(({ count }) => count > 0)
}

/** @param given what the command line says, by option */
export function parseDeviantValidators(
  given: Readonly<Record<string, string | boolean | undefined>>,
): DeviantValidators {
  return VALIDATOR_BEHAVIOURS.map((behaviour) => {
    const option = validatorOption(behaviour)
    const count = wholeNumber(option, String(given[option] ?? behaviour.defaultCount), 0, MOST_VALIDATORS)
    return { behaviour, count }
  }).filter(({ count }) => count > 0)
}

/** @throws UsageError when half of the contributors attack */
export function checkAttackers(contributors: number, attackers: Attackers): void {
  const attacking = countOf(attackers)
  const mostAttacking = Math.ceil(contributors / 2) - 1
  if (attacking > mostAttacking) {
    throw new UsageError(
      `--attackers adds up to ${attacking}, but ${contributors} contributors take at most ${mostAttacking} ` +
        `(fewer than half): use fewer, or --contributors ${2 * attacking + 1}`,
    )
  }
}

const roundsText = (count: number) => (count === 1 ? '1 round needs' : `${count} rounds need`)

/**
 * @param needed validators that a round needs in the draw
 * @throws UsageError when the honest are too few to decide, or too few are left for the draw
 */
export function checkDeviantValidators(
  {
    validators,
    rounds,
    deviantValidators,
  }: Record<'validators' | 'rounds', number> & {
    deviantValidators: DeviantValidators
  },
  needed: number,
): void {
  const failing = countOf(deviantValidators)
  const mostFailing = Math.floor((validators - 1) / 3)
  if (failing > mostFailing) {
    throw new UsageError(
      `${optionsOf(VALIDATOR_BEHAVIOURS)} add up to ${failing}, but ${validators} validators take at most ` +
        `${mostFailing} (fewer than a third): use fewer, or --validators ${3 * failing + 1}`,
    )
  }
  // Once some are out of the draw, a round needs the others to be enough.
  const after = ({ behaviour }: Share<SimulatedValidator>) => behaviour.leavesDrawAfter ?? rounds
  const leaving = leavingOf(deviantValidators).filter((one) => rounds > after(one))
  const remaining = validators - countOf(leaving)
  if (remaining < needed) {
    const enough = Math.min(...leaving.map(after))
    const behaviours = leaving.map(({ behaviour }) => behaviour)
    throw new UsageError(
      `${behaviours.length === 1 ? `${optionsOf(behaviours)} ${countOf(leaving)} leaves` : `${optionsOf(behaviours)} leave`} ` +
        `${remaining} of ${validators} validators once ${leavingWords(behaviours)} are out of the ` +
        `draw, but more than ${roundsText(enough)} ${needed}: use --validators ${needed + countOf(leaving)} or --rounds ${enough}`,
    )
  }
}
