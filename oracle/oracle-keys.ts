import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { Address, Hex } from 'viem'
import { hexToBytes, keccak256 } from 'viem/utils'

/** Secrets of one validator, all derived from one seed, so that no key is lost with a disk. */
export type OracleKeys = {
  /** Public half of the key to which contributors encrypt evidence (X-Wing). */
  encryptionKey(): Promise<Uint8Array>
  /** Decrypts what was encrypted to that key. @throws EncryptionError when it is for another key, or was altered */
  decrypt(encrypted: Uint8Array, aad: string): Promise<Uint8Array>
  /** Key under which this account encrypts a held-out pool: the same one each time. */
  poolKey(pool: { specHash: Hash; poolRoot: Hash }): Uint8Array
  /** What draws how this oracle compares samples with a pool. Nobody else knows it, and so nobody can try whether copies pass. */
  copiesSeed(pool: { specHash: Hash; poolRoot: Hash }): Hash
  /** Salt of a vote in a panel. Nobody else can guess it. */
  juryVoteSalt(vote: { chainId: number; jury: Address; panelId: bigint; question: Hash }): Hash
  /**
   * Salt of a score sheet. Nobody else can guess it, nor learn it from what the same key reveals on another chain or
   * contract.
   */
  saltOf(sheet: {
    chainId: number
    rounds: Address
    validator: Address
    taskId: bigint
    round: number
    attempt: number
  }): Hash
}

/** The default key seed. Only the private key gives it, and it reveals nothing about that key. */
export function keySeedOf(privateKey: Hex): Hash {
  return deriveSeed(keccak256(privateKey), 'assay validator key seed')
}

export function oracleKeys(seed: Hash): OracleKeys {
  let pair: Promise<{ publicKey: Uint8Array; secretKey: Uint8Array }> | undefined
  const encryption = () => import('@assay/sdk/protocol/encryption.ts')
  const keys = () => {
    pair ??= encryption().then(({ generateEncryptionKeys }) =>
      generateEncryptionKeys(hexToBytes(deriveSeed(seed, 'encryption'))),
    )
    return pair
  }
  return {
    encryptionKey: async () => (await keys()).publicKey,
    decrypt: async (encrypted, aad) => {
      const { decrypt } = await encryption()
      return decrypt((await keys()).secretKey, encrypted, aad)
    },
    poolKey: ({ specHash, poolRoot }) => hexToBytes(deriveSeed(seed, 'pool key', specHash, poolRoot)),
    copiesSeed: ({ specHash, poolRoot }) => deriveSeed(seed, 'pool copies', specHash, poolRoot),
    juryVoteSalt: ({ chainId, jury, panelId, question }) =>
      deriveSeed(seed, 'jury vote salt', BigInt(chainId), BigInt(jury), panelId, question),
    saltOf: ({ chainId, rounds, validator, taskId, round, attempt }) =>
      deriveSeed(
        seed,
        'score salt',
        BigInt(chainId),
        BigInt(rounds),
        BigInt(validator),
        taskId,
        BigInt(round),
        BigInt(attempt),
      ),
  }
}
