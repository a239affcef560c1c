/** What each figure means, what it may cost, and what peers published for the same. */

/**
 * Figures for one number of contributors, in gas. `First`: a task's first round or an account's first time. `Second`: the second
 * round. `Worst`: the highest from the second round to the last. All others: a round in which nothing is new any more.
 */
export type Figures = Record<FigureName, number>
type FigureName = (typeof FIGURES)[number]['name']

export type Figure = {
  name: string
  text: string
  /** Highest allowed gas at 1,000 contributors. */
  budget?: number
  /** A user's call: must not grow with the number of contributors. */
  isUsersCall?: true
  /** What others published or measured on the same EVM; never measured in this run. */
  published?: string
}

export const FIGURES = [
  {
    name: 'stakeNew',
    text: 'stake, new',
    budget: 75_000,
    isUsersCall: true,
    published: 'Prime Intellect 178k, EigenLayer 205k, Synthetix 136k',
  },
  {
    name: 'stakeMore',
    text: 'stake, more',
    budget: 55_000,
    isUsersCall: true,
    published: 'Prime Intellect 101k, EigenLayer 132k, Synthetix 104k',
  },
  {
    name: 'requestUnstake',
    text: 'request to leave',
    budget: 40_000,
    isUsersCall: true,
    published: 'Prime Intellect 169k, EigenLayer 444k',
  },
  {
    name: 'withdraw',
    text: 'withdraw',
    budget: 48_000,
    isUsersCall: true,
    published: 'Prime Intellect 66k, EigenLayer 158k',
  },
  {
    name: 'submit',
    text: 'submit, alone',
    budget: 45_000,
    isUsersCall: true,
    published: 'Prime Intellect 235–303k, OpenFL 107k',
  },
  { name: 'submitSecond', text: 'submit, alone, second round', budget: 45_000 },
  { name: 'submitWorst', text: 'submit, alone, dearest of rounds 2 to 12' },
  { name: 'submitFirst', text: 'submit, alone, first round', isUsersCall: true },
  { name: 'submitRelayedPerHead', text: 'submit, a head of a batch', budget: 16_000, published: 'none' },
  { name: 'submitRelayedPerHeadSecond', text: 'submit, a head, second round', budget: 16_000 },
  { name: 'submitRelayedPerHeadWorst', text: 'submit, a head, dearest of rounds 2 to 12' },
  { name: 'submitRelayedPerHeadFirst', text: 'submit, a head, first round' },
  {
    name: 'scorePerEntry',
    text: 'scores, an entry with its share of draw and commit',
    budget: 2_100,
    published: 'Prime Intellect 276k a call, OpenFL 556–710k a voter',
  },
  { name: 'scorePerEntrySecond', text: 'scores, an entry, second round', budget: 2_100 },
  { name: 'scorePerEntryWorst', text: 'scores, an entry, dearest of rounds 2 to 12' },
  { name: 'scorePerEntryFirst', text: 'scores, an entry, first round' },
  {
    name: 'settlePerContributor',
    text: 'settle, a contributor',
    budget: 23_000,
    published: 'OpenFL 103k',
  },
  { name: 'settlePerContributorSecond', text: 'settle, a contributor, second round', budget: 24_000 },
  {
    name: 'settlePerContributorWorst',
    text: 'settle, a contributor, dearest of rounds 2 to 12',
    budget: 24_000,
  },
  { name: 'settlePerContributorFirst', text: 'settle, a contributor, first round', budget: 45_000 },
  {
    name: 'claim',
    text: 'claim, later',
    budget: 58_000,
    isUsersCall: true,
    published: '125k, 85.8k, 77k',
  },
  {
    name: 'claimWithPending',
    text: 'claim, later, while newer pay is pending',
    budget: 58_000,
    isUsersCall: true,
  },
  { name: 'claimFirst', text: 'claim, fresh wallet', budget: 68_000, isUsersCall: true },
  {
    name: 'claimFirstWithPending',
    text: 'claim, fresh wallet, while newer pay is pending',
    isUsersCall: true,
  },
  { name: 'slash', text: 'slash', budget: 55_000, isUsersCall: true, published: '89–420k' },
  { name: 'seize', text: 'seize, first case in a task' },
  { name: 'restore', text: 'restore' },
  { name: 'forfeit', text: 'forfeit, first in a task' },
  { name: 'rollBack', text: 'roll back a model, first in a task' },
  {
    name: 'roundPerContributor',
    text: 'a round, a contributor, all in, alone',
    budget: 80_000,
    published: 'Prime Intellect 401k',
  },
  { name: 'roundPerContributorSecond', text: 'the same, second round', budget: 83_000 },
  { name: 'roundPerContributorWorst', text: 'the same, dearest of rounds 2 to 12', budget: 83_000 },
  { name: 'roundPerContributorFirst', text: 'the same, first round' },
  {
    name: 'roundPerContributorRelayed',
    text: 'a round, a contributor, all in, relayed',
    budget: 50_000,
    published: 'none',
  },
  { name: 'roundPerContributorRelayedSecond', text: 'the same, second round', budget: 53_000 },
  { name: 'roundPerContributorRelayedWorst', text: 'the same, dearest of rounds 2 to 12', budget: 53_000 },
  { name: 'roundPerContributorRelayedFirst', text: 'the same, first round' },
] as const satisfies readonly Figure[]

/** How much more a user's call may cost with 1,000 contributors than with 10: calldata bytes alone vary by less. */
const GROWTH_TOLERANCE = 0.03

/** One sentence for every budget that the largest stage breaks and every user's call that grows with it. */
export function complaints(byContributors: ReadonlyMap<number, Figures>): string[] {
  const sizes = [...byContributors.keys()].sort((a, b) => a - b)
  const smallest = byContributors.get(sizes[0] ?? 0)
  const largest = byContributors.get(sizes.at(-1) ?? 0)
  if (smallest === undefined || largest === undefined) return ['Nothing was measured']
  return FIGURES.flatMap((figure: Figure) => {
    const name = figure.name as FigureName
    const gas = largest[name]
    const found: string[] = []
    if (figure.budget !== undefined && gas > figure.budget)
      found.push(`${figure.text}: ${gas} gas is above its budget of ${figure.budget}`)
    if (figure.isUsersCall && gas > smallest[name] * (1 + GROWTH_TOLERANCE))
      found.push(
        `${figure.text}: grows from ${smallest[name]} gas at ${sizes[0]} to ${gas} at ${sizes.at(-1)}`,
      )
    return found
  })
}

/** A table for people: ours by number of contributors, the budget, and what peers published. */
export function table(byContributors: ReadonlyMap<number, Figures>): string {
  const sizes = [...byContributors.keys()]
  const rows = FIGURES.map((figure: Figure) => [
    figure.text,
    ...sizes.map((size) => thousands(byContributors.get(size)?.[figure.name as FigureName])),
    figure.budget === undefined ? '' : `≤ ${thousands(figure.budget)}`,
    figure.published ?? '',
  ])
  const head = [
    'gas',
    ...sizes.map((size) => `N = ${size}`),
    'budget',
    'published by peers, not measured here',
  ]
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (row: string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}

function thousands(gas: number | undefined): string {
  return gas === undefined ? '?' : Math.round(gas).toLocaleString('en-US')
}

/** Highest allowed gas by the figure's name. */
export const BUDGETS: ReadonlyMap<string, number> = new Map(
  FIGURES.flatMap(({ name, budget }: Figure) => (budget === undefined ? [] : [[name, budget]])),
)
