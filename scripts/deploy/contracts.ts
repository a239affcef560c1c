/** What the deployment's contracts are called in the Ignition module, by their names in a record. */
export const CONTRACTS = {
  assayToken: 'AssayToken',
  stakeRegistry: 'StakeRegistry',
  beacon: 'BlockHashBeacon',
  tasks: 'Tasks',
  rounds: 'Rounds',
  roundsExtension: 'RoundsExtension',
  roundsMembership: 'RoundsMembership',
  roundsCases: 'RoundsCases',
  roundsLens: 'RoundsLens',
  canaries: 'Canaries',
  accusations: 'Accusations',
  court: 'Court',
  jury: 'Jury',
  windowAccusations: 'WindowAccusations',
} as const

/** Their addresses. */
export type Contracts = Record<keyof typeof CONTRACTS, `0x${string}`>
