/** The states of a window that its evidence shows. */
import type { Hash } from '../hash.ts'
import { type State, stateHash } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import { readDifference } from './state-difference.ts'

/** What evidence says of them. Only the form is checked. */
export type WindowStates = {
  /** The state before the window, as a difference to the one that the round starts from. */
  difference: Uint8Array
  /** In tolerant tasks: the state after it, as a difference to the one before. */
  endDifference?: Uint8Array
  hashBefore: Hash
  hashAfter: Hash
}

/** The states themselves. */
export type ShownStates = {
  stateBefore: State
  /** In tolerant tasks. */
  stateAfter?: State
}

/**
 * The states that evidence shows before its window and, in tolerant tasks, after it.
 *
 * @param start the state that the round starts from
 * @param before the state before the window, where it needn't be shown
 * @throws EngineRefusal `evidence` or `state` unless they have the hashes that the evidence names
 */
export function shownStates(spec: TaskSpec, start: State, states: WindowStates, before?: State): ShownStates {
  const { difference, endDifference, hashBefore, hashAfter } = states
  const stateBefore = before ?? shownState(spec, start, { difference, hash: hashBefore, where: 'before' })
  if (endDifference === undefined) return { stateBefore }
  const end = { difference: endDifference, hash: hashAfter, where: 'after' } as const
  return { stateBefore, stateAfter: shownState(spec, stateBefore, end) }
}

function shownState(
  spec: TaskSpec,
  from: State,
  shown: { difference: Uint8Array; hash: Hash; where: 'before' | 'after' },
): State {
  const state = readDifference(spec, from, shown.difference)
  const hash = stateHash(spec, state)
  demand(
    hash === shown.hash,
    'evidence',
    () => `the state shown ${shown.where} the window is ${hash}, its evidence says ${shown.hash}`,
  )
  return state
}
