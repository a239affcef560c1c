import type { SimulatedBehaviour } from '@assay/lab/behaviours/behaviour.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Share } from './mix.ts'
import type { FederationOptions } from './options.ts'

/** Somebody with a key of their own. */
export interface Account {
  name: string
  privateKey: Hash
  address: `0x${string}`
  /** Different for everybody, so that the order within a block does not depend on who was quicker. */
  priorityFeeWei: bigint
}

/** Somebody with a part: `honest`, or the name of a behaviour. */
interface Player extends Account {
  behaviour: string
}

interface ContributorRole extends Player {
  /** Which honest contributor helps it, if its behaviour needs that. */
  accomplice: string | undefined
}

export interface Cast {
  owner: Account
  contributors: ContributorRole[]
  validators: Player[]
}

const GWEI = 1_000_000_000n

/** Everything random of the demo starts here. */
export function demoSeed(seed: number): Hash {
  return keccak256(toHex(`assay demo ${seed}`))
}

/**
 * Who takes part. Those who deviate come last, so that with one seed the honest have the same keys and the same shards whatever the mix.
 */
export function castOf(options: FederationOptions): Cast {
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

function contributorsOf(options: FederationOptions, account: (name: string) => Account): ContributorRole[] {
  const attackers = playersOf(options.attackers)
  const honest = options.contributors - attackers.length
  return Array.from({ length: options.contributors }, (_, i) => {
    const attacker = attackers[i - honest]
    const accomplice = attacker?.accomplice && nameOf('contributor', (i - honest) % honest)
    return { ...account(nameOf('contributor', i)), behaviour: attacker?.name ?? 'honest', accomplice }
  })
}

function validatorsOf(options: FederationOptions, account: (name: string) => Account): Player[] {
  const deviants = playersOf(options.deviantValidators)
  const honest = options.validators - deviants.length
  return Array.from({ length: options.validators }, (_, i) => ({
    ...account(nameOf('validator', i)),
    behaviour: deviants[i - honest]?.name ?? 'honest',
  }))
}

/** Each behaviour as often as it is played. */
function playersOf<Behaviour extends SimulatedBehaviour>(shares: Share<Behaviour>[]): Behaviour[] {
  return shares.flatMap(({ behaviour, count }) => Array<Behaviour>(count).fill(behaviour))
}

const nameOf = (role: string, index: number) => `${role}-${String(index + 1).padStart(2, '0')}`
