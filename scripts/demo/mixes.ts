import type { SimulatedBehaviour } from '@assay/lab/behaviours/behaviour.ts'
import { BEHAVIOURS } from '@assay/lab/behaviours/registry.ts'
import { validatorOption } from './mix.ts'
import { contributorsFor } from './options.ts'

/** What else can be made of a leaked pool: a mix of its own has all of it. */
const LEAKS = ['leaked-noise', 'leaked-shift', 'leaked-mix']

/**
 * Command lines of the demo that the campaign runs, by name. Every behaviour is in one of them: `everything` has all of the
 * contributors' but {@link LEAKS}, and a validators' behaviour that no other mix has gets a mix of its own.
 */
export function campaignMixes(
  behaviours: readonly SimulatedBehaviour[] = BEHAVIOURS,
): Record<string, string[]> {
  const mixes = {
    default: [],
    invented: ['--attackers', 'gaussian:1,zero:1,label-flip:1'],
    withheld: ['--attackers', 'no-open:1,copy:2', '--validators', '9', '--silent-validators', '1'],
    crowded: ['--attackers', 'sign-flip:2,resubmit:1,copy:1'],
    even: ['--attackers', 'sign-flip:1,label-flip:1,copy:1', '--partition', 'iid'],
    // Without a failed gate nothing tells a lazy validator apart.
    windows: ['--attackers', 'withhold:1', '--lazy-validators', '0'],
    'bad-graph': ['--attackers', 'bad-graph:1'],
    // With even shards the honest have fresh samples of the pool's distribution, as many as each of these has.
    leaked: [
      '--attackers',
      ['leaked-pool', ...LEAKS].map((name) => `${name}:1`).join(','),
      '--partition',
      'iid',
    ],
    'slow-store': ['--attackers', 'none', '--slow-stores', '1'],
    everything: everything(behaviours.filter(({ name }) => !LEAKS.includes(name))),
    larger: [
      '--contributors',
      '20',
      '--validators',
      '13',
      '--lazy-validators',
      '2',
      '--attackers',
      'sign-flip:2,zero:2',
    ],
  }
  const named = new Set(Object.values(mixes).flat())
  const left = behaviours
    .filter((one) => one.role === 'validator')
    .filter((one) => one.defaultCount === 0 && !named.has(`--${validatorOption(one)}`))
  return {
    ...mixes,
    ...Object.fromEntries(left.map((one) => [one.name, [`--${validatorOption(one)}`, '1']])),
  }
}

function everything(behaviours: readonly SimulatedBehaviour[]): string[] {
  const attackers = behaviours
    .filter((one) => one.role === 'contributor')
    .map((behaviour) => ({ behaviour, count: 1 }))
  return [
    '--contributors',
    String(contributorsFor(attackers)),
    '--attackers',
    attackers.map(({ behaviour, count }) => `${behaviour.name}:${count}`).join(','),
  ]
}
