/** Names of what the lab doesn't have: a chain, its contracts and a task on it. Commitments hash them. */
export const CHAIN_ID = 1
export const ROUNDS = `0x${'10'.repeat(20)}` as const
export const TASK_ID = 1n
