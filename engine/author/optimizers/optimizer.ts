/** What turns gradients into the next weights. Its own tensors belong to a machine and begin anew each round. */
import { backward } from '../tape/backward.ts'
import { input, type Tape, type Tensor } from '../tape/tape.ts'
import { adam } from './adam.ts'
import { momentum } from './momentum.ts'
import { sgd } from './sgd.ts'

export type Optimizer =
  /** w ← w − rate · g */
  | { kind: 'sgd' }
  /** v ← momentum · v + g,  w ← w − rate · v */
  | { kind: 'momentum'; momentum: number }
  /** Adam with decoupled weight decay; with a decay of 0 it is Adam. */
  | { kind: 'adam'; beta1: number; beta2: number; epsilon: number; weightDecay: number }

/** A tensor that an optimizer keeps from step to step, and the value that all of it begins with. */
export type LocalTensor = { name: string; shape: readonly number[]; begins: number }

/** What an optimizer writes into the graph: `<name>_next` of each weight and of each of its own tensors, by that name. */
export type Update = { next: Map<string, Tensor>; local: LocalTensor[] }

/** What an optimizer starts from. */
export type Descent = {
  weights: readonly Tensor[]
  /** One for each weight. */
  gradients: readonly Tensor[]
  /** Learning rate, a number. */
  rate: Tensor
  /** Declares a tensor of the optimizer's own and gives its value before the step. */
  keep: (name: string, shape: readonly number[], begins: number) => Tensor
  /** Names the value after the step of a weight or of a tensor that is kept. */
  become: (before: Tensor, after: Tensor) => void
}

/** Adds gradients and one step of the optimizer to the tape that computes `loss` (one number). */
export function descend(
  { loss, weights, rate }: { loss: Tensor; weights: readonly Tensor[]; rate: Tensor },
  optimizer: Optimizer,
): Update {
  const update: Update = { next: new Map(), local: [] }
  // The rate in every gradient saves a product for each weight.
  const gradients = backward(loss, weights, optimizer.kind === 'sgd' ? rate : undefined)
  const descent: Descent = { weights, gradients, rate, ...bookkeeping(loss.tape, update) }
  switch (optimizer.kind) {
    case 'sgd':
      sgd(descent)
      break
    case 'momentum':
      momentum(descent, optimizer)
      break
    case 'adam':
      adam(descent, optimizer)
  }
  return update
}

function bookkeeping(tape: Tape, { next, local }: Update): Pick<Descent, 'keep' | 'become'> {
  return {
    keep: (name, shape, begins) => {
      local.push({ name, shape, begins })
      return input(tape, name, shape)
    },
    become: ({ name }, after) => next.set(`${name}_next`, after),
  }
}
