import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Attack, DemoOptions } from './options.ts'

/** Somebody with a key of their own. */
export interface Account {
  name: string
  privateKey: Hash
  address: `0x${string}`
  /** Distinct for everybody, so that the order within a block does not depend on who was quicker. */
  priorityFeeWei: bigint
}

interface ContributorRole extends Account {
  behaviour: 'honest' | Attack
  /** Whose update a copying contributor is handed. */
  victim: string | undefined
}

interface ValidatorRole extends Account {
  behaviour: 'honest' | 'lazy' | 'silent'
}

export interface Cast {
  owner: Account
  contributors: ContributorRole[]
  validators: ValidatorRole[]
}

const GWEI = 1_000_000_000n

/** Everything random of the demo starts here. */
export function demoSeed(seed: number): Hash {
  return keccak256(toHex(`assay demo ${seed}`))
}

/**
 * Who takes part. Cheats take the last places, so that with one seed the honest have the same keys and the same shards
 * whatever the mix.
 */
export function castOf(options: DemoOptions): Cast {
  const seed = demoSeed(options.seed)
  let fees = 0n
  const account = (name: string): Account => {
    const privateKey = deriveSeed(seed, `key of ${name}`)
    fees += 1n
    return {
      name,
      privateKey,
      address: privateKeyToAccount(privateKey).address,
      priorityFeeWei: GWEI + fees * 1000n,
    }
  }
  return {
    owner: account('owner'),
    contributors: contributorsOf(options, account),
    validators: validatorsOf(options, account),
  }
}

function contributorsOf(options: DemoOptions, account: (name: string) => Account): ContributorRole[] {
  const attacks = options.attackers.flatMap(({ attack, count }) => Array<Attack>(count).fill(attack))
  const honest = options.contributors - attacks.length
  return Array.from({ length: options.contributors }, (_, i) => {
    const behaviour = attacks[i - honest] ?? 'honest'
    const victim = behaviour === 'copy' ? nameOf('contributor', (i - honest) % honest) : undefined
    return { ...account(nameOf('contributor', i)), behaviour, victim }
  })
}

function validatorsOf(options: DemoOptions, account: (name: string) => Account): ValidatorRole[] {
  const { validators, lazyValidators, silentValidators } = options
  const honest = validators - lazyValidators - silentValidators
  return Array.from({ length: validators }, (_, i) => {
    const behaviour = i < honest ? 'honest' : i < honest + lazyValidators ? 'lazy' : 'silent'
    return { ...account(nameOf('validator', i)), behaviour }
  })
}

const nameOf = (role: string, index: number) => `${role}-${String(index + 1).padStart(2, '0')}`
