import { demand, EngineRefusal } from '../../refusal.ts'
import type { Optimizer } from './optimizer.ts'

const DEFAULT_MOMENTUM = 0.9
const DEFAULT_DECAY = 0.01
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const
const FORMS = 'sgd, momentum, momentum:0.9, adam, adamw or adamw:0.01'

/**
 * An optimizer by its name, with a number where it takes one: {@link FORMS}.
 *
 * @throws EngineRefusal `spec` that names what can be written
 */
export function readOptimizerText(text: string): Optimizer {
  const [name, amount, ...more] = text.split(':')
  demand(more.length === 0, 'spec', () => `optimizer "${text}" has two colons; use ${FORMS}`)
  switch (name) {
    case 'momentum':
      return { kind: 'momentum', momentum: share(text, amount, DEFAULT_MOMENTUM) }
    case 'adamw':
      return { ...ADAM, weightDecay: share(text, amount, DEFAULT_DECAY) }
    case 'sgd':
    case 'adam':
      demand(amount === undefined, 'spec', () => `${name} takes no number, "${text}" has one; use ${FORMS}`)
      return name === 'sgd' ? { kind: 'sgd' } : { ...ADAM, weightDecay: 0 }
    default:
      throw new EngineRefusal('spec', `there is no optimizer "${text}"; use ${FORMS}`)
  }
}

function share(text: string, amount: string | undefined, otherwise: number): number {
  if (amount === undefined) return otherwise
  demand(
    /^0\.\d{1,9}$/.test(amount) && Number(amount) > 0,
    'spec',
    () => `optimizer "${text}" has "${amount}"; use a decimal between 0 and 1, such as 0.9`,
  )
  return Number(amount)
}
