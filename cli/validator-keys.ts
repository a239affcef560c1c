import { bytesToHex, type Hex } from 'viem'
import { type KeyOptions, privateKeyOf } from './options.ts'

/**
 * The public key that contributors encrypt evidence to. `assay oracle` derives the same one from the same private key.
 */
export async function encryptionKeyOf(options: KeyOptions): Promise<Hex> {
  const { keySeedOf, oracleKeys } = await import('@assay/oracle/oracle-keys.ts')
  const keys = oracleKeys(keySeedOf(await privateKeyOf(options)))
  return bytesToHex(await keys.encryptionKey())
}
