import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  randomUUID,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { bytesToHex, concat, type Hex, hexToBytes, isHex, keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { CliError } from './failure.ts'

/*
 * Encrypted keys in the format that wallets share (Web3 Secret Storage, version 3):
 *
 *   derived    = scrypt(password, salt, N, r, p), 32 bytes
 *   ciphertext = AES-128-CTR(key = derived[0…15], iv)(private key)
 *   mac        = keccak256(derived[16…31] ‖ ciphertext)
 */
const COST = { n: 131_072, r: 8, p: 1, dklen: 32 }
/** scrypt takes 128·N·r bytes. A file that asks for more than this is refused, so that it can't fill the memory. */
const MOST_SCRYPT_BYTES = 1024 * 1024 * 1024

const hexText = z.string().regex(/^(0x)?([0-9a-fA-F]{2})+$/)
const keystoreSchema = z.object({
  version: z.literal(3),
  address: hexText.optional(),
  crypto: z.object({
    cipher: z.literal('aes-128-ctr'),
    cipherparams: z.object({ iv: hexText }),
    ciphertext: hexText,
    kdf: z.literal('scrypt'),
    kdfparams: z.object({
      n: z.number().int(),
      r: z.number().int(),
      p: z.number().int(),
      dklen: z.literal(32),
      salt: hexText,
    }),
    mac: hexText,
  }),
})

/**
 * Encrypts a private key.
 * @param cost scrypt's N, a power of two; lower only for tests
 * @returns the file's text
 */
export function encryptKey(privateKey: Hex, password: string, cost = COST.n): string {
  const [salt, iv] = [randomBytes(32), randomBytes(16)]
  const kdfparams = { ...COST, n: cost, salt: salt.toString('hex') }
  const derived = derive(password, kdfparams)
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(hexToBytes(privateKey)), cipher.final()])
  const { address } = privateKeyToAccount(privateKey)
  return `${JSON.stringify(
    {
      version: 3,
      id: randomUUID(),
      address: address.slice(2).toLowerCase(),
      crypto: {
        cipher: 'aes-128-ctr',
        cipherparams: { iv: iv.toString('hex') },
        ciphertext: ciphertext.toString('hex'),
        kdf: 'scrypt',
        kdfparams,
        mac: macOf(derived, ciphertext).slice(2),
      },
    },
    undefined,
    2,
  )}\n`
}

/**
 * Decrypts a keystore file's text.
 * @throws CliError when it isn't a version 3 keystore with scrypt, or the password is wrong
 */
export function decryptKey(text: string, password: string, file: string): Hex {
  const { crypto } = parseKeystore(text, file)
  const derived = derive(password, crypto.kdfparams)
  const ciphertext = fromHex(crypto.ciphertext)
  if (!equal(hexToBytes(macOf(derived, ciphertext)), fromHex(crypto.mac))) {
    throw new CliError(
      'failed',
      `The password does not decrypt ${file}.`,
      'Check it (ASSAY_KEYSTORE_PASSWORD or --password-file).',
    )
  }
  const cipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), fromHex(crypto.cipherparams.iv))
  return bytesToHex(Buffer.concat([cipher.update(ciphertext), cipher.final()]))
}

/** The address that a keystore names, without its password; undefined if it names none. */
export function addressOfKeystore(text: string, file: string): Hex | undefined {
  const { address } = parseKeystore(text, file)
  return address === undefined ? undefined : bytesToHex(fromHex(address))
}

/** Reads a keystore file. @throws CliError when it can't be read */
export function readKeystore(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'usage',
      `The keystore ${file} can't be read: ${reason}.`,
      `Make one with: assay keys create ${file}`,
    )
  }
}

/** Writes a new keystore that only its owner can read. @throws CliError when the file exists already */
export function writeKeystore(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'failed',
      `The keystore ${file} can't be written: ${reason}.`,
      'Choose another file name.',
    )
  }
}

/** Parses `0x` and 64 digits. @throws CliError for anything else, without repeating the text */
export function parsePrivateKey(text: string, source: string): Hex {
  const key = text.trim().startsWith('0x') ? text.trim() : `0x${text.trim()}`
  if (isHex(key) && key.length === 66) return key
  throw new CliError('usage', `${source} does not hold a private key.`, 'It is 0x and 64 hexadecimal digits.')
}

function parseKeystore(text: string, file: string): z.infer<typeof keystoreSchema> {
  try {
    const raw = JSON.parse(text) as Record<string, unknown>
    // Some wallets write `Crypto`.
    return keystoreSchema.parse({ ...raw, crypto: raw.crypto ?? raw.Crypto })
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined
    const reason =
      issue === undefined ? 'it is not JSON' : `${issue.path.join('.') || 'the file'}: ${issue.message}`
    throw new CliError(
      'failed',
      `${file} is not a version 3 keystore with scrypt (${reason}).`,
      'Make one with: assay keys create FILE',
    )
  }
}

function derive(
  password: string,
  { n, r, p, salt }: { n: number; r: number; p: number; salt: string },
): Buffer {
  const needed = 128 * n * r
  const isPowerOfTwo = n > 1 && Number.isInteger(Math.log2(n))
  if (!isPowerOfTwo || r < 1 || p < 1 || p > 16 || needed > MOST_SCRYPT_BYTES) {
    throw new CliError(
      'failed',
      `The keystore asks for scrypt with N ${n}, r ${r}, p ${p}: more than ${MOST_SCRYPT_BYTES} bytes, or not valid.`,
      'Encrypt the key again with: assay keys create FILE',
    )
  }
  return scryptSync(password.normalize('NFKC'), fromHex(salt), 32, {
    N: n,
    r,
    p,
    maxmem: 2 * needed + 1_048_576,
  })
}

function macOf(derived: Buffer, ciphertext: Uint8Array): Hex {
  return keccak256(concat([derived.subarray(16, 32), ciphertext]))
}

function fromHex(text: string): Uint8Array {
  return hexToBytes(`0x${text.replace(/^0x/, '')}`)
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
